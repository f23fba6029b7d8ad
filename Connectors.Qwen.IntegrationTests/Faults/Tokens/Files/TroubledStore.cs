namespace Connectors.Qwen.IntegrationTests.Faults.Tokens.Files;

/// <summary>A credential file on a disk that can be full: what is known before a renewal, and what a write then meets.</summary>
internal sealed class TroubledStore(string path) : IQwenCredentialStore
{
    private readonly FileCredentialStore _file = new(path);
    private readonly TaskCompletionSource _writing = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether writes fail.</summary>
    public bool IsFull { get; set; }

    /// <summary>Whether that is known before anything is risked.</summary>
    public bool IsKnown { get; set; }

    /// <summary>Whether writes never end.</summary>
    public bool Hangs { get; set; }

    /// <summary>Ends when the first write has begun.</summary>
    public Task Writing => _writing.Task;

    public ValueTask<QwenCredential?> LoadAsync(CancellationToken cancellationToken = default)
    {
        return _file.LoadAsync(cancellationToken);
    }

    public ValueTask SaveAsync(QwenCredential credential, CancellationToken cancellationToken = default)
    {
        return _file.SaveAsync(credential, cancellationToken);
    }

    public async ValueTask<IQwenCredentialLease> AcquireAsync(CancellationToken cancellationToken = default)
    {
        return new Lease(this, await _file.AcquireAsync(cancellationToken));
    }

    private static QwenException Full()
    {
        return new QwenException(QwenFailureKind.CredentialStore, "No space left on device.");
    }

    private sealed class Lease(TroubledStore store, IQwenCredentialLease lease) : IQwenCredentialLease
    {
        public TimeSpan Duration => lease.Duration;

        public QwenException? Obstacle => store is { IsFull: true, IsKnown: true } ? Full() : lease.Obstacle;

        public ValueTask<bool> TryReplaceAsync(
            QwenCredential used,
            QwenCredential renewed,
            CancellationToken cancellationToken = default
        )
        {
            store._writing.TrySetResult();
            return store.Hangs ? new(new TaskCompletionSource<bool>().Task)
                : store.IsFull ? ValueTask.FromException<bool>(Full())
                : lease.TryReplaceAsync(used, renewed, cancellationToken);
        }

        public ValueTask DisposeAsync()
        {
            return lease.DisposeAsync();
        }
    }
}
