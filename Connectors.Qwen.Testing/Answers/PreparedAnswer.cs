using Connectors.Qwen.Testing.Wire;

namespace Connectors.Qwen.Testing.Answers;

/// <summary>An answer ready to be sent: as one body, and for a streaming request as events.</summary>
internal sealed record PreparedAnswer(int Status, ReadOnlyMemory<byte> Body, IReadOnlyList<StreamEvent> Events)
{
    /// <summary>The opening and the first content-bearing events; neither finish nor usage nor end marker.</summary>
    public IEnumerable<StreamEvent> Head(int contentEvents)
    {
        foreach (var @event in Events)
        {
            if (@event.Kind >= StreamEventKind.Finish)
            {
                yield break;
            }

            if (@event.Kind == StreamEventKind.Content && --contentEvents < 0)
            {
                yield break;
            }

            yield return @event;
        }
    }
}
