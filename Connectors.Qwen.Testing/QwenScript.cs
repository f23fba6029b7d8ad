namespace Connectors.Qwen.Testing;

/// <summary>What an endpoint of the simulator does with the requests to come.</summary>
/// <remarks>
/// A request takes the next behaviour of the queue; when the queue is empty, the first standing rule that matches; else it is
/// answered normally. A behaviour is used up by the request that took it, even when that request was refused by a check.
/// Thread-safe.
/// </remarks>
public sealed class QwenScript
{
    private readonly object _gate = new();
    private readonly Queue<QwenBehavior> _queue = new();
    private readonly List<Func<QwenSimulatedRequest, QwenBehavior?>> _rules = [];

    internal QwenScript() { }

    /// <summary>Gets how many queued behaviours no request has taken yet.</summary>
    public int Remaining
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>Queues behaviours, one per request, in this order.</summary>
    /// <param name="behaviors">The behaviours.</param>
    /// <returns>This script.</returns>
    /// <exception cref="ArgumentNullException">The array or one of its elements is <see langword="null"/>.</exception>
    public QwenScript Enqueue(params QwenBehavior[] behaviors)
    {
        ArgumentNullException.ThrowIfNull(behaviors);
        foreach (var behavior in behaviors)
        {
            ArgumentNullException.ThrowIfNull(behavior, nameof(behaviors));
        }

        lock (_gate)
        {
            foreach (var behavior in behaviors)
            {
                _queue.Enqueue(behavior);
            }
        }

        return this;
    }

    /// <summary>Adds a standing rule, which is consulted when the queue is empty; the first rule that matches wins.</summary>
    /// <param name="behavior">What to do.</param>
    /// <param name="when">Which requests it is for; every request when <see langword="null"/>. May be called by several threads at once.</param>
    /// <returns>This script.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="behavior"/> is <see langword="null"/>.</exception>
    public QwenScript Always(QwenBehavior behavior, Func<QwenSimulatedRequest, bool>? when = null)
    {
        ArgumentNullException.ThrowIfNull(behavior);
        return Always(request => when is null || when(request) ? behavior : null);
    }

    /// <summary>Adds a standing rule that chooses by the request itself: what many callers at once get does not depend on who comes first.</summary>
    /// <param name="choose">
    /// What to do with a request; <see langword="null"/> from it leaves the request to the next rule. It is asked once for each
    /// request that gets so far, possibly by several threads at once. An exception becomes an HTTP 500.
    /// </param>
    /// <returns>This script.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="choose"/> is <see langword="null"/>.</exception>
    public QwenScript Always(Func<QwenSimulatedRequest, QwenBehavior?> choose)
    {
        ArgumentNullException.ThrowIfNull(choose);
        lock (_gate)
        {
            _rules.Add(choose);
        }

        return this;
    }

    /// <summary>Forgets the queue and the standing rules: from now on requests are answered normally.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _queue.Clear();
            _rules.Clear();
        }
    }

    /// <summary>Takes the behaviour for a request that has arrived.</summary>
    internal QwenBehavior Take(QwenSimulatedRequest request)
    {
        Func<QwenSimulatedRequest, QwenBehavior?>[] rules;
        lock (_gate)
        {
            if (_queue.TryDequeue(out var next))
            {
                return next;
            }

            rules = [.. _rules];
        }

        // The caller's rules run outside the lock: they may use this very script.
        foreach (var choose in rules)
        {
            if (choose(request) is { } behavior)
            {
                return behavior;
            }
        }

        return QwenBehavior.Answer();
    }
}
