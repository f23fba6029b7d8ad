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
    private readonly List<(QwenBehavior Behavior, Func<QwenSimulatedRequest, bool>? When)> _rules = [];

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
        lock (_gate)
        {
            _rules.Add((behavior, when));
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
        (QwenBehavior Behavior, Func<QwenSimulatedRequest, bool>? When)[] rules;
        lock (_gate)
        {
            if (_queue.TryDequeue(out var next))
            {
                return next;
            }

            rules = [.. _rules];
        }

        // The caller's predicates run outside the lock: they may use this very script.
        return Array.Find(rules, rule => rule.When is null || rule.When(request)).Behavior ?? QwenBehavior.Answer();
    }
}
