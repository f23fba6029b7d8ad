using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping.Words;

/// <summary>
/// The words of one streamed answer, put right: each once although the server may repeat them, no character cut in two,
/// reasoning in tags as reasoning, and no placeholder in place of an answer. Usually a word is handed out as it came.
/// </summary>
/// <param name="mayRepeat">Whether the server may send cumulative text.</param>
/// <param name="isLikely">Whether it has done so before: then one such delta is enough to know.</param>
/// <param name="thinkTags">Whether a text that begins with <c>&lt;think&gt;</c> begins with reasoning.</param>
internal sealed class AnswerWords(bool mayRepeat, bool thinkTags, bool isLikely = false)
{
    private readonly CumulativeText? _reasoning = mayRepeat ? new() : null;
    private readonly CumulativeText? _text = mayRepeat ? new() : null;
    private readonly SurrogatePairs _reasoningPairs = new();
    private readonly SurrogatePairs _textPairs = new();
    private readonly ThinkTags? _tags = thinkTags ? new() : null;
    private readonly TimeoutPlaceholder _placeholder = new();

    // Filled and emptied with each delta: no list is made for one.
    private readonly List<string> _words = [];

    /// <summary>What is to be handed out; whoever does removes it.</summary>
    public List<AIContent> Ready { get; } = [];

    /// <summary>Whether any text has come, be it held.</summary>
    public bool HasText { get; private set; }

    /// <summary>Whether words are held that only the server's count of tokens can tell from repetitions.</summary>
    public bool IsInDoubt => _text is { IsHolding: true } || _reasoning is { IsHolding: true };

    /// <summary>Whether a server that repeats all its text with each delta has contradicted itself.</summary>
    public bool IsContradicted => _text is { IsContradicted: true } || _reasoning is { IsContradicted: true };

    /// <summary>Whether the server repeats all its text with each delta.</summary>
    public bool IsCumulative => _text is { IsCumulative: true };

    /// <summary>Whether the placeholder is all there is in place of a text.</summary>
    public bool IsPlaceholder => _placeholder.IsAll;

    public void AddReasoning(string delta)
    {
        if (_reasoning is null)
        {
            SayReasoning(_reasoningPairs.Add(delta));
            return;
        }

        _reasoning.Add(delta, isLikely || _text!.IsCumulative, _words);
        MoveReasoning();
    }

    public void AddText(string delta)
    {
        // Words of the answer end the reasoning: it must not come after them.
        EndReasoning(tokens: null);
        if (_text is null)
        {
            Say(_textPairs.Add(delta));
            return;
        }

        _text.Add(delta, isLikely || _reasoning!.IsCumulative, _words);
        MoveText();
    }

    /// <summary>The answer has ended: everything that is held is decided.</summary>
    /// <param name="textTokens">How many tokens the text has by the server's count, if it is known.</param>
    /// <param name="reasoningTokens">The same of the reasoning.</param>
    /// <param name="mayBePlaceholder">Whether the placeholder would be the whole answer; it is kept back then.</param>
    public void Settle(long? textTokens, long? reasoningTokens, bool mayBePlaceholder)
    {
        EndReasoning(reasoningTokens);
        _text?.Settle(textTokens, _words);
        MoveText();
        Say(_textPairs.Finish());
        if (_tags is not null)
        {
            Say(_tags.Finish(out var visible), visible);
        }

        if (!mayBePlaceholder || !IsPlaceholder)
        {
            _placeholder.Release(Ready);
        }
    }

    private void EndReasoning(long? tokens)
    {
        _reasoning?.Settle(tokens, _words);
        MoveReasoning();
        SayReasoning(_reasoningPairs.Finish());
    }

    private void MoveReasoning()
    {
        foreach (var word in _words)
        {
            SayReasoning(_reasoningPairs.Add(word));
        }

        _words.Clear();
    }

    private void MoveText()
    {
        foreach (var word in _words)
        {
            Say(_textPairs.Add(word));
        }

        _words.Clear();
    }

    private void Say(string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        if (_tags is null)
        {
            SayText(text);
        }
        else
        {
            Say(_tags.Add(text, out var visible), visible);
        }
    }

    private void Say(string reasoning, string visible)
    {
        SayReasoning(reasoning);
        if (visible.Length > 0)
        {
            SayText(visible);
        }
    }

    private void SayReasoning(string reasoning)
    {
        if (reasoning.Length > 0)
        {
            Ready.Add(new TextReasoningContent(reasoning));
        }
    }

    private void SayText(string text)
    {
        HasText = true;
        _placeholder.Add(text, Ready);
    }
}
