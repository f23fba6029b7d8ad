namespace Connectors.Qwen.Credentials;

/// <summary>A credential that was brought.</summary>
/// <param name="Credential">The credential.</param>
/// <param name="IsAdopted">Whether someone else had renewed it already: nothing was asked of the network.</param>
internal readonly record struct Renewal(QwenCredential Credential, bool IsAdopted);

/// <summary>Where the credentials of one provider come from. One renewal runs at a time.</summary>
internal interface ICredentialSource
{
    /// <summary>Whether a renewed credential could not be kept, and it is time for another try.</summary>
    bool IsSaveDue => false;

    /// <summary>What is kept; null when this source keeps nothing.</summary>
    ValueTask<QwenCredential?> LoadAsync(CancellationToken cancellationToken)
    {
        return default;
    }

    /// <summary>Whether a new credential can be had for this one without a human.</summary>
    bool CanRenew(QwenCredential credential)
    {
        return true;
    }

    /// <summary>A credential that replaces the current one.</summary>
    /// <param name="isUsable">Says whether one that someone else has put in its place will do.</param>
    /// <param name="isAhead">Whether the current one still works: then nothing is risked.</param>
    /// <param name="cancellationToken">Cancels the renewal.</param>
    Task<Renewal> RenewAsync(Func<QwenCredential, bool> isUsable, bool isAhead, CancellationToken cancellationToken);

    /// <summary>Tries again to keep what could not be kept, if there is any such. Does not throw.</summary>
    Task SaveAgainAsync(CancellationToken cancellationToken)
    {
        return Task.CompletedTask;
    }
}
