using Connectors.Qwen.Credentials;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen;

/// <summary>Credentials from a function of yours: an identity service, a vault. Thread-safe.</summary>
/// <remarks>
/// The function is called by one renewal at a time: at first use, ahead of the end of the credential it returned, and after a
/// rejection. It should then ask its service anew and not answer from a cache of its own: where it returns the rejected credential,
/// the call fails with the rejection.
/// </remarks>
public sealed class DelegateCredentialProvider : RenewingCredentialProvider
{
    private static readonly QwenRefreshOptions Defaults = new() { RefreshTimeout = TimeSpan.FromSeconds(30) };

    /// <summary>Creates the provider; the function is not called yet.</summary>
    /// <param name="obtain">Obtains a credential. Its <see cref="QwenCredential.ExpiresAt"/> decides when it is called again; without
    /// one it is called again only after a rejection. What it throws ends the calls that need it: throw a <see cref="QwenException"/>
    /// to say whether that passes.</param>
    /// <param name="options">How early it is called again; null for the defaults, with 30 seconds for
    /// <see cref="QwenRefreshOptions.RefreshTimeout"/>.</param>
    /// <param name="loggerFactory">Where renewals are logged.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    public DelegateCredentialProvider(
        Func<CancellationToken, ValueTask<QwenCredential>> obtain,
        QwenRefreshOptions? options = null,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null
    )
        : base(
            new Source(
                obtain ?? throw new ArgumentNullException(nameof(obtain)),
                (options ?? Defaults).Freeze<QwenRefreshOptions>(),
                timeProvider ?? TimeProvider.System
            ),
            options ?? Defaults,
            loggerFactory,
            timeProvider
        ) { }

    private sealed class Source(
        Func<CancellationToken, ValueTask<QwenCredential>> obtain,
        QwenRefreshOptions options,
        TimeProvider time
    ) : ICredentialSource
    {
        public async Task<Renewal> RenewAsync(
            Func<QwenCredential, bool> isUsable,
            bool isAhead,
            CancellationToken cancellationToken
        )
        {
            using var limit = new CancellationTokenSource(options.RefreshTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                // A function that does not listen to its token, or blocks, is not waited for either.
                var obtained = await Task.Run(() => obtain(either.Token).AsTask(), either.Token)
                    .WaitAsync(either.Token)
                    .ConfigureAwait(false);
                return obtained is null
                    ? throw new InvalidOperationException("The function returned null instead of a credential.")
                    : new Renewal(obtained.WithBeginning(time.GetUtcNow()), IsAdopted: false);
            }
            catch (OperationCanceledException e) when (limit.IsCancellationRequested)
            {
                throw new QwenException(
                    QwenFailureKind.ServerTimeout,
                    $"No credential within {options.RefreshTimeout.TotalSeconds} s. Raise RefreshTimeout, or check what obtains it.",
                    e
                );
            }
        }
    }
}
