using Connectors.Qwen.Testing.Replies;

namespace Connectors.Qwen.Testing.Behaviors;

/// <summary>Answers normally, or as scripted.</summary>
internal sealed class AnswerBehavior(QwenSimulatedAnswer? scripted) : QwenBehavior
{
    internal override Task RunAsync(Reply reply) => reply.SendAsync(reply.Prepare(scripted));
}
