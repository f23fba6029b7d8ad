namespace Connectors.Qwen.Outage;

/// <summary>
/// A clock that stands still while anything runs, and then jumps to the next timer. Twenty-five minutes pass in seconds, and every run is
/// the same.
/// </summary>
internal sealed class VirtualTime : TimeProvider
{
    // Of any simulated time all is done within milliseconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // A circuit that changes its state tells so on another thread, and the call that changed it waits for that.
    private readonly Lock _lock = new();
    private readonly PriorityQueue<VirtualTimer, (long Due, long Order)> _timers = new();
    private long _now;
    private long _order;
    private int _running;
    private int _delays;

    /// <summary>Since the beginning.</summary>
    public TimeSpan Now => TimeSpan.FromTicks(Volatile.Read(ref _now));

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        return Volatile.Read(ref _now);
    }

    public override DateTimeOffset GetUtcNow()
    {
        return Start + Now;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Something began that will have to wait for this clock, or end.</summary>
    public void Enter()
    {
        Interlocked.Increment(ref _running);
    }

    /// <summary>It ended.</summary>
    public void Leave()
    {
        Interlocked.Decrement(ref _running);
    }

    /// <summary>Lets time pass until <paramref name="end"/>.</summary>
    /// <exception cref="TimeoutException">Something that began waits for anything but this clock.</exception>
    public void RunUntil(TimeSpan end)
    {
        while (Next(end.Ticks) is { } timer)
        {
            timer.Fire();
            if (!SpinWait.SpinUntil(IsQuiet, Patience))
            {
                throw new TimeoutException(
                    $"At {Now} {_running} calls run but {_delays} wait for the clock: one waits for something else."
                );
            }
        }

        Volatile.Write(ref _now, end.Ticks);
    }

    private bool IsQuiet()
    {
        lock (_lock)
        {
            return Volatile.Read(ref _running) == _delays;
        }
    }

    private VirtualTimer? Next(long end)
    {
        lock (_lock)
        {
            while (_timers.TryPeek(out var timer, out var at) && at.Due <= end)
            {
                _timers.Dequeue();
                // A timer that was changed stands in the queue twice.
                if (timer.Place == at)
                {
                    Volatile.Write(ref _now, at.Due);
                    Place(timer, timer.Period);
                    return timer;
                }
            }

            return null;
        }
    }

    private void Place(VirtualTimer timer, TimeSpan due)
    {
        _delays -= timer is { IsDelay: true, Place: not null } ? 1 : 0;
        timer.Place = due < TimeSpan.Zero ? null : (_now + due.Ticks, ++_order);
        if (timer.Place is { } place)
        {
            _delays += timer.IsDelay ? 1 : 0;
            _timers.Enqueue(timer, place);
        }
    }

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        /// <summary>Whether it ends a Task.Delay, thus a wait: other timers (clocks of attempts, callers) are nobody's next step.</summary>
        public bool IsDelay => state is Task;

        /// <summary>Where it stands in the queue; null when it is off.</summary>
        public (long Due, long Order)? Place { get; set; }

        public TimeSpan Period { get; private set; } = Timeout.InfiniteTimeSpan;

        public void Fire()
        {
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                Period = period > TimeSpan.Zero ? period : Timeout.InfiniteTimeSpan;
                time.Place(this, dueTime);
            }

            return true;
        }

        public void Dispose()
        {
            Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
