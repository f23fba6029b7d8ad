namespace Connectors.Qwen.Testing.Answers;

/// <summary>The text that follows a prefix.</summary>
internal static class Continuation
{
    private const string Digression =
        " … here the simulated model goes on by itself, because it would have begun differently.";

    /// <summary>What follows exactly; null when the text begins differently.</summary>
    public static string? Of(string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : null;

    /// <summary>What follows for a server that drops the white space around a prefix; null when the text begins differently.</summary>
    public static string? OfTrimmed(string text, string prefix) =>
        prefix.Trim() is { Length: > 0 } kept ? Of(text.TrimStart(), kept) : text;

    /// <summary>What follows a prefix that the model would not have begun with.</summary>
    /// <remarks>
    /// A digression that was cut is gone on with where it was cut: the longest beginning of it that the prefix ends with is what
    /// has arrived.
    /// </remarks>
    public static string Digress(string prefix)
    {
        var arrived = Math.Min(prefix.Length, Digression.Length);
        while (!prefix.AsSpan().EndsWith(Digression.AsSpan(0, arrived)))
        {
            arrived--;
        }

        return Digression[arrived..];
    }
}
