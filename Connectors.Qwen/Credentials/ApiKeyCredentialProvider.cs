namespace Connectors.Qwen;

/// <summary>An API key that does not end and cannot be renewed. Thread-safe.</summary>
public sealed class ApiKeyCredentialProvider : IQwenCredentialProvider
{
    private readonly QwenCredential _credential;

    /// <summary>Creates the provider.</summary>
    /// <param name="apiKey">The key.</param>
    /// <exception cref="ArgumentException">The key is empty or holds a character that a header cannot carry.</exception>
    public ApiKeyCredentialProvider(string apiKey)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(apiKey);
        _credential = new QwenCredential(apiKey.Trim());
    }

    /// <inheritdoc/>
    public ValueTask<QwenCredential> GetCredentialAsync(CancellationToken cancellationToken = default)
    {
        return new(_credential);
    }

    /// <summary>Always null: there is no other key.</summary>
    /// <param name="rejected">The rejected credential.</param>
    /// <param name="cancellationToken">Not used.</param>
    public ValueTask<QwenCredential?> RenewCredentialAsync(
        QwenCredential rejected,
        CancellationToken cancellationToken = default
    )
    {
        return new((QwenCredential?)null);
    }
}
