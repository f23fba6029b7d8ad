namespace Connectors.Qwen.Pipeline;

/// <summary>
/// What streaming one model has been like: after several failures within a window it is left alone for a while, and then tried by one
/// call. Pure but for its own state; not thread-safe.
/// </summary>
internal sealed class StreamingCircuit(StreamingFallbackOptions options)
{
    // Of this many streams that began one must have failed: a few cuts in heavy traffic are not the form's fault.
    private const int Share = 5;

    private const int MaxFailures = 1000;

    private readonly Queue<DateTimeOffset> _failures = new();
    private long _begun;
    private DateTimeOffset? _closedUntil;

    /// <summary>Whether it is left alone, or on trial.</summary>
    public bool IsSuspended => _closedUntil is not null;

    /// <summary>Whether to stream now. Of the calls after the break, the first one tries it; the others wait for what comes of it.</summary>
    public bool MayStream(DateTimeOffset now)
    {
        if (_closedUntil is not { } until)
        {
            return true;
        }

        if (now < until)
        {
            return false;
        }

        _closedUntil = now + options.BreakDuration;
        return true;
    }

    /// <summary>Streaming failed where the other form would do.</summary>
    /// <returns>Whether it is left alone from now on.</returns>
    public bool Failed(DateTimeOffset now)
    {
        if (_closedUntil is not null)
        {
            _closedUntil = now + options.BreakDuration;
            return false;
        }

        while (
            _failures.TryPeek(out var oldest)
            && (now - oldest >= options.FailureWindow || _failures.Count >= MaxFailures)
        )
        {
            _failures.Dequeue();
        }

        if (_failures.Count == 0)
        {
            _begun = 0;
        }

        _failures.Enqueue(now);
        if (_failures.Count < options.FailureThreshold || _failures.Count * Share < _begun)
        {
            return false;
        }

        _failures.Clear();
        _closedUntil = now + options.BreakDuration;
        return true;
    }

    /// <summary>A stream began as it should.</summary>
    public void Began()
    {
        _begun++;
    }

    /// <summary>The stream that was to try it began as it should.</summary>
    /// <returns>Whether streaming had been left alone.</returns>
    public bool Succeeded()
    {
        var wasClosed = _closedUntil is not null;
        _closedUntil = null;
        return wasClosed;
    }
}
