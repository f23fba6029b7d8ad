using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>Makes the updates of a further request fit an answer that broke off. Not thread-safe.</summary>
/// <param name="answer">What was handed out.</param>
/// <param name="said">Its text.</param>
/// <param name="own">A beginning of the caller's own, which was sent before the text.</param>
/// <param name="isAnew">Whether the answer was asked for from its beginning.</param>
/// <param name="stops">Where the answer ends.</param>
/// <param name="isEcho">Whether the server is known to say first what it was sent.</param>
internal sealed class Joint(
    AnswerSoFar answer,
    string said,
    string own,
    bool isAnew,
    IReadOnlyList<string> stops,
    bool isEcho = false
)
{
    private readonly Seam _seam = new(said, isAnew, own, isEcho);
    private readonly StopScanner _stops = new(stops, said);
    private bool _isEnded;

    /// <summary>Whether the answer was asked for from its beginning.</summary>
    public bool IsAnew => isAnew;

    /// <summary>What the words at the seam have turned out to be.</summary>
    public SeamState State => _seam.State;

    /// <summary>Whether the server has said all of a longer text once more, be it an echo or a chorus.</summary>
    public bool IsRepetition => _seam.IsRepetition;

    /// <summary>Whether the server went on at once with new words.</summary>
    public bool IsPlain => !isAnew && HasBroughtWords && State == SeamState.Joined;

    /// <summary>Whether a stop sequence was met: what the server says after it is not part of the answer.</summary>
    public bool IsStopped => _stops.IsStopped;

    /// <summary>Whether new words were handed out.</summary>
    public bool HasBroughtWords { get; private set; }

    /// <summary>The update as one of the answer; null when nothing of it is to be handed out.</summary>
    public ChatResponseUpdate? Join(ChatResponseUpdate update)
    {
        var contents = new List<AIContent>(update.Contents.Count);
        var others = new List<AIContent>();
        foreach (var content in update.Contents)
        {
            if (content is TextContent text)
            {
                // Behind the end nothing is held: there is no other word to wait for.
                Add(contents, text, _stops.Add(_seam.Add(text.Text)) + (_isEnded ? _stops.Finish() : ""));
            }
            else if (content is not TextReasoningContent)
            {
                // Reasoning after the answer has begun would be the second one.
                others.Add(content);
            }
        }

        if (update.FinishReason is not null)
        {
            Add(contents, null, End());
        }

        // A call behind the stop is not part of the answer either.
        contents.AddRange(IsStopped ? others.Where(static content => content is not ToolCallContent) : others);
        if (contents.Count == 0 && update is { FinishReason: null, AdditionalProperties: null })
        {
            return null;
        }

        var joined = answer.Adopt(update, contents);
        if (IsStopped)
        {
            joined.FinishReason = ChatFinishReason.Stop;
        }

        return joined;
    }

    /// <summary>What was held when the words ended, once.</summary>
    public string End()
    {
        if (_isEnded)
        {
            return "";
        }

        _isEnded = true;
        return _stops.Add(_seam.Finish()) + _stops.Finish();
    }

    private void Add(List<AIContent> contents, TextContent? from, string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        HasBroughtWords = true;
        contents.Add(
            new TextContent(text)
            {
                Annotations = from?.Annotations,
                AdditionalProperties = from?.AdditionalProperties,
                RawRepresentation = from?.RawRepresentation,
            }
        );
    }
}
