using Connectors.Qwen.Testing.Replies;

namespace Connectors.Qwen.Testing.Behaviors;

/// <summary>Makes the answer, with all its consequences, and resets the connection.</summary>
internal sealed class LoseAnswerBehavior : QwenBehavior
{
    internal override Task RunAsync(Reply reply)
    {
        _ = reply.Prepare();
        reply.Reset();
        return Task.CompletedTask;
    }
}
