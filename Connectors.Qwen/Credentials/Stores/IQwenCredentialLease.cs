namespace Connectors.Qwen;

/// <summary>The right to renew a login, held until disposed. Used by one caller at a time.</summary>
/// <remarks>
/// The right is advice: a process that stops for minutes may lose it without knowing. What guards the login is
/// <see cref="TryReplaceAsync"/>, which compares before it writes.
/// </remarks>
public interface IQwenCredentialLease : IAsyncDisposable
{
    /// <summary>
    /// How long the right is safe from others; <see cref="Timeout.InfiniteTimeSpan"/> for ever. The renewal has to be done and saved
    /// within it.
    /// </summary>
    TimeSpan Duration { get; }

    /// <summary>
    /// Why a renewed login could not be saved, as far as that can be known before the old one is spent; null when it can.
    /// </summary>
    QwenException? Obstacle { get; }

    /// <summary>Replaces a login by its renewal, if the store still holds the very login that was renewed.</summary>
    /// <param name="used">The login that was renewed; both its tokens are compared.</param>
    /// <param name="renewed">What came of it.</param>
    /// <param name="cancellationToken">Cancels the write; a write that has begun is finished.</param>
    /// <returns>Whether the store holds the renewal now; false when the store holds another login, or none: someone has logged in, or out.</returns>
    /// <exception cref="QwenException">It cannot be written (<see cref="QwenFailureKind.CredentialStore"/>).</exception>
    ValueTask<bool> TryReplaceAsync(
        QwenCredential used,
        QwenCredential renewed,
        CancellationToken cancellationToken = default
    );
}
