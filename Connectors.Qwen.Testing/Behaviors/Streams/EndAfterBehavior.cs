using Connectors.Qwen.Testing.Replies;
using Connectors.Qwen.Testing.Wire;

namespace Connectors.Qwen.Testing.Behaviors.Streams;

/// <summary>Begins the answer, then ends the body as if it were complete.</summary>
internal sealed class EndAfterBehavior(int chunks, bool withDone) : QwenBehavior
{
    internal override async Task RunAsync(Reply reply)
    {
        await reply.SendHeadAsync(reply.Prepare(), chunks).ConfigureAwait(false);
        if (withDone && reply.IsStream)
        {
            await reply.SendLastAsync(StreamEvent.Done.Bytes).ConfigureAwait(false);
        }
    }
}
