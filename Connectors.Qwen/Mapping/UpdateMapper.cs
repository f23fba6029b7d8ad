using System.Text.Json;
using Connectors.Qwen.Continuation;
using Connectors.Qwen.Mapping.Words;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>
/// Makes the updates of one streamed answer, and knows when it is complete. Every update carries the same ids and role, so
/// that they come together as one message; usage and the finish reason are told once, at the end.
/// </summary>
/// <param name="mayRepeat">Whether the server may send all the text so far with each delta.</param>
/// <param name="thinkTags">Whether reasoning in tags at the beginning of the text is handed out as reasoning.</param>
/// <param name="repeatsLikely">Whether it has sent the beginning of this answer so.</param>
/// <param name="hidesReasoning">Whether the caller wants no reasoning: then it is progress, and not shown.</param>
internal sealed class UpdateMapper(
    bool mayRepeat = false,
    bool thinkTags = false,
    bool repeatsLikely = false,
    bool hidesReasoning = false
)
{
    private readonly AnswerWords _words = new(mayRepeat, thinkTags, repeatsLikely);
    private readonly ToolCallAssembler _calls = new();
    private readonly ToolCallAssembler _lateCalls = new();
    private readonly SpokenAnswer _sound = new();
    private readonly TokenProbabilities _probabilities = new();
    private JsonElement? _searchInfo;
    private string? _id;
    private string? _model;
    private DateTimeOffset? _createdAt;
    private WireUsage? _usage;
    private string? _finishReason;
    private bool _hasContent;
    private bool _hasReasoning;
    private bool _endsWithUsage;
    private bool _isCited;

    /// <summary>Whether the server has said why the model stopped: only then is the answer whole.</summary>
    public bool IsFinished => AnswerFacts.FinishReason(_finishReason, hasToolCalls: false) is not null;

    /// <summary>Whether <see cref="Finish"/> need not wait for the usage figures: nearly always.</summary>
    public bool IsReadyToFinish => IsFinished && (!_words.IsInDoubt || _usage is not null);

    /// <summary>
    /// Whether the whole answer is nothing at all, once it is finished. A filter and a limit may leave nothing and are told
    /// as such.
    /// </summary>
    public bool IsEmpty => (!_hasContent || IsPlaceholder) && MayBeEmpty;

    /// <summary>Whether a degraded server's placeholder is all that came in place of an answer.</summary>
    public bool IsPlaceholder => _words.IsPlaceholder && MayBeEmpty;

    /// <summary>Whether the server repeats its text with each event, but then said something else: nothing fits any more.</summary>
    public bool IsContradicted => _words.IsContradicted;

    /// <summary>
    /// Whether the stream may end here although the server did not say why the model stopped: text was all that came, and then
    /// the usage figures in a chunk of their own, which the service writes last.
    /// </summary>
    public bool IsCounted => _endsWithUsage && IsText;

    /// <summary>Whether text came, be it with reasoning, and neither a piece of a tool call nor sound.</summary>
    public bool IsText => _words.HasText && _calls.IsEmpty && _sound.IsEmpty;

    /// <summary>What the answer has cost as far as the server has said; null when it has not.</summary>
    public UsageDetails? Usage => AnswerFacts.Usage(_usage);

    /// <summary>Whether the server sends all the text so far with each delta.</summary>
    public bool IsCumulative => _words.IsCumulative;

    private bool MayBeEmpty => _calls.IsEmpty && _finishReason is "stop" or "tool_calls" or "function_call";

    /// <summary>The update of one chunk; null when it has nothing to show.</summary>
    public ChatResponseUpdate? Map(in StreamChunk chunk)
    {
        return chunk.Rare is { } rare ? MapRare(rare) : MapDelta(chunk.Content, chunk.Reasoning);
    }

    /// <summary>Takes what came for all: the model stopped by itself, although the server did not say so.</summary>
    public void TakeForFinished()
    {
        _finishReason = "stop";
    }

    /// <summary>The end of the message: the words that were held, its tool calls and why it ended.</summary>
    public ChatResponseUpdate Finish()
    {
        Settle();
        var update = NewUpdate(1);
        TakeWords(update);
        update.FinishReason = AnswerFacts.FinishReason(_finishReason, hasToolCalls: !_calls.IsEmpty);
        foreach (var call in _calls.Finish(_id, update.FinishReason))
        {
            update.Contents.Add(call);
        }

        Cite(update);
        update.AdditionalProperties = _probabilities.All();
        return update;
    }

    /// <summary>
    /// What is known of the response as a whole. It names no message, so that what it says lands on the response when
    /// updates are put together.
    /// </summary>
    public ChatResponseUpdate Facts()
    {
        var update = NewUpdate(1);
        update.MessageId = null;
        Settle();
        TakeWords(update);
        foreach (var call in _lateCalls.Finish(_id, reason: null))
        {
            update.Contents.Add(call);
        }

        Cite(update);
        if (Usage is { } usage)
        {
            update.Contents.Add(new UsageContent(usage));
        }

        return update;
    }

    // Once: the words are out already, and the sources stand behind them.
    private void Cite(ChatResponseUpdate update)
    {
        if (!_isCited && Citations.Of(_searchInfo) is { } citations)
        {
            update.Contents.Add(new TextContent("") { Annotations = citations });
            _isCited = true;
        }
    }

    private ChatResponseUpdate? MapRare(WireAnswer answer)
    {
        _id ??= string.IsNullOrEmpty(answer.Id) ? null : answer.Id;
        _model ??= answer.Model;
        _createdAt ??= AnswerFacts.CreatedAt(answer.Created);
        // Some routes repeat growing figures on each chunk: the last ones are the sum.
        _usage = answer.Usage ?? _usage;
        _searchInfo = answer.SearchInfo ?? _searchInfo;
        // Only figures in a chunk of their own: some routes repeat them on each chunk.
        _endsWithUsage |= answer is { Usage: not null, Choices.Count: 0 };
        // One answer was asked for; were there more, their words would come mixed.
        var choice = answer.Choices?.FirstOrDefault(static candidate => candidate.Index is null or 0);
        var update = choice is null ? null : MapChoice(choice);
        if (answer.Raw is { } raw)
        {
            update ??= Identify(new SilentUpdate());
            update.RawRepresentation = raw;
        }

        return update;
    }

    private ChatResponseUpdate? MapChoice(WireChoice choice)
    {
        // What comes after the end is not part of it: shown, so that it is not lost in silence, but never to be executed.
        var isLate = IsFinished;
        var calls = isLate ? _lateCalls : _calls;
        // The first reason stands; a duplicate finish chunk changes nothing.
        if (!isLate)
        {
            _finishReason = choice.FinishReason;
        }

        var delta = choice.Delta ?? choice.Message;
        foreach (var piece in delta?.ToolCalls ?? [])
        {
            calls.Add(piece);
        }

        var content = string.IsNullOrEmpty(delta?.Content) ? SpokenAnswer.Transcript(delta?.Audio) : delta.Content;
        var update = MapDelta(content, delta?.ReasoningContent ?? delta?.Reasoning, delta);
        // All of them stand on the last update, which is out by then.
        if (!isLate && _probabilities.Add(choice.Logprobs) && update is not null)
        {
            update.AdditionalProperties = TokenProbabilities.Properties(choice.Logprobs!.Value);
        }

        // A piece of a tool call is not shown, but it is progress: clocks outside must see that something came.
        return update is null && delta?.ToolCalls is { Count: > 0 } ? NewUpdate(0) : update;
    }

    private ChatResponseUpdate? MapDelta(string? content, string? reasoning, WireAnswerMessage? rare = null)
    {
        var saysNothing = true;
        if (!string.IsNullOrEmpty(reasoning))
        {
            saysNothing = false;
            _hasReasoning = true;
            _words.AddReasoning(reasoning);
        }

        if (!string.IsNullOrEmpty(content))
        {
            saysNothing = false;
            _words.AddText(content);
        }

        if (!string.IsNullOrEmpty(rare?.Refusal))
        {
            saysNothing = false;
            _words.Ready.Add(new ErrorContent(rare.Refusal) { ErrorCode = AnswerFacts.Refusal });
        }

        if (rare?.Audio is { } piece)
        {
            saysNothing = false;
            Show(_sound.Add(piece));
        }

        if (saysNothing)
        {
            return null;
        }

        _endsWithUsage = false;
        // Empty while words are held: progress, like a piece of a tool call.
        var update = NewUpdate(_words.Ready.Count);
        TakeWords(update);
        return update;
    }

    private void Settle()
    {
        // The tokens of tool calls are among those of the completion and cannot be told from the text's.
        var all = _calls.IsEmpty && _lateCalls.IsEmpty ? _usage?.CompletionTokens : null;
        var reasoning = _usage?.CompletionDetails?.Reasoning;
        _words.Settle(
            textTokens: _hasReasoning ? all - reasoning : all,
            reasoningTokens: reasoning ?? all,
            mayBePlaceholder: MayBeEmpty
        );
        Show(_sound.Finish());
    }

    private void Show(AIContent? sound)
    {
        if (sound is not null)
        {
            _words.Ready.Add(sound);
        }
    }

    private void TakeWords(ChatResponseUpdate update)
    {
        var ready = _words.Ready;
        for (var i = 0; i < ready.Count; i++)
        {
            if (!hidesReasoning || ready[i] is not TextReasoningContent)
            {
                update.Contents.Add(ready[i]);
                _hasContent |= !SpokenAnswer.IsUnreadable(ready[i]);
            }
        }

        ready.Clear();
    }

    private ChatResponseUpdate NewUpdate(int contents)
    {
        // Sized to fit: a default list would take room for four.
        return Identify(new ChatResponseUpdate { Contents = new List<AIContent>(contents) });
    }

    private ChatResponseUpdate Identify(ChatResponseUpdate update)
    {
        update.Role = ChatRole.Assistant;
        update.ResponseId = _id;
        update.MessageId = _id;
        update.ModelId = _model;
        update.CreatedAt = _createdAt;
        return update;
    }
}
