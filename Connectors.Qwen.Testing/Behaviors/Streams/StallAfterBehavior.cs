using Connectors.Qwen.Testing.Replies;

namespace Connectors.Qwen.Testing.Behaviors.Streams;

/// <summary>Begins the answer, then falls silent.</summary>
internal sealed class StallAfterBehavior(int chunks) : QwenBehavior
{
    internal override async Task RunAsync(Reply reply)
    {
        await reply.SendHeadAsync(reply.Prepare(), chunks).ConfigureAwait(false);
        await reply.StaySilentAsync().ConfigureAwait(false);
    }
}
