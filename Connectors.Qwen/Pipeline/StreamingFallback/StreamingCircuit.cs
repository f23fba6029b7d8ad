namespace Connectors.Qwen.Pipeline;

/// <summary>
/// What streaming one model has been like: after several failures within a window it is left alone for a while, and then tried by one
/// call. Pure but for its own state; not thread-safe.
/// </summary>
internal sealed class StreamingCircuit(StreamingFallbackOptions options)
{
    private readonly Queue<DateTimeOffset> _failures = new();
    private DateTimeOffset? _closedUntil;

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

        while (_failures.TryPeek(out var oldest) && now - oldest >= options.FailureWindow)
        {
            _failures.Dequeue();
        }

        _failures.Enqueue(now);
        if (_failures.Count < options.FailureThreshold)
        {
            return false;
        }

        _failures.Clear();
        _closedUntil = now + options.BreakDuration;
        return true;
    }

    /// <summary>A stream began well.</summary>
    /// <returns>Whether it had been left alone.</returns>
    public bool Succeeded()
    {
        var wasClosed = _closedUntil is not null;
        _closedUntil = null;
        return wasClosed;
    }
}
