using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Credentials;

/// <summary>
/// Serves one credential that ends: from memory while it is fresh, renewed once for all who need it when it is not.
/// Thread-safe.
/// </summary>
internal sealed class CachedCredential
{
    private readonly object _suspicion = new();
    private readonly ICredentialSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RenewalMemory _memory;
    private readonly SharedRenewal _renewal;
    private readonly LateSaving _saving;

    public CachedCredential(
        ICredentialSource source,
        RefreshWindows windows,
        TimeProvider time,
        ILogger logger,
        Func<double> random
    )
    {
        _source = source;
        _time = time;
        _logger = logger;
        _memory = new RenewalMemory(time);
        _renewal = new SharedRenewal(source, windows, _memory, time, logger, random);
        _saving = new LateSaving(source);
    }

    /// <summary>What the last renewal failed with, if that was a short time ago.</summary>
    public QwenFailureKind? RecentFailure => _memory.RecentFailure;

    /// <summary>The time, as a timestamp of this provider's clock, which need not be that of whoever sends.</summary>
    public long Timestamp => _time.GetTimestamp();

    /// <summary>The credential to send now. Fresh: no lock, no allocation, one reading of the clock.</summary>
    public ValueTask<QwenCredential> GetAsync(CancellationToken cancellationToken)
    {
        var entry = _renewal.Current;
        return entry is not null && entry.IsFreshAt(_time.GetTimestamp())
            ? new(entry.Credential)
            : GetAssessed(entry, cancellationToken);
    }

    /// <summary>Another credential than a rejected one; null when there is none, or it was renewed a moment ago.</summary>
    public async ValueTask<QwenCredential?> ReplaceAsync(QwenCredential rejected, CancellationToken cancellationToken)
    {
        _memory.Reject(rejected);
        var entry = _renewal.Current;
        if (entry is not null && IsOther(entry.Credential, rejected))
        {
            return entry.Credential;
        }

        var mayRenew =
            _source.CanRenew(entry?.Credential ?? rejected)
            && !_memory.WasRenewedWithin(RefreshPolicy.Interval(entry?.Life));
        if (mayRenew)
        {
            if (Echo() is { } echo)
            {
                throw echo;
            }

            return await _renewal
                .ReplaceAsync(entry, RenewalReason.Rejected, rejected, cancellationToken)
                .ConfigureAwait(false);
        }

        // It may have been renewed between the two looks.
        var other =
            _renewal.Current is { } newer && IsOther(newer.Credential, rejected)
                ? newer.Credential
                : await _renewal.AdoptAsync(cancellationToken).ConfigureAwait(false);
        return other?.AccessToken == rejected.AccessToken ? null : other;
    }

    /// <summary>
    /// Another credential than one whose request a gateway let time out, where that may really have been its end; null where it
    /// was only a timeout, or another credential cannot be had.
    /// </summary>
    /// <param name="used">What the request carried.</param>
    /// <param name="sentAt">When it was sent, as a <see cref="Timestamp"/>.</param>
    /// <param name="cancellationToken">Ends this caller's wait.</param>
    public async ValueTask<QwenCredential?> ReplaceSuspectAsync(
        QwenCredential used,
        long sentAt,
        CancellationToken cancellationToken
    )
    {
        Task<QwenCredential?> renewal;
        lock (_suspicion)
        {
            // In this order: a renewal that ends in between has left its result.
            var isRunning = _renewal.Running is not null;
            var entry = _renewal.Current;
            // Those who were sent with the same suspect share the renewal that one of them asked for.
            var isShared = _memory.IsSuspected(used);
            if (entry is null || entry.Credential.AccessToken != used.AccessToken)
            {
                return isShared ? entry?.Credential : null;
            }

            var isDue =
                (isShared && isRunning)
                || (entry.WasSuspectAt(sentAt) && _source.CanRenew(used) && _memory.TrySuspect(used));
            if (!isDue)
            {
                return null;
            }

            // Begun in here: whoever comes next has to find it running.
            renewal = _renewal.ReplaceAsync(entry, RenewalReason.Suspected, used, cancellationToken);
        }

        _logger.TimeoutSuspected(used.Fingerprint);
        try
        {
            return await renewal.ConfigureAwait(false);
        }
        catch (QwenException)
        {
            // Said by the renewal; what the caller has to hear is the timeout.
            return null;
        }
    }

    /// <summary>The server took this credential.</summary>
    public void Accept(QwenCredential credential)
    {
        _memory.Accept(credential);
        if (_renewal.Current is { } entry && ReferenceEquals(entry.Credential, credential))
        {
            entry.Accept();
        }
    }

    /// <summary>Waits for a running renewal or saving, and tries a last time to keep what could not be kept. Does not throw.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        foreach (var running in new[] { _renewal.Close(), _saving.Close() })
        {
            await running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _source.SaveAgainAsync(cancellationToken).ConfigureAwait(false);
    }

    // An answer to a request that was sent before it was withdrawn may have cleared it a moment ago: it is the rejected one all the same.
    private bool IsOther(QwenCredential current, QwenCredential rejected)
    {
        return current.AccessToken != rejected.AccessToken && !_memory.IsRejected(current);
    }

    private ValueTask<QwenCredential> GetAssessed(CredentialEntry? entry, CancellationToken cancellationToken)
    {
        if (entry is null)
        {
            return Renew(null, RenewalReason.FirstUse, cancellationToken);
        }

        switch (entry.Assess())
        {
            case RefreshDecision.Use:
                if (_source.IsSaveDue)
                {
                    _saving.TryBehind();
                }

                return new(entry.Credential);
            case RefreshDecision.UseAndRefreshBehind:
                if (_source.CanRenew(entry.Credential) && !_memory.IsPaused)
                {
                    _renewal.RenewBehind(entry);
                }

                return new(entry.Credential);
            case RefreshDecision.RefreshFirst:
                if (_source.CanRenew(entry.Credential) && !_memory.IsPaused)
                {
                    return Renew(entry, RenewalReason.AboutToEnd, cancellationToken);
                }

                entry.Rest();
                return new(entry.Credential);
            // It looks ended though it was obtained just now: by a clock that differs from ours. Another would look the same.
            case RefreshDecision.RefreshOrFail
                when _memory.WasRenewedWithin(RefreshPolicy.Interval(entry.Life))
                    && !_memory.IsRejected(entry.Credential):
                return new(entry.Credential);
            default:
                return Renew(entry, RenewalReason.Expired, cancellationToken);
        }
    }

    private ValueTask<QwenCredential> Renew(
        CredentialEntry? stale,
        RenewalReason reason,
        CancellationToken cancellationToken
    )
    {
        return reason != RenewalReason.AboutToEnd && Echo() is { } echo
            ? ValueTask.FromException<QwenCredential>(echo)
            : new(_renewal.RenewAsync(stale, reason, cancellationToken));
    }

    /// <summary>The failure of a moment ago, when another try would only repeat it.</summary>
    private QwenException? Echo()
    {
        return _memory.Echo is { } echo && _renewal.Running is null
            ? echo.AsOutcome(echo.Message, echo.Attempts)
            : null;
    }
}
