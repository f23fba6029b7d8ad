using Connectors.Qwen.Testing.Replies;
using Connectors.Qwen.Testing.Wire;

namespace Connectors.Qwen.Testing.Behaviors.Streams;

/// <summary>Begins the answer, then reports an error and ends.</summary>
internal sealed class ErrorFrameBehavior(int chunks, QwenErrorFrame shape, string code, string message, int status)
    : QwenBehavior
{
    internal override async Task RunAsync(Reply reply)
    {
        if (reply.IsStream)
        {
            await reply.SendHeadAsync(reply.Prepare(), chunks).ConfigureAwait(false);
            var frame = ErrorFrames.Write(shape, reply.Envelope, code, message, status);
            await reply.SendLastAsync(frame).ConfigureAwait(false);
        }
        else
        {
            var type = ErrorBodies.DefaultType(status, code);
            reply.SendBody(status, ContentTypes.Json, ErrorBodies.Compatible(reply.RequestId, code, message, type));
        }
    }
}
