using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping.Words;

/// <summary>
/// Finds the placeholder that a degraded upstream sends in place of an answer (qwen-code knows it too). Text is held only
/// while it may still become nothing but that.
/// </summary>
internal sealed class TimeoutPlaceholder
{
    /// <summary>The placeholder.</summary>
    public const string Text = "(request timeout)";

    private readonly List<string> _held = [];
    private int _matched;
    private bool _isOther;

    /// <summary>Whether the whole text so far is the placeholder.</summary>
    public bool IsAll => !_isOther && _matched == Text.Length;

    /// <summary>Whether a whole answer says nothing but the placeholder.</summary>
    public static bool IsAllOf(ChatMessage message)
    {
        return message.Contents.All(static content => content is TextContent or TextReasoningContent)
            && message.Text.AsSpan().Trim().SequenceEqual(Text);
    }

    /// <summary>Takes one delta of text that is not empty.</summary>
    /// <param name="text">The delta.</param>
    /// <param name="ready">Receives what is to be handed out now.</param>
    public void Add(string text, List<AIContent> ready)
    {
        if (!_isOther)
        {
            if (Continues(text))
            {
                _held.Add(text);
                return;
            }

            Release(ready);
        }

        ready.Add(new TextContent(text));
    }

    /// <summary>Hands out what is held: it was text after all.</summary>
    public void Release(List<AIContent> ready)
    {
        _isOther = true;
        foreach (var text in _held)
        {
            ready.Add(new TextContent(text));
        }

        _held.Clear();
    }

    private bool Continues(string text)
    {
        foreach (var c in text)
        {
            if (_matched < Text.Length && c == Text[_matched])
            {
                _matched++;
            }
            else if (_matched % Text.Length != 0 || !char.IsWhiteSpace(c))
            {
                return false;
            }
        }

        return true;
    }
}
