using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.UnitTests.Testing.Tokens;

/// <summary>Fake time whose wall clock can be set, or a machine's sleep be played, without a tick of the monotonic one.</summary>
internal sealed class SplitTime() : FakeTimeProvider(Begin)
{
    public static readonly DateTimeOffset Begin = ManualTime.Begin;

    private TimeSpan _offset;

    /// <summary>Moves the wall clock alone.</summary>
    public void Jump(TimeSpan by)
    {
        _offset += by;
    }

    public override DateTimeOffset GetUtcNow()
    {
        return base.GetUtcNow() + _offset;
    }

    public override long GetTimestamp()
    {
        return (base.GetUtcNow() - Begin).Ticks;
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;
}
