using System.Buffers;

namespace Connectors.Qwen.Mapping.Words;

/// <summary>
/// Keeps the two halves of a surrogate pair together although the server sends them in two deltas. A half that stays alone
/// becomes U+FFFD wherever it stands, as it would in any encoding: so the text is the same however it was split, and
/// what is handed out can be sent back unchanged.
/// </summary>
internal sealed class SurrogatePairs
{
    private const char Replacement = '\ufffd';
    private static readonly SearchValues<char> Halves = SearchValues.Create([
        .. Enumerable.Range('\ud800', '\udfff' - '\ud800' + 1).Select(static c => (char)c),
    ]);

    // NUL, which is no half: nothing is held.
    private char _held;

    /// <summary>A whole text without halves; the same string if it has none.</summary>
    public static string Repair(string text)
    {
        return HasNone(text) ? text : Replace(text);
    }

    /// <summary>Takes one delta that is not empty.</summary>
    /// <returns>What may be handed out: usually the same string; empty while there is only the first half of a pair.</returns>
    public string Add(string text)
    {
        if (_held == default && HasNone(text))
        {
            return text;
        }

        var whole = _held == default ? text : _held + text;
        _held = char.IsHighSurrogate(whole[^1]) ? whole[^1] : default;
        return Replace(_held == default ? whole : whole[..^1]);
    }

    /// <summary>No more is to come: what stands for a half that is held, else nothing.</summary>
    public string Finish()
    {
        var rest = _held == default ? "" : Replacement.ToString();
        _held = default;
        return rest;
    }

    private static bool HasNone(string text)
    {
        return !text.AsSpan().ContainsAny(Halves);
    }

    private static string Replace(string text)
    {
        char[]? replaced = null;
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                replaced ??= text.ToCharArray();
                replaced[i] = Replacement;
            }
        }

        return replaced is null ? text : new string(replaced);
    }
}
