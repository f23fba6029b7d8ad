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
    private readonly TimeProvider _time;
    private readonly long _since;
    private long _freshUntil = Never;
    private long _acceptedAt = Never;

    public CredentialEntry(QwenCredential credential, RefreshWindows windows, TimeProvider time)
    {
        Credential = credential;
        _windows = windows;
        _time = time;
        var age = credential.ObtainedAt is { } obtained ? time.GetUtcNow() - obtained : LongAgo;
        _since = time.GetTimestamp() - Ticks(age > TimeSpan.Zero ? age : TimeSpan.Zero);
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
    public RefreshDecision Assess()
    {
        var timestamp = _time.GetTimestamp();
        var now = _time.GetUtcNow();
        var age = At(timestamp);
        var decision = RefreshPolicy.Decide(age, now, _windows);
        if (decision is RefreshDecision.Use or RefreshDecision.UseAndRefreshBehind)
        {
            Rest(timestamp, age.Left(now));
        }

        return decision;
    }

    /// <summary>Lets it be used without a further look for a moment, but not beyond its end.</summary>
    public void Rest()
    {
        var timestamp = _time.GetTimestamp();
        Rest(timestamp, At(timestamp).Left(_time.GetUtcNow()));
    }

    /// <summary>Whether it has ended: the server will refuse it.</summary>
    public bool HasEnded()
    {
        return At(_time.GetTimestamp()).Left(_time.GetUtcNow()) <= TimeSpan.Zero;
    }

    /// <summary>The server took it.</summary>
    public void Accept()
    {
        Volatile.Write(ref _acceptedAt, _time.GetTimestamp());
    }

    /// <summary>Whether a timeout of a request that was sent then may really have been its end.</summary>
    public bool WasSuspectAt(long sentAt)
    {
        var acceptedAt = Volatile.Read(ref _acceptedAt);
        return RefreshPolicy.IsSuspect(
            At(sentAt),
            _time.GetUtcNow() - _time.GetElapsedTime(sentAt),
            acceptedAt == Never ? null : _time.GetElapsedTime(acceptedAt, sentAt),
            _windows
        );
    }

    private CredentialAge At(long timestamp)
    {
        return new(Credential.ObtainedAt, Credential.ExpiresAt, _time.GetElapsedTime(_since, timestamp));
    }

    private void Rest(long timestamp, TimeSpan? left)
    {
        // Of a short life only a part, or its windows would be slept through.
        var rest = left is { } known && known / 10 < WallCheck ? known / 10 : WallCheck;
        Volatile.Write(ref _freshUntil, timestamp + Ticks(rest));
    }

    private long Ticks(TimeSpan span)
    {
        return (long)(span.TotalSeconds * _time.TimestampFrequency);
    }
}
