namespace Connectors.Qwen.Credentials;

/// <summary>The credential that is served now, with what the clocks say of it.</summary>
internal sealed class CredentialEntry
{
    private const long Never = long.MinValue;

    // For a credential of unknown age: not minted just now.
    private static readonly TimeSpan LongAgo = TimeSpan.FromDays(1);

    // A wall clock that was set, or a machine that slept, is noticed this soon. Until then one monotonic reading decides.
    private static readonly TimeSpan WallCheck = TimeSpan.FromSeconds(1);

    private readonly RefreshWindows _windows;
    private readonly long _since;
    private long _freshUntil = Never;
    private long _acceptedAt = Never;

    public CredentialEntry(QwenCredential credential, RefreshWindows windows, TimeProvider time)
    {
        Credential = credential;
        _windows = windows;
        var age = credential.ObtainedAt is { } obtained ? time.GetUtcNow() - obtained : LongAgo;
        _since = time.GetTimestamp() - Ticks(age > TimeSpan.Zero ? age : TimeSpan.Zero, time);
    }

    public QwenCredential Credential { get; }

    /// <summary>How long it was made to live; null when that cannot be known.</summary>
    public TimeSpan? Life => new CredentialAge(Credential.ObtainedAt, Credential.ExpiresAt, default).Life;

    /// <summary>Whether it may be used without a further look: the fast path.</summary>
    public bool IsFreshAt(long timestamp)
    {
        return timestamp < Volatile.Read(ref _freshUntil);
    }

    /// <summary>What to do with it now. Unless it has to be renewed before use, the next calls need not ask again for a moment.</summary>
    public RefreshDecision Assess(TimeProvider time)
    {
        var timestamp = time.GetTimestamp();
        var now = time.GetUtcNow();
        var age = At(time, timestamp);
        var decision = RefreshPolicy.Decide(age, now, _windows);
        if (decision is RefreshDecision.Use or RefreshDecision.UseAndRefreshBehind)
        {
            Rest(time, timestamp, age.Left(now));
        }

        return decision;
    }

    /// <summary>Lets it be used without a further look for a moment, but not beyond its end.</summary>
    public void Rest(TimeProvider time)
    {
        var timestamp = time.GetTimestamp();
        Rest(time, timestamp, At(time, timestamp).Left(time.GetUtcNow()));
    }

    /// <summary>Whether it has ended: the server will refuse it.</summary>
    public bool HasEnded(TimeProvider time)
    {
        return At(time, time.GetTimestamp()).Left(time.GetUtcNow()) <= TimeSpan.Zero;
    }

    /// <summary>The server took it.</summary>
    public void Accept(TimeProvider time)
    {
        Volatile.Write(ref _acceptedAt, time.GetTimestamp());
    }

    /// <summary>Whether a timeout of a request that was sent then may really have been its end.</summary>
    public bool WasSuspectAt(TimeProvider time, long sentAt)
    {
        var acceptedAt = Volatile.Read(ref _acceptedAt);
        return RefreshPolicy.IsSuspect(
            At(time, sentAt),
            time.GetUtcNow() - time.GetElapsedTime(sentAt),
            acceptedAt == Never ? null : time.GetElapsedTime(acceptedAt, sentAt),
            _windows
        );
    }

    private CredentialAge At(TimeProvider time, long timestamp)
    {
        return new(Credential.ObtainedAt, Credential.ExpiresAt, time.GetElapsedTime(_since, timestamp));
    }

    private void Rest(TimeProvider time, long timestamp, TimeSpan? left)
    {
        // Of a short life only a part, or its windows would be slept through.
        var rest = left is { } known && known / 10 < WallCheck ? known / 10 : WallCheck;
        Volatile.Write(ref _freshUntil, timestamp + Ticks(rest, time));
    }

    private static long Ticks(TimeSpan span, TimeProvider time)
    {
        return (long)(span.TotalSeconds * time.TimestampFrequency);
    }
}
