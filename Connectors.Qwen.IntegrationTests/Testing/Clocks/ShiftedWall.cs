namespace Connectors.Qwen.IntegrationTests.Testing.Clocks;

/// <summary>A clock whose wall can be set, as by a person or a time server: its timestamps and timers go on as before.</summary>
internal sealed class ShiftedWall(TimeProvider time) : TimeProvider
{
    /// <summary>How far the wall is off.</summary>
    public TimeSpan Shift { get; set; }

    public override long TimestampFrequency => time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow()
    {
        return time.GetUtcNow() + Shift;
    }

    public override long GetTimestamp()
    {
        return time.GetTimestamp();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        return time.CreateTimer(callback, state, dueTime, period);
    }
}
