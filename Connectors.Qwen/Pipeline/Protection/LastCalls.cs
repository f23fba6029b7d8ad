namespace Connectors.Qwen.Pipeline;

/// <summary>When a client was last answered, and how it failed since. Thread-safe.</summary>
internal sealed class LastCalls
{
    private const long Never = long.MinValue;

    private long _answeredAt = Never;
    private int _failedWith = -1;

    /// <summary>The timestamp of the last answer; null when there was none.</summary>
    public long? AnsweredAt => Volatile.Read(ref _answeredAt) is var at && at != Never ? at : null;

    /// <summary>What the last request failed with; null when it was answered, or there was none.</summary>
    public QwenFailureKind? FailedWith =>
        Volatile.Read(ref _failedWith) is var kind && kind >= 0 ? (QwenFailureKind)kind : null;

    public void Answered(long timestamp)
    {
        Volatile.Write(ref _answeredAt, timestamp);
        Volatile.Write(ref _failedWith, -1);
    }

    public void Failed(QwenFailureKind kind)
    {
        Volatile.Write(ref _failedWith, (int)kind);
    }
}
