namespace Connectors.Qwen.Testing.Answers;

/// <summary>Cutting text without ever splitting a surrogate pair.</summary>
internal static class TextChunks
{
    public static IEnumerable<string> Split(string? text, int length)
    {
        for (var start = 0; start < text?.Length; )
        {
            var end = Math.Min(start + length, text.Length);
            if (SplitsPair(text, end))
            {
                end++;
            }

            yield return text[start..end];
            start = end;
        }
    }

    /// <summary>At most <paramref name="length"/> characters from the start.</summary>
    public static string Head(string text, int length)
    {
        if (length >= text.Length)
        {
            return text;
        }

        return text[..(SplitsPair(text, length) ? length - 1 : length)];
    }

    private static bool SplitsPair(string text, int at) =>
        at > 0 && at < text.Length && char.IsSurrogatePair(text[at - 1], text[at]);
}
