using Connectors.Qwen.Testing.Replies;

namespace Connectors.Qwen.Testing.Behaviors;

/// <summary>Says nothing, at most the headers of a stream.</summary>
internal sealed class SilenceBehavior : QwenBehavior
{
    internal override async Task RunAsync(Reply reply)
    {
        if (reply.IsStream)
        {
            await reply.StartStreamAsync().ConfigureAwait(false);
        }

        await reply.StaySilentAsync().ConfigureAwait(false);
    }
}
