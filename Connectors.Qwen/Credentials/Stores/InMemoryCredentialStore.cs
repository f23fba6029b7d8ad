using System.Diagnostics.CodeAnalysis;

namespace Connectors.Qwen;

/// <summary>Keeps a login in memory, for one process. Thread-safe.</summary>
[SuppressMessage(
    "Design",
    "CA1001",
    Justification = "A semaphore whose wait handle is never asked for holds nothing to dispose."
)]
public sealed class InMemoryCredentialStore : IQwenCredentialStore
{
    private readonly SemaphoreSlim _renewers = new(1, 1);
    private volatile QwenCredential? _credential;

    /// <summary>Creates the store.</summary>
    /// <param name="credential">The login to start with; null for none.</param>
    public InMemoryCredentialStore(QwenCredential? credential = null)
    {
        _credential = credential;
    }

    /// <inheritdoc/>
    public ValueTask<QwenCredential?> LoadAsync(CancellationToken cancellationToken = default)
    {
        return new(_credential);
    }

    /// <inheritdoc/>
    public ValueTask SaveAsync(QwenCredential credential, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(credential);
        _credential = credential;
        return default;
    }

    /// <inheritdoc/>
    public async ValueTask<IQwenCredentialLease> AcquireAsync(CancellationToken cancellationToken = default)
    {
        await _renewers.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Lease(this);
    }

    private sealed class Lease(InMemoryCredentialStore store) : IQwenCredentialLease
    {
        private int _isDisposed;

        public TimeSpan Duration => Timeout.InfiniteTimeSpan;

        public QwenException? Obstacle => null;

        public ValueTask<bool> TryReplaceAsync(
            QwenCredential used,
            QwenCredential renewed,
            CancellationToken cancellationToken = default
        )
        {
            ArgumentNullException.ThrowIfNull(used);
            ArgumentNullException.ThrowIfNull(renewed);
            var held = store._credential;
            // A new login may be saved at any moment: it must not be overwritten between the look and the write.
            return new(
                held is not null
                    && held.HasTokensOf(used)
                    && ReferenceEquals(Interlocked.CompareExchange(ref store._credential, renewed, held), held)
            );
        }

        public ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            {
                store._renewers.Release();
            }

            return default;
        }
    }
}
