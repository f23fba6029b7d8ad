namespace Connectors.Qwen;

/// <summary>Where the credential of a request comes from. Implementations are thread-safe.</summary>
public interface IQwenCredentialProvider
{
    /// <summary>
    /// The credential to send now. A credential that ends is renewed here when it has ended or is about to; a fresh one
    /// is returned synchronously.
    /// </summary>
    /// <param name="cancellationToken">Ends this caller's wait; a renewal that others share goes on.</param>
    /// <exception cref="QwenAuthenticationException">There is no usable credential and none can be had without a human.</exception>
    /// <exception cref="QwenException">A renewal was needed and failed.</exception>
    ValueTask<QwenCredential> GetCredentialAsync(CancellationToken cancellationToken = default);

    /// <summary>Another credential than one that the server has just rejected.</summary>
    /// <param name="rejected">The credential the rejected request carried. Naming it, not merely asking for a renewal,
    /// lets a thousand rejections of one token lead to one renewal.</param>
    /// <param name="cancellationToken">Ends this caller's wait; a renewal that others share goes on.</param>
    /// <returns>A credential that differs from the rejected one, or null when there is none.</returns>
    /// <exception cref="QwenException">The renewal failed.</exception>
    ValueTask<QwenCredential?> RenewCredentialAsync(
        QwenCredential rejected,
        CancellationToken cancellationToken = default
    );
}
