namespace Connectors.Qwen.Pipeline;

/// <summary>
/// What all calls of a client together may send beyond their first requests: a bucket that starts full, is filled by answers and slowly
/// by time, and emptied by retries. While the service is down no answers come, so that retries end instead of multiplying the load.
/// Thread-safe.
/// </summary>
internal sealed class RetryBudget
{
    // The level is kept in thousandths of a request.
    private const long One = 1000;

    private readonly long _capacity;
    private readonly long _perAnswer;
    private readonly TimeSpan _refill;
    private readonly TimeProvider _time;
    private long _level;
    private long _refilledAt;

    public RetryBudget(RetryBudgetOptions options, TimeProvider time)
    {
        _time = time;
        _capacity = options.Capacity * One;
        _perAnswer = (long)(options.Ratio * One);
        _refill = options.RefillTime;
        _level = _capacity;
        _refilledAt = time.GetTimestamp();
    }

    /// <summary>Requests that may be sent now.</summary>
    public double Level => (double)Volatile.Read(ref _level) / One;

    /// <summary>An answer came.</summary>
    public void Earn()
    {
        Add(_perAnswer);
    }

    /// <summary>A request that was paid for was not sent.</summary>
    public void GiveBack()
    {
        Add(One);
    }

    /// <summary>Pays for one request.</summary>
    public bool TryTake()
    {
        Refill();
        while (true)
        {
            var level = Volatile.Read(ref _level);
            if (level < One)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _level, level - One, level) == level)
            {
                return true;
            }
        }
    }

    private void Refill()
    {
        if (_refill == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        var since = Volatile.Read(ref _refilledAt);
        var earned = (long)(_capacity * (_time.GetElapsedTime(since) / _refill));
        var paidUntil = since + (long)(_refill.TotalSeconds * _time.TimestampFrequency * earned / _capacity);
        // Only one of those who see the same time may add it; what is too little to count is left for later.
        if (earned > 0 && Interlocked.CompareExchange(ref _refilledAt, paidUntil, since) == since)
        {
            Add(earned);
        }
    }

    private void Add(long amount)
    {
        while (true)
        {
            var level = Volatile.Read(ref _level);
            // Usually it is full: then there is nothing to write.
            var next = Math.Min(_capacity, level + Math.Min(amount, _capacity));
            if (next == level || Interlocked.CompareExchange(ref _level, next, level) == level)
            {
                return;
            }
        }
    }
}
