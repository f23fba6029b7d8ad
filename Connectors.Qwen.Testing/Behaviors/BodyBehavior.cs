using Connectors.Qwen.Testing.Replies;

namespace Connectors.Qwen.Testing.Behaviors;

/// <summary>Answers with a body known beforehand.</summary>
internal sealed class BodyBehavior(
    int status,
    string contentType,
    ReadOnlyMemory<byte> body,
    IReadOnlyList<(string Name, string Value)> headers
) : QwenBehavior
{
    internal override Task RunAsync(Reply reply)
    {
        reply.SendBody(status, contentType, body, headers);
        return Task.CompletedTask;
    }
}
