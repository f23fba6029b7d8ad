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
        var options = CredentialFiles.Exclusive();
        // Each write is on the disk when it returns. .NET takes no notice of an fsync that fails (seen on Linux, .NET 10): an empty
        // file would take the login's place where a disk is full only by then.
        options.Options = FileOptions.WriteThrough;
        _stream = new FileStream(_path, options);
    }

    public static TempFile Create(string target)
    {
        var file = new TempFile(target);
        file.RemoveLeftBehind();
        return file;
    }

    /// <summary>Writes the document, which may take as long as the disk likes.</summary>
    public void Write(CredentialDocument document)
    {
        var content = new MemoryStream();
        document.WriteTo(content);
        using (_stream)
        {
            _stream!.Write(content.GetBuffer(), 0, (int)content.Length);
        }

        _stream = null;
    }

    /// <summary>Puts what was written in the target's place in one step: whoever looks sees the old one or the new one.</summary>
    public async Task PlaceAsync()
    {
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

    // Killed processes leave theirs, and some hold a login.
    private void RemoveLeftBehind()
    {
        try
        {
            var now = File.GetLastWriteTimeUtc(_path);
            var name = Path.GetFileName(_target);
            var mutex = Path.GetFileName(CredentialFilePath.LockOf(_target));
            string[] patterns = [$"{name}.tmp.*", $"{mutex}.probe.*", $"{mutex}.stale.*"];
            foreach (
                var old in patterns.SelectMany(pattern =>
                    Directory.EnumerateFiles(Path.GetDirectoryName(_target)!, pattern)
                )
            )
            {
                if (now - File.GetLastWriteTimeUtc(old) > LeftBehind)
                {
                    File.Delete(old);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that may not be listed, or a file of someone else. Tidying up is not what was asked for.
        }
    }
}
