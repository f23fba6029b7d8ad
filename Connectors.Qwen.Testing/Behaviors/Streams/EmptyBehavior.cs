using Connectors.Qwen.Testing.Replies;

namespace Connectors.Qwen.Testing.Behaviors.Streams;

/// <summary>Answers with nothing, in the content type that was asked for.</summary>
internal sealed class EmptyBehavior : QwenBehavior
{
    internal override Task RunAsync(Reply reply)
    {
        reply.SendBody(200, reply.IsStream ? ContentTypes.EventStream : ContentTypes.Json, default);
        return Task.CompletedTask;
    }
}
