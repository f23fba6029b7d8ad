using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Testing.Clocks;

/// <summary>
/// A clock that stands still, except that a short wait passes as soon as it is begun. So pauses between tries cost no time and can
/// be counted, and the limits of requests, which are longer, never fire on a slow machine.
/// </summary>
internal sealed class SkippingClock(TimeSpan limit) : FakeTimeProvider(TimeProvider.System.GetUtcNow())
{
    private readonly ConcurrentQueue<TimeSpan> _skipped = new();

    /// <summary>For the waits between the tries of a renewal.</summary>
    public SkippingClock()
        : this(TimeSpan.FromSeconds(10)) { }

    /// <summary>The waits that were passed over, in their order.</summary>
    public IReadOnlyCollection<TimeSpan> Skipped => _skipped;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero && dueTime < limit)
        {
            _skipped.Enqueue(dueTime);
            // Not here: whoever begins the wait has not got its timer yet.
            _ = Task.Run(() => Advance(dueTime));
        }

        return timer;
    }
}
