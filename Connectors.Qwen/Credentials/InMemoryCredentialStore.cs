namespace Connectors.Qwen;

/// <summary>Keeps a login in memory, for one process. Thread-safe.</summary>
public sealed class InMemoryCredentialStore : IQwenCredentialStore
{
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
}
