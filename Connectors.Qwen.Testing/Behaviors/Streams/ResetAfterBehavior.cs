using Connectors.Qwen.Testing.Replies;

namespace Connectors.Qwen.Testing.Behaviors.Streams;

/// <summary>Begins the answer, then resets the connection.</summary>
internal sealed class ResetAfterBehavior(int chunks) : QwenBehavior
{
    internal override async Task RunAsync(Reply reply)
    {
        await reply.SendHeadAsync(reply.Prepare(), chunks).ConfigureAwait(false);
        reply.Reset();
    }
}
