using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.UnitTests.Testing;

/// <summary>
/// Fake time that tells what was scheduled: a test waits until the code under test has begun to wait, then moves the clock
/// by exactly that much. Nothing depends on how fast the machine is.
/// </summary>
internal sealed class ManualTime() : FakeTimeProvider(Begin)
{
    public static readonly DateTimeOffset Begin = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Channel<TimeSpan> _scheduled = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Observed(this, base.CreateTimer(callback, state, dueTime, period));
        Announce(dueTime);
        return timer;
    }

    /// <summary>Waits until something is scheduled for exactly this far ahead.</summary>
    public async Task Scheduled(TimeSpan due)
    {
        // Real time, and only to fail instead of hanging.
        using var guard = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await _scheduled.Reader.ReadAsync(guard.Token) != due) { }
    }

    /// <summary>Waits until something is scheduled for exactly this far ahead, then goes there.</summary>
    public async Task PassAsync(TimeSpan due)
    {
        await Scheduled(due);
        Advance(due);
    }

    private void Announce(TimeSpan due)
    {
        if (due != Timeout.InfiniteTimeSpan)
        {
            _scheduled.Writer.TryWrite(due);
        }
    }

    private sealed class Observed(ManualTime owner, ITimer inner) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var changed = inner.Change(dueTime, period);
            owner.Announce(dueTime);
            return changed;
        }

        public void Dispose()
        {
            inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            return inner.DisposeAsync();
        }
    }
}
