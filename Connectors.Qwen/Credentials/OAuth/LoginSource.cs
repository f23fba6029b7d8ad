using System.Diagnostics.CodeAnalysis;
using Connectors.Qwen.Diagnostics;
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
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private const int MaxTries = 3;

    private readonly TokenEndpointClient _endpoint = new(options, http, time);
    private readonly LoginKeeper _keeper = new(store, options.RefreshTimeout, time, logger);
    private QwenAuthenticationException? _refusal;
    private string? _refused;

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
        var isUnknown = false;
        for (var tries = 1; ; tries++)
        {
            QwenException failure;
            try
            {
                return await TryAsync(isUsable, isAhead, cancellationToken).ConfigureAwait(false);
            }
            catch (NoAnswerException e)
            {
                failure = _endpoint.NoAnswer(e);
                // The token may be used up, and a server that notices reuse ends the whole login: one more try, not more.
                if (e.WasSent && isUnknown)
                {
                    throw failure;
                }

                isUnknown |= e.WasSent;
            }
            catch (QwenAuthenticationException e) when (isUnknown)
            {
                throw new QwenAuthenticationException(
                    "An answer of the token endpoint was lost, and the refresh token is used up since. " + e.Message,
                    e,
                    e.StatusCode
                );
            }
            catch (QwenException e) when (IsPassing(e))
            {
                failure = e;
            }

            if (tries == MaxTries)
            {
                throw failure;
            }

            // Without the lock: others may have better luck.
            var delay = FirstDelay * Math.Pow(4, tries - 1) * (0.5 + random());
            logger.RefreshRetried(tries, failure.Kind, delay.TotalMilliseconds);
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
        }
    }

    public Task SaveAgainAsync(CancellationToken cancellationToken)
    {
        return _keeper.SaveAgainAsync(cancellationToken);
    }

    private async Task<Renewal> TryAsync(
        Func<QwenCredential, bool> isUsable,
        bool isAhead,
        CancellationToken cancellationToken
    )
    {
        var held = await _keeper.LoadAsync(cancellationToken).ConfigureAwait(false);
        if (held is not null && isUsable(held))
        {
            return new Renewal(held, IsAdopted: true);
        }

        ThrowIfHopeless(held);
        var lease = await _keeper.AcquireAsync(cancellationToken).ConfigureAwait(false);
        var acquiredAt = time.GetTimestamp();
        await using (lease.ConfigureAwait(false))
        {
            held = await _keeper.LoadAsync(cancellationToken).ConfigureAwait(false);
            if (held is not null && isUsable(held))
            {
                return new Renewal(held, IsAdopted: true);
            }

            ThrowIfHopeless(held);
            if (isAhead && lease.Obstacle is { } obstacle)
            {
                // A rotated login that cannot be saved is lost with this process: not risked without need.
                throw obstacle;
            }

            return await ExchangeAsync(held, isUsable, lease, acquiredAt, cancellationToken).ConfigureAwait(false);
        }
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
            await _keeper.SaveAsync(lease, held, renewed).ConfigureAwait(false);
            return new Renewal(renewed, IsAdopted: false);
        }
        catch (QwenAuthenticationException e)
        {
            // Someone who does not know the lock may have renewed it.
            var after = await _keeper.LoadAsync(cancellationToken).ConfigureAwait(false);
            if (after is not null && isUsable(after))
            {
                return new Renewal(after, IsAdopted: true);
            }

            // Remembered, so that a dead login is not asked for again and again; another one in the store is another matter.
            (_refused, _refusal) = (held.RefreshToken, e);
            throw;
        }
    }

    private void ThrowIfHopeless([NotNull] QwenCredential? held)
    {
        if (held is null)
        {
            throw new QwenAuthenticationException("There is no login in the credential store. Log in first.");
        }

        if (held.RefreshToken is null)
        {
            throw new QwenAuthenticationException("The login has ended and holds no refresh token. Log in again.");
        }

        if (_refusal is { } refusal && _refused == held.RefreshToken)
        {
            throw refusal.AsOutcome(refusal.Message, refusal.Attempts);
        }
    }

    /// <summary>The longest the request may take: what is left of the lease after it has to be enough for the save.</summary>
    private TimeSpan Limit(IQwenCredentialLease lease, long acquiredAt)
    {
        if (lease.Duration == Timeout.InfiniteTimeSpan)
        {
            return options.RefreshTimeout;
        }

        var left = (lease.Duration * (5.0 / 8)) - time.GetElapsedTime(acquiredAt);
        return left <= TimeSpan.Zero
                ? throw new QwenException(
                    QwenFailureKind.CredentialStore,
                    "The credential store is too slow: the right to renew was used up before the token endpoint was asked. Check the "
                        + "disk or the service it is on."
                )
            : left < options.RefreshTimeout ? left
            : options.RefreshTimeout;
    }

    private static bool IsPassing(QwenException failure)
    {
        return !failure.IsPermanent
            && failure.Kind
                is QwenFailureKind.ServerError
                    or QwenFailureKind.ServerTimeout
                    or QwenFailureKind.RateLimited;
    }
}
