using Connectors.Qwen.Testing.Replies;

namespace Connectors.Qwen.Testing.Behaviors.Streams;

/// <summary>Keeps a stream alive with comments before it answers.</summary>
internal sealed class CommentsBehavior(int count, TimeSpan interval) : QwenBehavior
{
    internal override async Task RunAsync(Reply reply)
    {
        var answer = reply.Prepare();
        if (!reply.IsStream)
        {
            await reply.SendAsync(answer).ConfigureAwait(false);
            return;
        }

        await reply.StartStreamAsync().ConfigureAwait(false);
        for (var sent = 0; sent < count; sent++)
        {
            await reply.SendAsync(": keep-alive\n\n"u8.ToArray()).ConfigureAwait(false);
            await reply.DelayAsync(interval).ConfigureAwait(false);
        }

        await reply.SendAsync(answer.Events).ConfigureAwait(false);
    }
}
