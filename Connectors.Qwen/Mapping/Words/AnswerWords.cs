using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping.Words;

/// <summary>
/// The words of one streamed answer, put right: each once although the server may repeat them, reasoning in tags as
/// reasoning, and no placeholder in place of an answer. Usually a word is handed out as it came.
/// </summary>
/// <param name="mayRepeat">Whether the server may send cumulative text.</param>
/// <param name="thinkTags">Whether a text that begins with <c>&lt;think&gt;</c> begins with reasoning.</param>
internal sealed class AnswerWords(bool mayRepeat, bool thinkTags)
{
    private readonly CumulativeText? _reasoning = mayRepeat ? new() : null;
    private readonly CumulativeText? _text = mayRepeat ? new() : null;
    private readonly ThinkTags? _tags = thinkTags ? new() : null;
    private readonly TimeoutPlaceholder _placeholder = new();

    // Filled and emptied with each delta: no list is made for one.
    private readonly List<string> _words = [];

    /// <summary>What is to be handed out; whoever does removes it.</summary>
    public List<AIContent> Ready { get; } = [];

    /// <summary>Whether words are held that only the server's count of tokens can tell from repetitions.</summary>
    public bool IsInDoubt => _text is { IsHolding: true } || _reasoning is { IsHolding: true };

    /// <summary>Whether a server that repeats all its text with each delta has contradicted itself.</summary>
    public bool IsContradicted => _text is { IsContradicted: true } || _reasoning is { IsContradicted: true };

    /// <summary>Whether the placeholder is all there is in place of a text.</summary>
    public bool IsPlaceholder => _placeholder.IsAll;

    public void AddReasoning(string delta)
    {
        if (_reasoning is null)
        {
            Ready.Add(new TextReasoningContent(delta));
            return;
        }

        _reasoning.Add(delta, _text!.IsCumulative, _words);
        MoveReasoning();
    }

    public void AddText(string delta)
    {
        if (_text is null)
        {
            Say(delta);
            return;
        }

        // Words of the answer end the reasoning: it must not come after them.
        _reasoning!.Settle(null, _words);
        MoveReasoning();
        _text.Add(delta, _reasoning.IsCumulative, _words);
        MoveText();
    }

    /// <summary>The answer has ended: everything that is held is decided.</summary>
    /// <param name="textTokens">How many tokens the text has by the server's count, if it is known.</param>
    /// <param name="reasoningTokens">The same of the reasoning.</param>
    /// <param name="mayBePlaceholder">Whether the placeholder would be the whole answer; it is kept back then.</param>
    public void Settle(long? textTokens, long? reasoningTokens, bool mayBePlaceholder)
    {
        _reasoning?.Settle(reasoningTokens, _words);
        MoveReasoning();
        _text?.Settle(textTokens, _words);
        MoveText();
        if (_tags is not null)
        {
            Say(_tags.Finish(out var visible), visible);
        }

        if (!mayBePlaceholder || !IsPlaceholder)
        {
            _placeholder.Release(Ready);
        }
    }

    private void MoveReasoning()
    {
        foreach (var word in _words)
        {
            Ready.Add(new TextReasoningContent(word));
        }

        _words.Clear();
    }

    private void MoveText()
    {
        foreach (var word in _words)
        {
            Say(word);
        }

        _words.Clear();
    }

    private void Say(string text)
    {
        if (_tags is null)
        {
            _placeholder.Add(text, Ready);
        }
        else
        {
            Say(_tags.Add(text, out var visible), visible);
        }
    }

    private void Say(string reasoning, string visible)
    {
        if (reasoning.Length > 0)
        {
            Ready.Add(new TextReasoningContent(reasoning));
        }

        if (visible.Length > 0)
        {
            _placeholder.Add(visible, Ready);
        }
    }
}
