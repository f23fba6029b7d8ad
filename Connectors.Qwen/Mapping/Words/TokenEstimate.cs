namespace Connectors.Qwen.Mapping.Words;

/// <summary>About how many tokens a short text is for Qwen's tokenizers: good enough to tell a text from its repetition.</summary>
internal static class TokenEstimate
{
    private const int LettersOfAToken = 6;

    // About three Chinese characters are two tokens.
    private const double TokensOfAnIdeograph = 0.67;

    public static double Of(ReadOnlySpan<char> text)
    {
        var tokens = 0.0;
        var run = 0;
        foreach (var c in text)
        {
            var isLetter = char.IsLetter(c) && c < '\u2e80';
            run = isLetter ? run + 1 : 0;
            tokens += Tokens(c, isLetter, run);
        }

        return tokens;
    }

    // Each digit is a token of its own, and a blank belongs to the word that follows.
    private static double Tokens(char c, bool isLetter, int run)
    {
        return isLetter ? (run % LettersOfAToken == 1 ? 1 : 0)
            : c == ' ' ? 0
            : c < '\u2e80' ? 1
            : TokensOfAnIdeograph;
    }
}
