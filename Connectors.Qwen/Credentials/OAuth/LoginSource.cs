using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Credentials;

/// <summary>
/// Renews an OAuth login: what someone else has already put into the store is adopted, otherwise the refresh token is exchanged
/// under the store's lock and the result saved, if the store still holds what was used.
/// </summary>
internal sealed class LoginSource(
    QwenOAuthOptions options,
    IQwenCredentialStore store,
    HttpClient http,
    TimeProvider time,
    ILogger logger,
    Func<double> random
) : ICredentialSource
{
    private static readonly TimeSpan ShortestSave = TimeSpan.FromSeconds(1);

    private readonly TokenEndpointClient _endpoint = new(options, http, time);
    private readonly LoginKeeper _keeper = new(store, options.RefreshTimeout, time, logger);
    private readonly RenewalRetry _retry = new(time, logger, random);
    private Spent? _spent;

    public bool IsSaveDue => _keeper.IsSaveDue;

    public ValueTask<QwenCredential?> LoadAsync(CancellationToken cancellationToken)
    {
        return _keeper.LoadAsync(cancellationToken);
    }

    public bool CanRenew(QwenCredential credential)
    {
        return credential.RefreshToken is not null;
    }

    public async Task<Renewal> RenewAsync(
        Func<QwenCredential, bool> isUsable,
        bool isAhead,
        CancellationToken cancellationToken
    )
    {
        // Each try without the lock of the one before: others may have better luck.
        return await _retry
            .RunAsync(
                async () =>
                {
                    try
                    {
                        return await TryAsync(isUsable, isAhead, cancellationToken).ConfigureAwait(false);
                    }
                    catch (NoAnswerException e) when (e.WasSent)
                    {
                        return await TryOnceMoreAsync(e, isUsable, isAhead, cancellationToken).ConfigureAwait(false);
                    }
                    catch (NoAnswerException e)
                    {
                        throw _endpoint.NoAnswer(e);
                    }
                },
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    public Task SaveAgainAsync(CancellationToken cancellationToken)
    {
        return _keeper.SaveAgainAsync(cancellationToken);
    }

    /// <summary>
    /// After an answer that was lost: the refresh token may be used up, and a server that notices reuse ends the whole login. The
    /// store is read again, the request sent once more, and that is all.
    /// </summary>
    private async Task<Renewal> TryOnceMoreAsync(
        NoAnswerException lost,
        Func<QwenCredential, bool> isUsable,
        bool isAhead,
        CancellationToken cancellationToken
    )
    {
        var unknown = _endpoint.NoAnswer(lost);
        await _retry.PauseAsync(1, unknown, cancellationToken).ConfigureAwait(false);
        try
        {
            return await TryAsync(isUsable, isAhead, cancellationToken).ConfigureAwait(false);
        }
        catch (QwenAuthenticationException e)
        {
            throw new QwenAuthenticationException(
                "An answer of the token endpoint was lost, and the refresh token is used up since. " + e.Message,
                e,
                e.StatusCode
            );
        }
        catch (Exception e) when (e is NoAnswerException or QwenException)
        {
            if (await PeekAsync(cancellationToken).ConfigureAwait(false) is { RefreshToken: { } token })
            {
                _spent = new Spent(token, unknown, time.GetTimestamp(), IsForGood: false);
            }

            throw unknown;
        }
    }

    private async Task<Renewal> TryAsync(
        Func<QwenCredential, bool> isUsable,
        bool isAhead,
        CancellationToken cancellationToken
    )
    {
        if (await LookAsync(isUsable, cancellationToken).ConfigureAwait(false) is { IsAdopted: true } before)
        {
            return before;
        }

        var lease = await _keeper.AcquireAsync(cancellationToken).ConfigureAwait(false);
        var acquiredAt = time.GetTimestamp();
        await using (lease.ConfigureAwait(false))
        {
            // Again, now that nobody else renews it.
            var (held, isAdopted) = await LookAsync(isUsable, cancellationToken).ConfigureAwait(false);
            if (isAdopted)
            {
                return new Renewal(held, IsAdopted: true);
            }

            if (isAhead && lease.Obstacle is { } obstacle)
            {
                // A rotated login that cannot be saved is lost with this process: not risked without need.
                throw obstacle;
            }

            return await ExchangeAsync(held, isUsable, lease, acquiredAt, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What the store holds: to be adopted, or else to be renewed.</summary>
    private async Task<Renewal> LookAsync(Func<QwenCredential, bool> isUsable, CancellationToken cancellationToken)
    {
        var held = await _keeper.LoadAsync(cancellationToken).ConfigureAwait(false);
        if (held is not null && isUsable(held))
        {
            return new Renewal(held, IsAdopted: true);
        }

        ThrowIfHopeless(held);
        return new Renewal(held, IsAdopted: false);
    }

    private async Task<Renewal> ExchangeAsync(
        QwenCredential held,
        Func<QwenCredential, bool> isUsable,
        IQwenCredentialLease lease,
        long acquiredAt,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var renewed = await _endpoint
                .RefreshAsync(held, Limit(lease, acquiredAt), cancellationToken)
                .ConfigureAwait(false);
            var isSaved = await _keeper.SaveAsync(lease, Left(lease, acquiredAt), held, renewed).ConfigureAwait(false);
            return isSaved || await NewerAsync(isUsable, cancellationToken).ConfigureAwait(false) is not { } other
                ? new Renewal(renewed, IsAdopted: false)
                : new Renewal(other, IsAdopted: true);
        }
        catch (QwenAuthenticationException e)
        {
            // Someone who does not know the lock may have renewed it.
            if (await NewerAsync(isUsable, cancellationToken).ConfigureAwait(false) is { } other)
            {
                return new Renewal(other, IsAdopted: true);
            }

            // A dead login is not asked for again until the store holds another; a page that only looks like a refusal, in a while.
            _spent = new Spent(held.RefreshToken!, e, time.GetTimestamp(), e.ErrorCode == "invalid_grant");
            throw;
        }
    }

    /// <summary>What someone else has put into the store meanwhile, if it will do.</summary>
    private async Task<QwenCredential?> NewerAsync(
        Func<QwenCredential, bool> isUsable,
        CancellationToken cancellationToken
    )
    {
        var held = await PeekAsync(cancellationToken).ConfigureAwait(false);
        return held is not null && isUsable(held) ? held : null;
    }

    // After the exchange: its outcome counts, not that the store cannot be read for a moment.
    private async Task<QwenCredential?> PeekAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _keeper.LoadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (QwenException)
        {
            return null;
        }
    }

    private void ThrowIfHopeless([NotNull] QwenCredential? held)
    {
        if (held is null)
        {
            var where = store is FileCredentialStore file ? $"file {file.FilePath}" : "credential store";
            throw new QwenAuthenticationException(
                $"There is no login in the {where}. Log in first, for example with {nameof(DeviceCodeLogin)}."
            );
        }

        if (held.RefreshToken is null)
        {
            throw new QwenAuthenticationException("The login has ended and holds no refresh token. Log in again.");
        }

        if (
            _spent is { } spent
            && spent.RefreshToken == held.RefreshToken
            && (spent.IsForGood || time.GetElapsedTime(spent.Since) < RefreshPolicy.Pause)
        )
        {
            throw spent.Failure.AsOutcome(spent.Failure.Message, spent.Failure.Attempts);
        }
    }

    /// <summary>The longest the request may take: what is left of the lease after it has to be enough for the save.</summary>
    private TimeSpan Limit(IQwenCredentialLease lease, long acquiredAt)
    {
        var left =
            lease.Duration == Timeout.InfiniteTimeSpan
                ? options.RefreshTimeout
                : (lease.Duration * (5.0 / 8)) - time.GetElapsedTime(acquiredAt);
        return left <= TimeSpan.Zero
                ? throw new QwenException(
                    QwenFailureKind.CredentialStore,
                    "The credential store is too slow: the right to renew was used up before the token endpoint was asked. Check the "
                        + "disk or the service it is on."
                )
            : left < options.RefreshTimeout ? left
            : options.RefreshTimeout;
    }

    /// <summary>What is left of the lease; at least a moment, since what was renewed has to be written.</summary>
    private TimeSpan Left(IQwenCredentialLease lease, long acquiredAt)
    {
        if (lease.Duration == Timeout.InfiniteTimeSpan)
        {
            return options.RefreshTimeout;
        }

        var left = lease.Duration - time.GetElapsedTime(acquiredAt);
        return left > ShortestSave ? left : ShortestSave;
    }

    /// <summary>A refresh token that is not to be sent again: for good, or for a while.</summary>
    private sealed record Spent(string RefreshToken, QwenException Failure, long Since, bool IsForGood)
    {
        // A record prints what it holds.
        public override string ToString()
        {
            return Failure.Message;
        }
    }
}
