using Connectors.Qwen.Testing.Replies;

namespace Connectors.Qwen.Testing.Behaviors;

/// <summary>Resets the connection at once.</summary>
internal sealed class ResetBehavior : QwenBehavior
{
    internal override Task RunAsync(Reply reply)
    {
        reply.Reset();
        return Task.CompletedTask;
    }
}
