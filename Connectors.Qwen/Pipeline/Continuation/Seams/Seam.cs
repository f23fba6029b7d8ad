using System.Text;

namespace Connectors.Qwen.Pipeline;

/// <summary>What the words at a seam have turned out to be.</summary>
internal enum SeamState
{
    /// <summary>Not clear yet: they are held.</summary>
    Open,

    /// <summary>They follow on.</summary>
    Joined,

    /// <summary>They were the beginning of the answer once more, which was left out; now they follow on.</summary>
    Repeated,

    /// <summary>The answer may have been begun anew, or may say the same thing again: only the whole answer once more can tell.</summary>
    Doubtful,

    /// <summary>The answer was begun anew and became another one.</summary>
    Contradicted,
}

/// <summary>
/// Joins the words of another request to an answer that broke off, so that nothing is lost and nothing is said twice. Pure but for its own
/// state; not thread-safe.
/// </summary>
/// <remarks>
/// The words go on after the prefix that was sent, which is all that was handed out but for white space (and half a character) at its end;
/// what they begin with of that is left out, and nothing else: no overlap is guessed. A server that does not know how to go on begins with
/// the beginning of the answer, so words that do are held until they differ.
/// </remarks>
/// <param name="said">All text that was handed out.</param>
/// <param name="isAnew">Whether the answer was asked for from its beginning: then it must begin with what was handed out.</param>
/// <param name="own">What was sent before it, and never handed out: the caller's own beginning of the answer.</param>
/// <param name="isEcho">Whether the server is known to say first what it was sent: then that is no doubt.</param>
internal sealed class Seam(string said, bool isAnew, string own = "", bool isEcho = false)
{
    // So many characters that begin the answer are no accident any more.
    public const int Revealing = 32;

    // Of an answer that was asked for anew all comes again, the white space too.
    private readonly int _prefix = isAnew && PrefixOf(said) > 0 ? said.Length : PrefixOf(said);
    private readonly Beginning[] _beginnings = isAnew ? [new Beginning(said)] : Beginnings(said[..PrefixOf(said)], own);
    private readonly StringBuilder _held = new();
    private int _repeated;
    private int _dropped;

    /// <summary>What the words have turned out to be.</summary>
    public SeamState State { get; private set; } = PrefixOf(said) == 0 ? SeamState.Joined : SeamState.Open;

    /// <summary>Whether the doubt is that all of a longer text was said once more.</summary>
    public bool IsRepetition => State == SeamState.Doubtful && _repeated >= Revealing;

    /// <summary>The text that is sent back: white space at its end, where tokens would be split otherwise than the model splits them, is not.</summary>
    public static int PrefixOf(string said)
    {
        var prefix = said.AsSpan().TrimEnd();
        return prefix.Length > 0 && char.IsHighSurrogate(prefix[^1]) ? prefix[..^1].TrimEnd().Length : prefix.Length;
    }

    /// <summary>Takes the next words.</summary>
    /// <returns>What of them, and of those that were held, is to be handed out.</returns>
    public string Add(string words)
    {
        if (State == SeamState.Open)
        {
            _held.Append(words);
            Compare(words);
            words = State is SeamState.Joined or SeamState.Repeated ? Release() : "";
        }

        return State is SeamState.Joined or SeamState.Repeated ? WithoutTail(words) : "";
    }

    /// <summary>The words have ended: what is held is decided.</summary>
    /// <returns>What is to be handed out.</returns>
    public string Finish()
    {
        if (State != SeamState.Open)
        {
            return "";
        }

        State = Undecided(_beginnings.Max(static beginning => beginning.Alike));
        return State == SeamState.Joined ? WithoutTail(Release()) : "";
    }

    private static Beginning[] Beginnings(string prefix, string own)
    {
        // A server that repeats what it was sent may repeat all of it, or what it said itself.
        return own.Length == 0 ? [new Beginning(prefix)] : [new Beginning(own + prefix), new Beginning(prefix)];
    }

    private void Compare(string words)
    {
        foreach (var c in words)
        {
            var isAlike = false;
            foreach (var beginning in _beginnings)
            {
                if (!beginning.Continues(c))
                {
                    continue;
                }

                isAlike = true;
                if (beginning.IsWhole)
                {
                    _repeated = beginning.Alike;
                    State = isAnew || isEcho ? SeamState.Repeated : SeamState.Doubtful;
                    return;
                }
            }

            if (!isAlike)
            {
                State = Undecided(_beginnings.Max(static beginning => beginning.Alike));
                return;
            }
        }
    }

    private SeamState Undecided(int alike)
    {
        return isAnew ? SeamState.Contradicted
            : alike >= Revealing ? SeamState.Doubtful
            : SeamState.Joined;
    }

    private string Release()
    {
        var words = _held.ToString();
        _held.Clear();
        return State == SeamState.Repeated ? words[_repeated..] : words;
    }

    private string WithoutTail(string words)
    {
        var start = 0;
        while (start < words.Length && _prefix + _dropped < said.Length && words[start] == said[_prefix + _dropped])
        {
            start++;
            _dropped++;
        }

        if (start < words.Length)
        {
            // What comes now is new, whatever was in the tail.
            _dropped = said.Length;
        }

        return words[start..];
    }

    /// <summary>What a server may begin with that begins anew, and how far its words are alike.</summary>
    private sealed class Beginning(string text)
    {
        private int _at;
        private int _indent = -1;
        private bool _isOver;

        public string Text => text;

        /// <summary>How many characters were alike.</summary>
        public int Alike => _indent < 0 ? 0 : _at - _indent;

        public bool IsWhole => _at == text.Length;

        public bool Continues(char c)
        {
            if (_indent < 0)
            {
                // An answer that began with a blank may be repeated without it.
                _indent = char.IsWhiteSpace(c) ? 0 : text.Length - text.AsSpan().TrimStart().Length;
                _at = _indent;
            }

            _isOver |= text[_at] != c;
            _at += _isOver ? 0 : 1;
            return !_isOver;
        }
    }
}
