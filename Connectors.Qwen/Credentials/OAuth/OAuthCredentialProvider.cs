using System.Diagnostics.CodeAnalysis;
using Connectors.Qwen.Credentials;
using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Qwen;

/// <summary>An OAuth login: renewed ahead of its end, and after a rejection, once for all who wait. Thread-safe.</summary>
/// <remarks>
/// A fresh token is returned without a lock and without an allocation. A renewal is shared by all callers and has a
/// lifetime of its own: a caller that is cancelled stops waiting, the renewal goes on.
/// </remarks>
public sealed class OAuthCredentialProvider : IQwenCredentialProvider, IDisposable
{
    private readonly QwenOAuthOptions _options;
    private readonly IQwenCredentialStore _store;
    private readonly TokenEndpointClient _endpoint;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HttpClient? _ownHttp;
    private readonly object _gate = new();

    private volatile QwenCredential? _current;
    private Task<QwenCredential>? _renewal;
    private DateTimeOffset _pausedUntil = DateTimeOffset.MinValue;

    /// <summary>Creates the provider; nothing is read or sent before the first call.</summary>
    /// <param name="options">How the login is renewed. Read now; later changes have no effect.</param>
    /// <param name="store">Where the login is kept.</param>
    /// <param name="httpClient">What speaks to the token endpoint, not disposed; it must not follow redirects, which would carry
    /// the refresh token away. Null for one of its own.</param>
    /// <param name="loggerFactory">Where refreshes are logged.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public OAuthCredentialProvider(
        QwenOAuthOptions options,
        IQwenCredentialStore store,
        HttpClient? httpClient = null,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(store);
        _options = options.Freeze();
        _store = store;
        _time = timeProvider ?? TimeProvider.System;
        _logger = (ILogger?)loggerFactory?.CreateLogger<OAuthCredentialProvider>() ?? NullLogger.Instance;
        _ownHttp = httpClient is null ? CreateHttpClient() : null;
        _endpoint = new TokenEndpointClient(_options, httpClient ?? _ownHttp!, _time);
    }

    /// <inheritdoc/>
    public ValueTask<QwenCredential> GetCredentialAsync(CancellationToken cancellationToken = default)
    {
        var current = _current;
        return current is not null && Decide(current) == RefreshDecision.Use
            ? new(current)
            : new(GetSlowlyAsync(cancellationToken));
    }

    /// <inheritdoc/>
    public async ValueTask<QwenCredential?> RenewCredentialAsync(
        QwenCredential rejected,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(rejected);
        var current = _current;
        if (current is not null && current.AccessToken != rejected.AccessToken)
        {
            return current;
        }

        if (!RefreshPolicy.MayReplace(current ?? rejected, _time.GetUtcNow()))
        {
            return null;
        }

        var renewed = await RenewAsync(rejected, "rejected by the server", cancellationToken).ConfigureAwait(false);
        return renewed.AccessToken == rejected.AccessToken ? null : renewed;
    }

    /// <summary>Disposes the HTTP client, if it is the provider's own. A renewal that runs is not cut: the login might be lost.</summary>
    public void Dispose()
    {
        Task? running;
        lock (_gate)
        {
            running = _renewal;
        }

        if (running is null)
        {
            _ownHttp?.Dispose();
        }
        else
        {
            running.ContinueWith(_ => _ownHttp?.Dispose(), TaskScheduler.Default);
        }
    }

    private async Task<QwenCredential> GetSlowlyAsync(CancellationToken cancellationToken)
    {
        var current = _current ?? await LoadAsync(cancellationToken).ConfigureAwait(false);
        switch (Decide(current))
        {
            case RefreshDecision.Use:
                return current;
            case RefreshDecision.RefreshFirst when IsPaused():
                return current;
            case RefreshDecision.RefreshFirst:
                try
                {
                    return await RenewAsync(current, "about to end", cancellationToken).ConfigureAwait(false);
                }
                catch (QwenException e) when (e is not QwenAuthenticationException)
                {
                    // Passing trouble at the token endpoint is no reason to fail a call whose token still works.
                    _logger.UnrefreshedTokenUsed(current.Fingerprint, current.ExpiresAt);
                    return current;
                }
            default:
                return await RenewAsync(current, "expired", cancellationToken).ConfigureAwait(false);
        }
    }

    private RefreshDecision Decide(QwenCredential credential)
    {
        return RefreshPolicy.Decide(credential, _time.GetUtcNow(), _options.RefreshBuffer);
    }

    private async Task<QwenCredential> LoadAsync(CancellationToken cancellationToken)
    {
        var loaded = await _store.LoadAsync(cancellationToken).ConfigureAwait(false);
        if (loaded is null)
        {
            throw new QwenAuthenticationException("There is no login in the credential store. Log in first.");
        }

        lock (_gate)
        {
            return _current ??= loaded;
        }
    }

    private bool IsPaused()
    {
        lock (_gate)
        {
            return _time.GetUtcNow() < _pausedUntil;
        }
    }

    private async Task<QwenCredential> RenewAsync(
        QwenCredential stale,
        string reason,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await JoinRenewal(stale, reason).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (QwenException shared)
        {
            // All who wait are handed one exception object; each needs its own to be thrown and annotated.
            throw shared.AsOutcome(shared.Message, shared.Attempts);
        }
    }

    private Task<QwenCredential> JoinRenewal(QwenCredential stale, string reason)
    {
        lock (_gate)
        {
            if (_current is { } current && current.AccessToken != stale.AccessToken)
            {
                return Task.FromResult(current);
            }

            // The one that starts it must not run it under the lock, nor with its own cancellation or ambient state.
            return _renewal ??= StartDetached(stale, reason);
        }
    }

    private Task<QwenCredential> StartDetached(QwenCredential stale, string reason)
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(() => RefreshAsync(stale, reason));
        }
    }

    [SuppressMessage("Reliability", "CA2016", Justification = "The renewal outlives the callers that wait for it.")]
    private async Task<QwenCredential> RefreshAsync(QwenCredential stale, string reason)
    {
        var started = _time.GetTimestamp();
        try
        {
            _logger.RefreshStarted(stale.Fingerprint, reason);
            var renewed = await ExchangeAsync(stale).ConfigureAwait(false);
            lock (_gate)
            {
                _current = renewed;
                _renewal = null;
            }

            var elapsed = _time.GetElapsedTime(started).TotalMilliseconds;
            _logger.RefreshSucceeded(elapsed, renewed.Fingerprint, stale.Fingerprint, renewed.ExpiresAt);
            QwenMetrics.Refreshed(succeeded: true);
            await SaveAsync(renewed).ConfigureAwait(false);
            return renewed;
        }
        catch (Exception e)
        {
            lock (_gate)
            {
                _renewal = null;
                _pausedUntil = _time.GetUtcNow() + RefreshPolicy.Pause;
            }

            var failure =
                e as QwenException
                ?? new QwenException(QwenFailureKind.ServerError, "The token could not be renewed: " + e.Message, e)
                {
                    // What happened is not known, so it is not done again with the same refresh token.
                    IsPermanent = true,
                };
            var elapsed = _time.GetElapsedTime(started).TotalMilliseconds;
            _logger.RefreshFailed(e, stale.Fingerprint, elapsed, failure.Kind);
            QwenMetrics.Refreshed(succeeded: false);
            throw failure;
        }
    }

    private async Task<QwenCredential> ExchangeAsync(QwenCredential stale)
    {
        if (stale.RefreshToken is null)
        {
            throw new QwenAuthenticationException("The login has ended and holds no refresh token. Log in again.");
        }

        using var limit = new CancellationTokenSource(_options.RefreshTimeout, _time);
        try
        {
            return await _endpoint.RefreshAsync(stale, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested)
        {
            throw _endpoint.NoAnswer(e);
        }
    }

    private async Task SaveAsync(QwenCredential renewed)
    {
        // All who wait for the token wait for this too, so a store that hangs is not waited for.
        using var limit = new CancellationTokenSource(_options.RefreshTimeout, _time);
        try
        {
            await _store.SaveAsync(renewed, limit.Token).AsTask().WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A token that cannot be saved still works; losing it would lose the login.
            _logger.RefreshedTokenNotSaved(e, renewed.Fingerprint);
        }
    }

    private static HttpClient CreateHttpClient()
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }
}
