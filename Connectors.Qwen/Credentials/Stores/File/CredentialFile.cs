namespace Connectors.Qwen.Credentials;

/// <summary>Reads and replaces one credential file. What goes wrong is said with its path and what to do.</summary>
internal sealed class CredentialFile(string path, TimeProvider time)
{
    private const int MaxBytes = 64 << 10;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Reads the document and when it was written; null when there is no file.</summary>
    /// <exception cref="QwenException">There is something, but no login that can be read.</exception>
    public (CredentialDocument Document, DateTimeOffset WrittenAt)? Read()
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw Failure("is a directory. Name a file.");
            }

            if (CredentialFiles.IsEmpty(new FileInfo(path)))
            {
                throw NoLogin("it is empty");
            }

            using var file = new FileStream(path, CredentialFiles.Shared());
            var writtenAt = new DateTimeOffset(File.GetLastWriteTimeUtc(file.SafeFileHandle));
            var bytes = new byte[MaxBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            var flaw = "it is too large";
            var document = length > MaxBytes ? null : CredentialDocument.Parse(bytes.AsSpan(0, length), out flaw);
            return document is null ? throw NoLogin(flaw) : (document, writtenAt);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Failure($"cannot be read ({e.Message}). Check its owner and permissions.", e);
        }
    }

    public QwenCredential? Load()
    {
        return Read() is var (document, writtenAt) ? document.ToCredential(writtenAt, time.GetUtcNow()) : null;
    }

    /// <summary>Why the file may not be written; null when it may.</summary>
    public QwenException? Refusal()
    {
        return new FileInfo(path).LinkTarget is null
            ? null
            : Failure(
                "is a symbolic link: it is read, but not written through, since what it points at (a mounted secret) may be "
                    + "replaced at any time. Copy the file, or let one process own it."
            );
    }

    public QwenException NotWritable(Exception cause)
    {
        return Failure(
            $"cannot be written ({cause.Message}). Check the space and the permissions of its directory.",
            cause
        );
    }

    private QwenException NoLogin(string? flaw)
    {
        return Failure($"holds no login: {flaw}. It was left as it is; log in again, or put a good copy there.");
    }

    private QwenException Failure(string how, Exception? cause = null)
    {
        return new QwenException(QwenFailureKind.CredentialStore, $"The credential file {path} {how}", cause);
    }
}
