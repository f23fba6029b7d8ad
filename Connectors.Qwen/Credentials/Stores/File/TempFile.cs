namespace Connectors.Qwen.Credentials;

/// <summary>
/// The new content of a file in the making: opened before there is anything to write, so that the renewal is not asked for where it
/// could not be kept. Readable by its owner only, from the first byte on.
/// </summary>
internal sealed class TempFile : IDisposable
{
    private static readonly TimeSpan LeftBehind = TimeSpan.FromHours(1);
    private const int Tries = 4;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(50);

    private readonly string _target;
    private readonly string _path;
    private FileStream? _stream;

    private TempFile(string target)
    {
        _target = target;
        _path = $"{target}.tmp.{Environment.ProcessId}.{Guid.NewGuid()}";
        _stream = new FileStream(_path, CredentialFiles.Exclusive());
    }

    public static TempFile Create(string target)
    {
        var file = new TempFile(target);
        file.RemoveLeftBehind();
        return file;
    }

    /// <summary>Puts the document in the target's place in one step: whoever looks sees the old one or the new one.</summary>
    public async Task CommitAsync(CredentialDocument document)
    {
        var content = new MemoryStream();
        document.WriteTo(content);
        using (_stream)
        {
            _stream!.Write(content.GetBuffer(), 0, (int)content.Length);
            _stream.Flush(flushToDisk: true);
        }

        _stream = null;
        for (var tries = 1; ; tries++)
        {
            try
            {
                File.Move(_path, _target, overwrite: true);
                return;
            }
            // Windows refuses while another process reads the old one; that takes no time.
            catch (Exception e)
                when (OperatingSystem.IsWindows() && e is IOException or UnauthorizedAccessException && tries < Tries)
            {
                await Task.Delay(BetweenTries, TimeProvider.System).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Removes it, unless it has taken the target's place.</summary>
    public void Dispose()
    {
        try
        {
            _stream?.Dispose();
            File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Removed by whoever finds it an hour later.
        }
    }

    // Killed processes leave theirs, and each holds a login.
    private void RemoveLeftBehind()
    {
        var now = File.GetLastWriteTimeUtc(_path);
        foreach (
            var old in Directory.EnumerateFiles(Path.GetDirectoryName(_target)!, Path.GetFileName(_target) + ".tmp.*")
        )
        {
            try
            {
                if (now - File.GetLastWriteTimeUtc(old) > LeftBehind)
                {
                    File.Delete(old);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Someone else's, or just removed by someone else.
            }
        }
    }
}
