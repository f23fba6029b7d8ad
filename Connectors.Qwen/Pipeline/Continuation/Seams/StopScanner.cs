namespace Connectors.Qwen.Pipeline;

/// <summary>
/// Looks for stop sequences across a seam: the server sees only the words after it. Words are held while they may become one. Pure but for
/// its own state; not thread-safe.
/// </summary>
internal sealed class StopScanner
{
    private readonly IReadOnlyList<string> _stops;
    private readonly int _longest;

    // The end of what was handed out, and behind it what is held.
    private string _window;
    private int _shown;

    /// <param name="stops">The sequences; empty ones are ignored.</param>
    /// <param name="said">All text that was handed out.</param>
    public StopScanner(IReadOnlyList<string> stops, string said)
    {
        _stops = [.. stops.Where(static stop => stop.Length > 0)];
        _longest = _stops.Count == 0 ? 0 : _stops.Max(static stop => stop.Length);
        _window = _longest > 1 ? said[^Math.Min(said.Length, _longest - 1)..] : "";
        _shown = _window.Length;
    }

    /// <summary>Whether a stop sequence was met: the answer ends there.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Takes the next words.</summary>
    /// <returns>What of them, and of those that were held, is to be handed out.</returns>
    public string Add(string words)
    {
        if (_longest == 0 || IsStopped)
        {
            return IsStopped ? "" : words;
        }

        _window += words;
        var stop = Find();
        IsStopped = stop >= 0;
        return Show(IsStopped ? stop : _window.Length - Held());
    }

    /// <summary>The words have ended.</summary>
    /// <returns>What was held.</returns>
    public string Finish()
    {
        return IsStopped ? "" : Show(_window.Length);
    }

    /// <summary>Where the stop begins that is complete first, as a server finds it that looks after each token; -1 for none.</summary>
    private int Find()
    {
        var (start, end) = (-1, int.MaxValue);
        foreach (var stop in _stops)
        {
            // One that lies in what was handed out is no news: the server has seen it.
            var at = _window.IndexOf(stop, Math.Max(0, _shown - stop.Length + 1), StringComparison.Ordinal);
            var its = at + stop.Length;
            if (at >= 0 && (its < end || (its == end && at < start)))
            {
                (start, end) = (at, its);
            }
        }

        return start;
    }

    private string Show(int end)
    {
        var words = end > _shown ? _window[_shown..end] : "";
        var shown = Math.Max(_shown, end);
        var kept = Math.Max(0, shown - Math.Max(0, _longest - 1));
        _window = _window[kept..];
        _shown = shown - kept;
        return words;
    }

    /// <summary>How much of the end may be the beginning of a stop sequence.</summary>
    private int Held()
    {
        for (var length = Math.Min(_longest - 1, _window.Length); length > 0; length--)
        {
            var end = _window.AsSpan(_window.Length - length);
            foreach (var stop in _stops)
            {
                if (stop.AsSpan().StartsWith(end))
                {
                    return length;
                }
            }
        }

        return 0;
    }
}
