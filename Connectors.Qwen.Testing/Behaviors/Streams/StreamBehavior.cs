using Connectors.Qwen.Testing.Replies;
using Connectors.Qwen.Testing.Wire;

namespace Connectors.Qwen.Testing.Behaviors.Streams;

/// <summary>Answers with data lines known beforehand.</summary>
internal sealed class StreamBehavior(IEnumerable<string> dataLines, bool done) : QwenBehavior
{
    private readonly StreamEvent[] _events =
    [
        .. dataLines.Select(StreamEvent.Verbatim),
        .. done ? [StreamEvent.Done] : Array.Empty<StreamEvent>(),
    ];

    internal override async Task RunAsync(Reply reply)
    {
        await reply.StartStreamAsync().ConfigureAwait(false);
        await reply.SendAsync(_events).ConfigureAwait(false);
    }
}
