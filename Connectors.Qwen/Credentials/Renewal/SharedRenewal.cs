using System.Diagnostics.CodeAnalysis;
using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Credentials;

/// <summary>The current credential, and the one renewal of it that may run. Thread-safe.</summary>
/// <remarks>
/// A renewal is a task of its own: it has neither the cancellation nor the ambient state of the caller that started it, and those
/// who wait for it can each leave.
/// </remarks>
internal sealed class SharedRenewal(
    ICredentialSource source,
    RefreshWindows windows,
    RenewalMemory memory,
    TimeProvider time,
    ILogger logger,
    Func<double> random
)
{
    private readonly object _gate = new();
    private volatile CredentialEntry? _entry;
    private Task<QwenCredential>? _running;
    private Task _last = Task.CompletedTask;
    private bool _isClosed;

    /// <summary>What is served now; null before the first use.</summary>
    public CredentialEntry? Current => _entry;

    /// <summary>The renewal that runs now, if one does: until its outcome is in force.</summary>
    public Task<QwenCredential>? Running
    {
        get
        {
            lock (_gate)
            {
                return _running;
            }
        }
    }

    /// <summary>Waits for the renewal that runs, else for a new one of <paramref name="stale"/>; what has replaced it already will do.</summary>
    public async Task<QwenCredential> RenewAsync(
        CredentialEntry? stale,
        RenewalReason reason,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await WaitAsync(Join(stale, reason, out _), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is QwenException or ObjectDisposedException && MayServe(stale, reason))
        {
            // It was joined for a graver reason and failed, or there are no more: for this one the old credential will do.
            stale.Rest();
            return stale.Credential;
        }
    }

    /// <summary>The same, for a credential that cannot be sent again: null when the renewal brought no other.</summary>
    public async Task<QwenCredential?> ReplaceAsync(
        CredentialEntry? stale,
        RenewalReason reason,
        QwenCredential unwanted,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var renewal = Join(stale, reason, out var isOwn);
            var credential = await WaitAsync(renewal, cancellationToken).ConfigureAwait(false);
            if (credential.AccessToken != unwanted.AccessToken)
            {
                return credential;
            }

            // Unless it was a renewal for a lesser reason, content with what there was: one that was really made is not made
            // once more by each of those who waited for it.
            if (isOwn || memory.WasRenewedWithin(RefreshPolicy.Interval(_entry?.Life)))
            {
                return null;
            }

            // It may have brought the same once more: that is what has to be renewed now.
            stale = _entry;
        }
    }

    /// <summary>Starts a renewal that nobody waits for, unless one runs.</summary>
    public void RenewBehind(CredentialEntry stale)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _ = _running ?? Start_NeedsLock(stale, RenewalReason.AheadOfItsEnd);
            }
        }
    }

    /// <summary>Begins nothing any more; what still runs holds locks and files.</summary>
    public Task Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            return _last;
        }
    }

    /// <summary>What someone else has put in the place of a rejected credential; null when there is nothing new.</summary>
    public async Task<QwenCredential?> AdoptAsync(CancellationToken cancellationToken)
    {
        var before = _entry;
        try
        {
            var loaded = await source.LoadAsync(cancellationToken).ConfigureAwait(false);
            if (loaded is null || !IsUsable(loaded, null))
            {
                return null;
            }

            // A renewal may have ended meanwhile: its result is newer than what was read.
            Interlocked.CompareExchange(ref _entry, NewEntry(loaded), before);
            return _entry!.Credential;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // What the caller has to hear is the rejection.
            return null;
        }
    }

    private static async Task<QwenCredential> WaitAsync(
        Task<QwenCredential> renewal,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await renewal.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (QwenException shared)
        {
            // All who wait are handed one exception object; each needs its own to be thrown and annotated.
            throw shared.AsOutcome(shared.Message, shared.Attempts);
        }
    }

    private Task<QwenCredential> Join(CredentialEntry? stale, RenewalReason reason, out bool isOwn)
    {
        lock (_gate)
        {
            isOwn = false;
            if (_running is { } running)
            {
                return running;
            }

            if (
                _entry is { } current
                && !ReferenceEquals(current, stale)
                && (!memory.IsRejected(current.Credential) || IsSameAgain(current, stale))
            )
            {
                return Task.FromResult(current.Credential);
            }

            ObjectDisposedException.ThrowIf(_isClosed, typeof(RenewingCredentialProvider));
            isOwn = true;
            return Start_NeedsLock(stale, reason);
        }
    }

    // Who looked before that renewal ended and comes after it would make it once more, for the same token.
    private bool IsSameAgain(CredentialEntry current, CredentialEntry? stale)
    {
        return current.Credential.AccessToken == stale?.Credential.AccessToken
            && memory.WasRenewedWithin(RefreshPolicy.Interval(current.Life));
    }

    private Task<QwenCredential> Start_NeedsLock(CredentialEntry? stale, RenewalReason reason)
    {
        _running = Detached.Run(() => RunAsync(stale, reason));
        _last = _running;
        return _running;
    }

    private async Task<QwenCredential> RunAsync(CredentialEntry? stale, RenewalReason reason)
    {
        Func<QwenCredential> say;
        try
        {
            say = await SettleAsync(stale, reason).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _running = null;
            }
        }

        // Not earlier: whoever reads that it was renewed, or was not, may come at once and has to find it so.
        return say();
    }

    /// <summary>Renews and puts the outcome in force; what is returned says it, and hands on the credential or throws.</summary>
    [SuppressMessage("Reliability", "CA2016", Justification = "The renewal outlives the callers that wait for it.")]
    private async Task<Func<QwenCredential>> SettleAsync(CredentialEntry? stale, RenewalReason reason)
    {
        RenewalReport? report = null;
        try
        {
            if (stale is null && await source.LoadAsync(CancellationToken.None).ConfigureAwait(false) is { } loaded)
            {
                stale = NewEntry(loaded);
                if (IsUsable(loaded, null))
                {
                    _entry = stale;
                    return () => loaded;
                }
            }

            var asked = time.GetTimestamp();
            report = RenewalReport.Start(stale?.Credential, reason, memory.IsPaused, time, logger);
            var renewal = await source
                .RenewAsync(
                    candidate => IsUsable(candidate, stale),
                    reason == RenewalReason.AheadOfItsEnd,
                    CancellationToken.None
                )
                .ConfigureAwait(false);
            _entry = NewEntry(renewal.Credential);
            if (!renewal.IsAdopted)
            {
                // Not earlier: whoever sees that it was renewed looks for what came of it.
                memory.Renewed(asked);
            }

            return () => report.Succeeded(renewal);
        }
        catch (Exception e)
        {
            var failure = RenewalFailure.Of(e);
            memory.Failed(failure);
            if (!MayServe(stale, reason))
            {
                return () =>
                {
                    report?.Failed(failure, isServed: false);
                    throw failure;
                };
            }

            stale.Rest();
            _entry = stale;
            return () =>
            {
                report?.Failed(failure, isServed: true);
                logger.UnrefreshedTokenUsed(stale.Credential.Fingerprint, stale.Credential.ExpiresAt);
                return stale.Credential;
            };
        }
    }

    /// <summary>Whether the old credential will do in spite of the failure: no failed renewal costs a token that still works.</summary>
    private bool MayServe([NotNullWhen(true)] CredentialEntry? stale, RenewalReason reason)
    {
        return stale is not null
            && reason is not (RenewalReason.Rejected or RenewalReason.Suspected)
            && !stale.HasEnded()
            && !memory.IsRejected(stale.Credential);
    }

    private CredentialEntry NewEntry(QwenCredential credential)
    {
        return new CredentialEntry(credential, windows with { Share = 1 - (0.2 * random()) }, time);
    }

    /// <summary>Whether a credential from the store will do instead of a renewal: another one, not rejected, not about to end.</summary>
    private bool IsUsable(QwenCredential candidate, CredentialEntry? stale)
    {
        if (candidate.AccessToken == stale?.Credential.AccessToken)
        {
            return false;
        }

        return !memory.IsRejected(candidate)
            && NewEntry(candidate).Assess() is RefreshDecision.Use or RefreshDecision.UseAndRefreshBehind;
    }
}
