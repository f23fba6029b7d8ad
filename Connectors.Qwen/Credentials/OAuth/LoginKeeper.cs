using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Credentials;

/// <summary>
/// A store as a renewal needs it: one that hangs is not waited for, and a login that could not be saved is neither lost nor mixed up
/// with the one that is still in the store.
/// </summary>
internal sealed class LoginKeeper(IQwenCredentialStore store, TimeSpan timeout, TimeProvider time, ILogger logger)
{
    // A store may itself wait for other processes that long (a lock left by a dead one).
    private static readonly TimeSpan AcquireTimeout = TimeSpan.FromSeconds(60);

    private volatile Unsaved? _unsaved;

    /// <summary>Whether a login waits to be saved, and it is time for another try.</summary>
    public bool IsSaveDue => _unsaved is { } unsaved && time.GetElapsedTime(unsaved.TriedAt) >= RefreshPolicy.Pause;

    /// <summary>The login: what could not be saved counts as saved, as long as the store still holds what it was made from.</summary>
    public async ValueTask<QwenCredential?> LoadAsync(CancellationToken cancellationToken)
    {
        var held = await WithinAsync(timeout, "read", limited => store.LoadAsync(limited), cancellationToken)
            .ConfigureAwait(false);
        return _unsaved is { } unsaved && held?.HasTokensOf(unsaved.Used) == true ? unsaved.Renewed : held;
    }

    public async ValueTask<IQwenCredentialLease> AcquireAsync(CancellationToken cancellationToken)
    {
        var late = new TaskCompletionSource<IQwenCredentialLease>();
        try
        {
            return await WithinAsync(AcquireTimeout, "locked", AcquireAndTellAsync, cancellationToken)
                .ConfigureAwait(false);
        }
        catch
        {
            // One that comes too late would keep all others out.
            _ = GiveBackAsync(late.Task);
            throw;
        }

        async ValueTask<IQwenCredentialLease> AcquireAndTellAsync(CancellationToken limited)
        {
            var lease = await store.AcquireAsync(limited).ConfigureAwait(false);
            late.SetResult(lease);
            return lease;
        }
    }

    /// <summary>Saves a renewed login; if that fails it is kept in memory for another try. Does not throw.</summary>
    /// <returns>False when the store holds another login, or none.</returns>
    public Task<bool> SaveAsync(IQwenCredentialLease lease, TimeSpan limit, QwenCredential used, QwenCredential renewed)
    {
        // What the store really holds is the beginning of the chain of logins that were not saved.
        return _unsaved is { } before && ReferenceEquals(before.Renewed, used)
            ? ReplaceAsync(lease, limit, before.Used, renewed, isLate: true)
            : ReplaceAsync(lease, limit, used, renewed, isLate: false);
    }

    /// <summary>Tries again to save what could not be saved. Does not throw.</summary>
    public async Task SaveAgainAsync(CancellationToken cancellationToken)
    {
        if (_unsaved is not { } unsaved)
        {
            return;
        }

        try
        {
            var lease = await AcquireAsync(cancellationToken).ConfigureAwait(false);
            await using (lease.ConfigureAwait(false))
            {
                // A renewal may have come first, and taken it along.
                if (ReferenceEquals(_unsaved, unsaved))
                {
                    await ReplaceAsync(lease, timeout, unsaved.Used, unsaved.Renewed, isLate: true)
                        .ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (ReferenceEquals(_unsaved, unsaved))
        {
            NotSaved(unsaved.Used, unsaved.Renewed, e);
        }
        catch (Exception)
        {
            // A renewal has saved it meanwhile, or something newer.
        }
    }

    private static async Task GiveBackAsync(Task<IQwenCredentialLease> late)
    {
        var lease = await late.ConfigureAwait(false);
        await lease.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<bool> ReplaceAsync(
        IQwenCredentialLease lease,
        TimeSpan limit,
        QwenCredential stored,
        QwenCredential renewed,
        bool isLate
    )
    {
        try
        {
            var isSaved = await WithinAsync(
                    limit,
                    "written",
                    limited => lease.TryReplaceAsync(stored, renewed, limited),
                    CancellationToken.None
                )
                .ConfigureAwait(false);
            _unsaved = null;
            if (!isSaved)
            {
                logger.LoginChangedMeanwhile(renewed.Fingerprint);
            }
            else if (isLate)
            {
                logger.SavedAfterAll(renewed.Fingerprint);
            }

            return isSaved;
        }
        catch (Exception e)
        {
            NotSaved(stored, renewed, e);
            return true;
        }
    }

    // A token that cannot be saved still works; losing it would lose the login.
    private void NotSaved(QwenCredential stored, QwenCredential renewed, Exception why)
    {
        _unsaved = new Unsaved(stored, renewed, time.GetTimestamp());
        QwenMetrics.SaveFailed();
        logger.RefreshedTokenNotSaved(why, renewed.Fingerprint);
    }

    private async ValueTask<T> WithinAsync<T>(
        TimeSpan limit,
        string what,
        Func<CancellationToken, ValueTask<T>> work,
        CancellationToken cancellationToken
    )
    {
        using var clock = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, cancellationToken);
        try
        {
            // A disk that hangs holds a thread, not those who wait.
            return await Task.Run(() => work(either.Token).AsTask(), either.Token)
                .WaitAsync(either.Token)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new QwenException(
                QwenFailureKind.CredentialStore,
                $"The credential store could not be {what} within {limit.TotalSeconds} s. Check the disk or the service it is on.",
                e
            );
        }
    }

    private sealed record Unsaved(QwenCredential Used, QwenCredential Renewed, long TriedAt);
}
