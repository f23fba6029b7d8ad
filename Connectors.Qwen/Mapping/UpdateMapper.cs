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
internal sealed class UpdateMapper(bool mayRepeat = false, bool thinkTags = false)
{
    private readonly AnswerWords _words = new(mayRepeat, thinkTags);
    private readonly ToolCallAssembler _calls = new();
    private readonly ToolCallAssembler _lateCalls = new();
    private string? _id;
    private string? _model;
    private DateTimeOffset? _createdAt;
    private WireUsage? _usage;
    private string? _finishReason;
    private bool _hasContent;
    private bool _hasReasoning;

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

    private bool MayBeEmpty => _calls.IsEmpty && _finishReason is "stop" or "tool_calls" or "function_call";

    /// <summary>The update of one chunk; null when it has nothing to show.</summary>
    public ChatResponseUpdate? Map(in StreamChunk chunk)
    {
        return chunk.Rare is { } rare ? MapRare(rare) : MapDelta(chunk.Content, chunk.Reasoning);
    }

    /// <summary>The end of the message: the words that were held, its tool calls and why it ended.</summary>
    public ChatResponseUpdate Finish()
    {
        SettleWords();
        var update = NewUpdate(1);
        TakeWords(update);
        update.FinishReason = AnswerFacts.FinishReason(_finishReason, hasToolCalls: !_calls.IsEmpty);
        foreach (var call in _calls.Finish(_id, update.FinishReason))
        {
            update.Contents.Add(call);
        }

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
        SettleWords();
        TakeWords(update);
        foreach (var call in _lateCalls.Finish(_id, reason: null))
        {
            update.Contents.Add(call);
        }

        if (AnswerFacts.Usage(_usage) is { } usage)
        {
            update.Contents.Add(new UsageContent(usage));
        }

        return update;
    }

    private ChatResponseUpdate? MapRare(WireAnswer answer)
    {
        _id ??= string.IsNullOrEmpty(answer.Id) ? null : answer.Id;
        _model ??= answer.Model;
        _createdAt ??= AnswerFacts.CreatedAt(answer.Created);
        // Some routes repeat growing figures on each chunk: the last ones are the sum.
        _usage = answer.Usage ?? _usage;
        // One answer was asked for; were there more, their words would come mixed.
        if (answer.Choices?.FirstOrDefault(static candidate => candidate.Index is null or 0) is not { } choice)
        {
            return null;
        }

        // What comes after the end is not part of it: shown, so that it is not lost in silence, but never to be executed.
        var calls = IsFinished ? _lateCalls : _calls;
        // The first reason stands; a duplicate finish chunk changes nothing.
        if (!IsFinished)
        {
            _finishReason = choice.FinishReason;
        }

        var delta = choice.Delta ?? choice.Message;
        foreach (var piece in delta?.ToolCalls ?? [])
        {
            calls.Add(piece);
        }

        var update = MapDelta(delta?.Content, delta?.ReasoningContent ?? delta?.Reasoning, delta?.Refusal);
        // A piece of a tool call is not shown, but it is progress: clocks outside must see that something came.
        return update is null && delta?.ToolCalls is { Count: > 0 } ? NewUpdate(0) : update;
    }

    private ChatResponseUpdate? MapDelta(string? content, string? reasoning, string? refusal = null)
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

        if (!string.IsNullOrEmpty(refusal))
        {
            saysNothing = false;
            _words.Ready.Add(new ErrorContent(refusal) { ErrorCode = AnswerFacts.Refusal });
        }

        if (saysNothing)
        {
            return null;
        }

        // Empty while words are held: progress, like a piece of a tool call.
        var update = NewUpdate(_words.Ready.Count);
        TakeWords(update);
        return update;
    }

    private void SettleWords()
    {
        // The tokens of tool calls are among those of the completion and cannot be told from the text's.
        var all = _calls.IsEmpty && _lateCalls.IsEmpty ? _usage?.CompletionTokens : null;
        var reasoning = _usage?.CompletionDetails?.Reasoning;
        _words.Settle(
            textTokens: _hasReasoning ? all - reasoning : all,
            reasoningTokens: reasoning ?? all,
            mayBePlaceholder: MayBeEmpty
        );
    }

    private void TakeWords(ChatResponseUpdate update)
    {
        var ready = _words.Ready;
        for (var i = 0; i < ready.Count; i++)
        {
            update.Contents.Add(ready[i]);
            _hasContent = true;
        }

        ready.Clear();
    }

    private ChatResponseUpdate NewUpdate(int contents)
    {
        return new ChatResponseUpdate
        {
            Role = ChatRole.Assistant,
            // Sized to fit: a default list would take room for four.
            Contents = new List<AIContent>(contents),
            ResponseId = _id,
            MessageId = _id,
            ModelId = _model,
            CreatedAt = _createdAt,
        };
    }
}
