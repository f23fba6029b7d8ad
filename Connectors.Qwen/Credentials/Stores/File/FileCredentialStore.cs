using Connectors.Qwen.Credentials;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Qwen;

/// <summary>
/// Keeps a login in a file that several processes share, in the format and with the lock of the vendor's command line client
/// (qwen-code), which may use the same file. Thread-safe.
/// </summary>
/// <remarks>
/// <para>The file is replaced in one step and readable by its owner only; fields it does not know are kept; one that cannot be
/// understood is left as it is. A symbolic link is read, but not written through.</para>
/// <para>At most one of the processes renews the login at a time (<c>oauth_creds.lock</c> beside the file); the others adopt what it
/// wrote. A process that is killed between the server's answer and the write may lose a login whose refresh token is good only
/// once: no protocol without the server's help can prevent that.</para>
/// </remarks>
public sealed class FileCredentialStore : IQwenCredentialStore
{
    private readonly CredentialFile _file;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _lockPath;

    /// <summary>Creates the store; nothing is read or written yet.</summary>
    /// <param name="path">The file; may begin with <c>~/</c>. Null for <see cref="DefaultPath"/>.</param>
    /// <param name="loggerFactory">Where waits for the lock are logged.</param>
    /// <param name="timeProvider">The clock of waits and ages; null for the system's. Lock ages are judged by the file system's.</param>
    /// <exception cref="ArgumentException">The path ends in <c>.lock</c>, the name of its lock.</exception>
    public FileCredentialStore(
        string? path = null,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null
    )
    {
        FilePath = CredentialFilePath.Expand(path) ?? DefaultPath;
        _time = timeProvider ?? TimeProvider.System;
        _logger = (ILogger?)loggerFactory?.CreateLogger<FileCredentialStore>() ?? NullLogger.Instance;
        _file = new CredentialFile(FilePath, _time);
        _lockPath = CredentialFilePath.LockOf(FilePath);
    }

    /// <summary>
    /// Where the vendor's command line client keeps its login: <c>oauth_creds.json</c> in the directory that the environment variable
    /// <c>QWEN_HOME</c> names, else in <c>~/.qwen</c>.
    /// </summary>
    public static string DefaultPath => CredentialFilePath.Default();

    /// <summary>The full path of the file.</summary>
    public string FilePath { get; }

    /// <inheritdoc/>
    public ValueTask<QwenCredential?> LoadAsync(CancellationToken cancellationToken = default)
    {
        // A disk that hangs must not hold a caller that is cancelled.
        return new(Task.Run(_file.Load, cancellationToken).WaitAsync(cancellationToken));
    }

    /// <inheritdoc/>
    public async ValueTask SaveAsync(QwenCredential credential, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(credential);
        try
        {
            CredentialFiles.CreateDirectoryOf(FilePath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw _file.NotWritable(e);
        }

        var lease = await LeaseAsync(cancellationToken).ConfigureAwait(false);
        await using (lease.ConfigureAwait(false))
        {
            if (lease.Obstacle is { } obstacle)
            {
                throw obstacle;
            }

            await lease.WriteAsync(Existing(), credential, over: null, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IQwenCredentialLease> AcquireAsync(CancellationToken cancellationToken = default)
    {
        return await LeaseAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<FileLease> LeaseAsync(CancellationToken cancellationToken)
    {
        LockFile? mutex = null;
        var obstacle = _file.Refusal();
        try
        {
            mutex = await LockFile
                .AcquireAsync(_lockPath, _time, _logger, Random.Shared.NextDouble, cancellationToken)
                .ConfigureAwait(false);
            var lockedAt = _time.GetTimestamp();
            var temp = obstacle is null ? TempFile.Create(FilePath) : null;
            var left = FileLease.MaxHold - _time.GetElapsedTime(lockedAt);
            return new FileLease(_file, FilePath, mutex, temp, obstacle, left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Where nobody can write there is nobody to keep out either.
            return new FileLease(_file, FilePath, mutex, null, obstacle ?? _file.NotWritable(e), FileLease.MaxHold);
        }
    }

    // A new login replaces a file that nobody can read; the fields of one that can be read are kept.
    private CredentialDocument Existing()
    {
        try
        {
            return _file.Read()?.Document ?? CredentialDocument.Empty;
        }
        catch (QwenException)
        {
            return CredentialDocument.Empty;
        }
    }
}
