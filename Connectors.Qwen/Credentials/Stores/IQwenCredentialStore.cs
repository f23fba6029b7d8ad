namespace Connectors.Qwen;

/// <summary>Where a login is kept between requests and restarts, and shared by those who use it. Implementations are thread-safe.</summary>
public interface IQwenCredentialStore
{
    /// <summary>Reads the login.</summary>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The login, or null when there is none.</returns>
    /// <exception cref="QwenException">It cannot be read (<see cref="QwenFailureKind.CredentialStore"/>).</exception>
    ValueTask<QwenCredential?> LoadAsync(CancellationToken cancellationToken = default);

    /// <summary>Keeps a new login, in place of whatever is there. For renewals see <see cref="AcquireAsync"/>.</summary>
    /// <param name="credential">The new login.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <exception cref="QwenException">It cannot be written (<see cref="QwenFailureKind.CredentialStore"/>).</exception>
    ValueTask SaveAsync(QwenCredential credential, CancellationToken cancellationToken = default);

    /// <summary>Waits for the right to renew the login: one owner at a time among all who share the store.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The right; dispose it soon.</returns>
    /// <exception cref="QwenException">It cannot be had (<see cref="QwenFailureKind.CredentialStore"/>).</exception>
    ValueTask<IQwenCredentialLease> AcquireAsync(CancellationToken cancellationToken = default);
}
