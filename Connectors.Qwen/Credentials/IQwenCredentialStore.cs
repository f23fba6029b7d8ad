namespace Connectors.Qwen;

/// <summary>Where a login is kept between requests and restarts. Implementations are thread-safe.</summary>
public interface IQwenCredentialStore
{
    /// <summary>Reads the login.</summary>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The login, or null when there is none.</returns>
    /// <exception cref="QwenException">It cannot be read (<see cref="QwenFailureKind.CredentialStore"/>).</exception>
    ValueTask<QwenCredential?> LoadAsync(CancellationToken cancellationToken = default);

    /// <summary>Keeps a renewed login in place of the old one.</summary>
    /// <param name="credential">The new login.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <exception cref="QwenException">It cannot be written (<see cref="QwenFailureKind.CredentialStore"/>).</exception>
    ValueTask SaveAsync(QwenCredential credential, CancellationToken cancellationToken = default);
}
