using Connectors.Qwen.Credentials;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Qwen;

/// <summary>
/// A provider of credentials that end: renewed ahead of their end behind the calls, before use when their end is near, and
/// after a rejection; once for all who wait. Thread-safe.
/// </summary>
/// <remarks>
/// A fresh credential is returned without a lock, without touching a file and without an allocation. A renewal has a lifetime of
/// its own: a caller that is cancelled stops waiting, the renewal goes on. No failed renewal costs a credential that still works.
/// </remarks>
public abstract class RenewingCredentialProvider : IQwenCredentialProvider, IDisposable, IAsyncDisposable
{
    // A renewed login that is not saved is a lost login; a process that must end does not wait longer than this for it.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly HttpClient? _ownHttp;
    private int _isDisposed;

    private protected RenewingCredentialProvider(
        ICredentialSource source,
        QwenRefreshOptions options,
        ILoggerFactory? loggerFactory,
        TimeProvider? timeProvider,
        HttpClient? ownHttp = null
    )
    {
        _ownHttp = ownHttp;
        var logger = (ILogger?)loggerFactory?.CreateLogger(GetType()) ?? NullLogger.Instance;
        Cache = new CachedCredential(
            source,
            options.Windows,
            timeProvider ?? TimeProvider.System,
            logger,
            Random.Shared.NextDouble
        );
    }

    internal CachedCredential Cache { get; }

    /// <inheritdoc/>
    public ValueTask<QwenCredential> GetCredentialAsync(CancellationToken cancellationToken = default)
    {
        return Cache.GetAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<QwenCredential?> RenewCredentialAsync(
        QwenCredential rejected,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(rejected);
        return Cache.ReplaceAsync(rejected, cancellationToken);
    }

    /// <summary>Waits up to 5 seconds for a renewal that runs, and for its result to be saved: cut off, the login might be lost.</summary>
    public void Dispose()
    {
        // It runs on the thread pool and needs nothing of this thread.
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc cref="Dispose"/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            using var limit = new CancellationTokenSource(Farewell);
            var finished = Task.Run(() => Cache.FinishAsync(limit.Token));
            await finished.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _ownHttp?.Dispose();
        }

        GC.SuppressFinalize(this);
    }
}
