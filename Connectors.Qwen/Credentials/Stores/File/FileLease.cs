namespace Connectors.Qwen.Credentials;

/// <summary>The right to renew the login of a credential file.</summary>
internal sealed class FileLease(
    CredentialFile file,
    string path,
    LockFile? mutex,
    TempFile? temp,
    QwenException? obstacle
) : IQwenCredentialLease
{
    /// <summary>Versions of qwen-code up to 0.12 break a lock after 10 s.</summary>
    public static readonly TimeSpan MaxHold = TimeSpan.FromSeconds(8);

    private TempFile? _temp = temp;

    public TimeSpan Duration => MaxHold;

    public QwenException? Obstacle => obstacle;

    public async ValueTask<bool> TryReplaceAsync(
        QwenCredential used,
        QwenCredential renewed,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(used);
        ArgumentNullException.ThrowIfNull(renewed);
        cancellationToken.ThrowIfCancellationRequested();
        // The lock is advice; this is the guard. A file that was deleted is a login that someone has ended.
        if (file.Read() is not var (document, _))
        {
            return false;
        }

        if (!document.Holds(used))
        {
            // A write that was given up on may have come through.
            return document.Holds(renewed);
        }

        await WriteAsync(document, renewed).ConfigureAwait(false);
        return true;
    }

    /// <summary>Writes a login over whatever is there.</summary>
    public async Task WriteAsync(CredentialDocument document, QwenCredential credential)
    {
        if (file.Refusal() is { } refusal)
        {
            throw refusal;
        }

        document.Set(credential, file.Now);
        try
        {
            using var content = _temp ?? TempFile.Create(path);
            // Good for one try, whatever comes of it.
            _temp = null;
            await content.CommitAsync(document).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw file.NotWritable(e);
        }
    }

    public ValueTask DisposeAsync()
    {
        _temp?.Dispose();
        mutex?.Release();
        return default;
    }
}
