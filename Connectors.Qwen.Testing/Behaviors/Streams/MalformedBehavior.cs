using System.Text;
using Connectors.Qwen.Testing.Replies;
using Connectors.Qwen.Testing.Wire;

namespace Connectors.Qwen.Testing.Behaviors.Streams;

/// <summary>Puts a data line that nobody can parse into the middle of an answer.</summary>
internal sealed class MalformedBehavior(int chunks, string data) : QwenBehavior
{
    internal override async Task RunAsync(Reply reply)
    {
        if (reply.IsStream)
        {
            var answer = reply.Prepare();
            var head = answer.Head(chunks).ToList();
            await reply.SendHeadAsync(answer, chunks).ConfigureAwait(false);
            await reply.SendAsync(StreamEvent.Verbatim(data)).ConfigureAwait(false);
            await reply.SendAsync(answer.Events.Skip(head.Count)).ConfigureAwait(false);
        }
        else
        {
            reply.SendBody(200, ContentTypes.Json, Encoding.UTF8.GetBytes(data));
        }
    }
}
