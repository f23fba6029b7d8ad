using Connectors.Qwen.Testing.Replies;

namespace Connectors.Qwen.Testing.Behaviors;

/// <summary>Answers with an error that names the request.</summary>
internal sealed class ErrorBehavior(
    int status,
    Func<string, ReadOnlyMemory<byte>> bodyOfRequestId,
    IReadOnlyList<(string Name, string Value)> headers
) : QwenBehavior
{
    internal override Task RunAsync(Reply reply)
    {
        reply.SendBody(status, ContentTypes.Json, bodyOfRequestId(reply.RequestId), headers);
        return Task.CompletedTask;
    }
}
