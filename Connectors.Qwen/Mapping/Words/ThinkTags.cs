namespace Connectors.Qwen.Mapping.Words;

/// <summary>
/// Takes the reasoning out of a text that begins with it in tags, as some servers of open models send it. Tags split over
/// deltas are found; without the closing one everything is reasoning; tags further on are text.
/// </summary>
internal sealed class ThinkTags
{
    private const string Open = "<think>";
    private const string Close = "</think>";

    // So much white space before the tag is no accident of a template any more.
    private const int LongestIndent = 64;

    private Place _place = Place.Before;
    private string _held = "";

    private enum Place
    {
        Before,
        Inside,
        After,
    }

    /// <summary>Takes a whole text apart.</summary>
    /// <returns>Its reasoning and the text that follows. Either may be empty.</returns>
    public static (string Reasoning, string Visible) Split(string text)
    {
        var tags = new ThinkTags();
        var reasoning = tags.Add(text, out var visible) + tags.Finish(out var rest);
        return (reasoning, visible + rest);
    }

    /// <summary>Takes one delta of text that is not empty.</summary>
    /// <param name="text">The delta.</param>
    /// <param name="visible">What of it, and of what was held, is text.</param>
    /// <returns>What of it, and of what was held, is reasoning. Either may be empty.</returns>
    public string Add(string text, out string visible)
    {
        visible = text;
        if (_place == Place.After)
        {
            return "";
        }

        text = _held + text;
        visible = _held = "";
        if (_place == Place.Before)
        {
            var start = text.AsSpan().TrimStart();
            if (text.Length - start.Length > LongestIndent || !BeginAlike(start, Open))
            {
                _place = Place.After;
                visible = text;
                return "";
            }

            if (start.Length < Open.Length)
            {
                _held = text;
                return "";
            }

            _place = Place.Inside;
            text = start[Open.Length..].ToString();
        }

        return Inside(text, out visible);
    }

    /// <summary>No more is to come: what was held for a tag is none.</summary>
    public string Finish(out string visible)
    {
        visible = _place == Place.Before ? _held : "";
        var reasoning = _place == Place.Inside ? _held : "";
        _held = "";
        return reasoning;
    }

    private string Inside(string text, out string visible)
    {
        var end = text.IndexOf(Close, StringComparison.Ordinal);
        if (end >= 0)
        {
            _place = Place.After;
            visible = text[(end + Close.Length)..];
            return text[..end];
        }

        visible = "";
        var kept = Math.Min(Close.Length - 1, text.Length);
        while (!Close.StartsWith(text[^kept..], StringComparison.Ordinal))
        {
            kept--;
        }

        _held = text[^kept..];
        return text[..^kept];
    }

    private static bool BeginAlike(ReadOnlySpan<char> text, ReadOnlySpan<char> tag)
    {
        var length = Math.Min(text.Length, tag.Length);
        return text[..length].SequenceEqual(tag[..length]);
    }
}
