using Connectors.Qwen.Credentials;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Qwen;

/// <summary>
/// An OAuth login, kept in a store that others may share: renewed by its refresh token, or adopted when another process has
/// renewed it already. Thread-safe.
/// </summary>
/// <remarks>
/// A refresh token that the server refuses is remembered and not sent again; a new login in the store is picked up by the next call
/// that needs one. For a first login see <see cref="DeviceCodeLogin"/>.
/// </remarks>
public sealed class OAuthCredentialProvider : RenewingCredentialProvider
{
    /// <summary>Creates the provider; nothing is read or sent before the first call.</summary>
    /// <param name="options">How the login is renewed. Read now; later changes have no effect.</param>
    /// <param name="store">Where the login is kept; null for the file that <see cref="QwenOAuthOptions.CredentialsPath"/> names.</param>
    /// <param name="httpClient">What speaks to the token endpoint, not disposed; it must not follow redirects, which would carry
    /// the refresh token away. Null for one of its own.</param>
    /// <param name="loggerFactory">Where refreshes are logged.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <exception cref="ArgumentException">An option cannot be used, or there is neither a store nor a path.</exception>
    public OAuthCredentialProvider(
        QwenOAuthOptions options,
        IQwenCredentialStore? store = null,
        HttpClient? httpClient = null,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null
    )
        : this(
            Frozen(options),
            store,
            httpClient ?? CredentialHttp.CreateClient(),
            httpClient is null,
            loggerFactory,
            timeProvider ?? TimeProvider.System
        ) { }

    private OAuthCredentialProvider(
        QwenOAuthOptions options,
        IQwenCredentialStore? store,
        HttpClient http,
        bool ownsHttp,
        ILoggerFactory? loggerFactory,
        TimeProvider time
    )
        : base(
            new LoginSource(
                options,
                store ?? FileOf(options, loggerFactory, time),
                http,
                time,
                (ILogger?)loggerFactory?.CreateLogger<OAuthCredentialProvider>() ?? NullLogger.Instance,
                Random.Shared.NextDouble
            ),
            options,
            loggerFactory,
            time,
            ownsHttp ? http : null
        ) { }

    private static QwenOAuthOptions Frozen(QwenOAuthOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Freeze<QwenOAuthOptions>();
    }

    private static FileCredentialStore FileOf(
        QwenOAuthOptions options,
        ILoggerFactory? loggerFactory,
        TimeProvider time
    )
    {
        // Never a file that just happens to be there: it may be the login of a person, for another purpose.
        return string.IsNullOrWhiteSpace(options.CredentialsPath)
            ? throw new ArgumentException(
                $"There is no store: hand one in, or set {nameof(QwenOAuthOptions.CredentialsPath)} "
                    + $"(the vendor's command line client uses {FileCredentialStore.DefaultPath}).",
                nameof(options)
            )
            : new FileCredentialStore(options.CredentialsPath, loggerFactory, time);
    }
}
