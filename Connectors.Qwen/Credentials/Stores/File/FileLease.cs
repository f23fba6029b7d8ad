namespace Connectors.Qwen.Credentials;

/// <summary>The right to renew the login of a credential file.</summary>
internal sealed class FileLease(
    CredentialFile file,
    string path,
    LockFile? mutex,
    TempFile? temp,
    QwenException? obstacle,
    TimeSpan duration
) : IQwenCredentialLease
{
    /// <summary>Versions of qwen-code up to 0.12 break a lock after 10 s.</summary>
    public static readonly TimeSpan MaxHold = TimeSpan.FromSeconds(8);

    private TempFile? _temp = temp;
    private volatile bool _isOver;

    public TimeSpan Duration => duration;

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

        return await WriteAsync(document, renewed, used, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes a login over whatever is there, or only over a certain one.</summary>
    /// <returns>False when that is there no longer.</returns>
    public async Task<bool> WriteAsync(
        CredentialDocument document,
        QwenCredential credential,
        QwenCredential? over = null,
        CancellationToken cancellationToken = default
    )
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
            content.Write(document);
            // That may have taken long, and nobody may wait for it any more: the lock is another's then, and the login too.
            ObjectDisposedException.ThrowIf(_isOver, this);
            cancellationToken.ThrowIfCancellationRequested();
            if (over is not null && !(file.Read() is var (now, _) && now.Holds(over)))
            {
                return false;
            }

            await content.PlaceAsync().ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw file.NotWritable(e);
        }
    }

    public ValueTask DisposeAsync()
    {
        _isOver = true;
        _temp?.Dispose();
        mutex?.Release();
        return default;
    }
}
