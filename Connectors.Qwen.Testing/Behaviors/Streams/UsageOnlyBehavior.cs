using Connectors.Qwen.Testing.Answers;
using Connectors.Qwen.Testing.Replies;
using Connectors.Qwen.Testing.Wire;

namespace Connectors.Qwen.Testing.Behaviors.Streams;

/// <summary>Answers with usage and no choice, also when the usage was not asked for.</summary>
internal sealed class UsageOnlyBehavior : QwenBehavior
{
    internal override Task RunAsync(Reply reply)
    {
        var usage = UsageFigures.Of(reply.Request, new QwenSimulatedAnswer());
        var body = CompletionWriter.WriteUsageOnly(reply.Envelope, usage);
        var events = new[] { new ChunkWriter(reply.Envelope).Usage(usage), StreamEvent.Done };
        return reply.SendAsync(new PreparedAnswer(200, body, events));
    }
}
