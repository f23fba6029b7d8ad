using Connectors.Qwen.Credentials;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Qwen;

/// <summary>
/// Temporary keys (<c>st-...</c>), minted from a long-lived key that is sent nowhere else, and renewed ahead of their end.
/// Thread-safe.
/// </summary>
/// <remarks>
/// A temporary key can do all that its parent can, and it cannot be revoked: it ends by itself. It is for handing to a front end, or
/// to a process that must not hold the parent.
/// </remarks>
public sealed class TemporaryKeyCredentialProvider : RenewingCredentialProvider
{
    /// <summary>Creates the provider; nothing is sent before the first call.</summary>
    /// <param name="parent">Where the long-lived key comes from; not disposed.</param>
    /// <param name="options">Where keys are minted and how long they live; null for the defaults. Read now.</param>
    /// <param name="httpClient">What sends the requests, not disposed; it must not follow redirects. Null for one of its own.</param>
    /// <param name="loggerFactory">Where renewals are logged.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public TemporaryKeyCredentialProvider(
        IQwenCredentialProvider parent,
        TemporaryKeyOptions? options = null,
        HttpClient? httpClient = null,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null
    )
        : this(
            parent ?? throw new ArgumentNullException(nameof(parent)),
            (options ?? new TemporaryKeyOptions()).Freeze<TemporaryKeyOptions>(),
            httpClient ?? CredentialHttp.CreateClient(),
            httpClient is null,
            loggerFactory,
            timeProvider ?? TimeProvider.System
        ) { }

    private TemporaryKeyCredentialProvider(
        IQwenCredentialProvider parent,
        TemporaryKeyOptions options,
        HttpClient http,
        bool ownsHttp,
        ILoggerFactory? loggerFactory,
        TimeProvider time
    )
        : base(
            new TemporaryKeySource(
                parent,
                options,
                http,
                time,
                (ILogger?)loggerFactory?.CreateLogger<TemporaryKeyCredentialProvider>() ?? NullLogger.Instance,
                Random.Shared.NextDouble
            ),
            options,
            loggerFactory,
            time,
            ownsHttp ? http : null
        ) { }
}
