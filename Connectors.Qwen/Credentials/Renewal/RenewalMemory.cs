namespace Connectors.Qwen.Credentials;

/// <summary>What a provider remembers between renewals, so that nothing is asked again and again. Thread-safe.</summary>
internal sealed class RenewalMemory(TimeProvider time)
{
    // More than the tokens of one login that can be in flight at once.
    private const int MaxRejected = 8;

    private readonly object _gate = new();
    private readonly Dictionary<string, long> _rejected = new(StringComparer.Ordinal);
    private volatile bool _hasRejected;
    private long? _renewedAt;
    private long? _failedAt;
    private long? _suspectedAt;
    private QwenException? _failure;
    private QwenFailureKind? _failedWith;
    private string? _suspected;

    /// <summary>Whether a renewal that nobody has to wait for should be left alone for now.</summary>
    public bool IsPaused
    {
        get
        {
            lock (_gate)
            {
                return IsWithin_NeedsLock(_failedAt, RefreshPolicy.Pause);
            }
        }
    }

    /// <summary>The failure of a moment ago, which another try would only repeat.</summary>
    public QwenException? Echo
    {
        get
        {
            lock (_gate)
            {
                return IsWithin_NeedsLock(_failedAt, RefreshPolicy.FailureEcho) ? _failure : null;
            }
        }
    }

    /// <summary>What the last renewal failed with, if it was a short time ago and none has succeeded since.</summary>
    public QwenFailureKind? RecentFailure
    {
        get
        {
            lock (_gate)
            {
                return IsWithin_NeedsLock(_failedAt, RefreshPolicy.SuspicionInterval) ? _failedWith : null;
            }
        }
    }

    /// <param name="asked">When the renewal began: its token is not younger than that, however long it took to save.</param>
    public void Renewed(long asked)
    {
        lock (_gate)
        {
            _renewedAt = asked;
            _failedAt = null;
            _failure = null;
        }
    }

    public void Failed(QwenException failure)
    {
        lock (_gate)
        {
            _failedAt = time.GetTimestamp();
            _failedWith = failure.Kind;
            // A person may log in, or put a file right, and try at once.
            _failure = failure.Kind is QwenFailureKind.Authentication or QwenFailureKind.CredentialStore
                ? null
                : failure;
        }
    }

    /// <summary>Whether the login was renewed so recently that another renewal would bring nothing better.</summary>
    public bool WasRenewedWithin(TimeSpan interval)
    {
        lock (_gate)
        {
            return IsWithin_NeedsLock(_renewedAt, interval);
        }
    }

    /// <summary>The server rejected it. Remembered for a while only: servers err too.</summary>
    public void Reject(QwenCredential credential)
    {
        lock (_gate)
        {
            if (_rejected.Count == MaxRejected)
            {
                _rejected.Remove(_rejected.MinBy(static entry => entry.Value).Key);
            }

            _rejected[credential.Fingerprint] = time.GetTimestamp();
            _hasRejected = true;
        }
    }

    public bool IsRejected(QwenCredential credential)
    {
        lock (_gate)
        {
            return _rejected.TryGetValue(credential.Fingerprint, out var then)
                && IsWithin_NeedsLock(then, RefreshPolicy.Pause);
        }
    }

    /// <summary>The server took it. Said after each answer, and so without a lock unless there is something to forget.</summary>
    public void Accept(QwenCredential credential)
    {
        if (!_hasRejected)
        {
            return;
        }

        lock (_gate)
        {
            _rejected.Remove(credential.Fingerprint);
            _hasRejected = _rejected.Count > 0;
        }
    }

    /// <summary>Asks whether a renewal on suspicion is due, and notes that it is made.</summary>
    public bool TrySuspect(QwenCredential credential)
    {
        lock (_gate)
        {
            if (IsWithin_NeedsLock(_suspectedAt, RefreshPolicy.SuspicionInterval))
            {
                return false;
            }

            _suspectedAt = time.GetTimestamp();
            _suspected = credential.Fingerprint;
            return true;
        }
    }

    /// <summary>Whether this credential is the suspect that was last followed.</summary>
    public bool IsSuspected(QwenCredential credential)
    {
        lock (_gate)
        {
            return _suspected is not null && _suspected == credential.Fingerprint;
        }
    }

    private bool IsWithin_NeedsLock(long? timestamp, TimeSpan interval)
    {
        return timestamp is { } then && time.GetElapsedTime(then) < interval;
    }
}
