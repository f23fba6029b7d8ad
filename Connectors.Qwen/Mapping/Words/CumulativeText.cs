namespace Connectors.Qwen.Mapping.Words;

/// <summary>
/// Undoes cumulative text: some gateways send with each delta all the text so far instead of the new part. One delta proves
/// nothing ("1", "10" is 10 or 110), so deltas that begin with everything before them are held until it is clear.
/// </summary>
/// <remarks>
/// Cumulative when three deltas in a row grow so, or one where the text so far is long; not cumulative as soon as a delta
/// does not begin so: then the held ones go out untouched. The usual delta is shorter than all before it and costs one
/// comparison of lengths. Of the text so far only a hash is kept.
/// </remarks>
internal sealed class CumulativeText
{
    private const int GrowthsThatProve = 3;
    private const int LengthThatProves = 64;

    // What servers write at the end of a text whose last character they have only in part; the next text has the character.
    private const char NotYetKnown = '\ufffd';
    private const ulong HashStart = 14695981039346656037;
    private const ulong HashPrime = 1099511628211;

    private readonly List<string> _held = [];
    private ulong _hash = HashStart;
    private long _length;
    private int _growths;
    private string? _whole;
    private string _notYetKnown = "";

    /// <summary>Whether this is how the server sends.</summary>
    public bool IsCumulative => _whole is not null;

    /// <summary>Whether deltas are held because they may be either.</summary>
    public bool IsHolding => _held.Count > 0;

    /// <summary>Whether a cumulative server has sent something that does not begin with what it had said before.</summary>
    public bool IsContradicted { get; private set; }

    /// <summary>Takes one delta that is not empty.</summary>
    /// <param name="delta">The delta.</param>
    /// <param name="isLikely">Whether the server is known to send another text of this answer so: one growth is enough then.</param>
    /// <param name="words">Receives what is to be handed out now, in order.</param>
    public void Add(string delta, bool isLikely, List<string> words)
    {
        if (_whole is not null)
        {
            AddWhole(delta, words);
            return;
        }

        if (IsHolding && !Continues(delta))
        {
            Release(words);
        }

        if (IsHolding || BeginsWithAll(delta))
        {
            Hold(delta, isLikely, words);
        }
        else
        {
            Pass(delta, words);
        }
    }

    /// <summary>No more deltas are to come: what is held is decided.</summary>
    /// <param name="tokens">The tokens of this text as the server counted them; null when it did not.</param>
    /// <param name="words">Receives what is to be handed out.</param>
    public void Settle(long? tokens, List<string> words)
    {
        if (IsHolding)
        {
            Decide(tokens, words);
        }

        if (_notYetKnown.Length > 0)
        {
            // It was the end after all.
            words.Add(_notYetKnown);
            _whole += _notYetKnown;
            _notYetKnown = "";
        }
    }

    private void Decide(long? tokens, List<string> words)
    {
        var last = _held[^1];
        var whole = TokenEstimate.Of(last);
        // What was handed out is the beginning of each that is held.
        var sum = TokenEstimate.Of(last.AsSpan(0, (int)_length)) + _held.Sum(static delta => TokenEstimate.Of(delta));
        if (tokens is { } counted && Math.Abs(counted - whole) < Math.Abs(counted - sum))
        {
            Become(words);
        }
        else
        {
            Release(words);
        }
    }

    private void Pass(string delta, List<string> words)
    {
        _hash = Hash(_hash, delta);
        _length += delta.Length;
        words.Add(delta);
    }

    private bool BeginsWithAll(string delta)
    {
        return _length > 0 && delta.Length >= _length && Hash(HashStart, delta.AsSpan(0, (int)_length)) == _hash;
    }

    // Servers may send the same text twice; twice in a row it is a word that is repeated.
    private bool Continues(string delta)
    {
        var last = Known(_held[^1]);
        var before = _held.Count > 1 ? Known(_held[^2]).Length : _length;
        return delta.AsSpan().StartsWith(last) && (delta.Length > last.Length || last.Length > before);
    }

    private void Hold(string delta, bool isLikely, List<string> words)
    {
        var before = IsHolding ? Known(_held[^1]).Length : _length;
        _held.Add(delta);
        if (Known(delta).Length > before)
        {
            _growths++;
            if (_growths == GrowthsThatProve || before >= LengthThatProves || isLikely)
            {
                Become(words);
            }
        }
    }

    private void Become(List<string> words)
    {
        var last = _held[^1];
        _held.Clear();
        _whole = last[..(int)_length];
        AddWhole(last, words);
    }

    private void Release(List<string> words)
    {
        foreach (var delta in _held)
        {
            Pass(delta, words);
        }

        _held.Clear();
        _growths = 0;
    }

    private void AddWhole(string delta, List<string> words)
    {
        if (!delta.StartsWith(_whole!, StringComparison.Ordinal))
        {
            IsContradicted = true;
            return;
        }

        if (delta.Length == _whole!.Length)
        {
            return;
        }

        var known = Known(delta);
        _notYetKnown = delta[known.Length..];
        if (known.Length > _whole.Length)
        {
            words.Add(known[_whole.Length..].ToString());
            _whole = known.Length == delta.Length ? delta : known.ToString();
        }
    }

    private static ReadOnlySpan<char> Known(string delta)
    {
        return delta.AsSpan().TrimEnd(NotYetKnown);
    }

    private static ulong Hash(ulong hash, ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            hash = (hash ^ c) * HashPrime;
        }

        return hash;
    }
}
