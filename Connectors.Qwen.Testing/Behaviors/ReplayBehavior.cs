using Connectors.Qwen.Testing.Replies;

namespace Connectors.Qwen.Testing.Behaviors;

/// <summary>One behaviour for streaming requests, another for the rest.</summary>
internal sealed class ReplayBehavior(QwenBehavior streaming, QwenBehavior plain) : QwenBehavior
{
    internal override Task RunAsync(Reply reply) => (reply.IsStream ? streaming : plain).RunAsync(reply);
}
