using System.Security.Cryptography;
using System.Text;

namespace Connectors.Qwen.Credentials;

/// <summary>A lock as it was found.</summary>
internal readonly record struct LockSeen(string Id, DateTime WrittenAt)
{
    /// <summary>A name that no other lock has.</summary>
    public string Fingerprint =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{WrittenAt.Ticks} {Id}")))[..16];

    public static LockSeen Read(string path)
    {
        var info = new FileInfo(path);
        if (CredentialFiles.IsEmpty(info))
        {
            // Just created: its owner has not written yet.
            return new LockSeen("", info.LastWriteTimeUtc);
        }

        using var file = new FileStream(path, CredentialFiles.Shared());
        using var reader = new StreamReader(file);
        var id = new char[100];
        return new LockSeen(new string(id, 0, reader.ReadBlock(id)), File.GetLastWriteTimeUtc(file.SafeFileHandle));
    }
}

/// <summary>
/// Watches a lock that someone else holds, to tell its age: by the clock of its file system, which need not be ours, and by how
/// long it has been the same before our eyes.
/// </summary>
internal sealed class LockWatch
{
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly DateTime _fileSystemTime;
    private readonly long _started;
    private LockSeen _same;
    private long _sameSince;

    public LockWatch(string path, TimeProvider time)
    {
        _path = path;
        _time = time;
        _fileSystemTime = Touch(path);
        _started = _sameSince = time.GetTimestamp();
    }

    /// <summary>The lock as it is now; null when it has gone.</summary>
    public LockSeen? Look()
    {
        try
        {
            var seen = LockSeen.Read(_path);
            if (seen != _same)
            {
                _same = seen;
                _sameSince = _time.GetTimestamp();
            }

            return seen;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    public TimeSpan Age(LockSeen seen)
    {
        var byFileSystem = AgeOf(seen.WrittenAt);
        var byPatience = _time.GetElapsedTime(_sameSince);
        return byFileSystem > byPatience ? byFileSystem : byPatience;
    }

    /// <summary>How long ago something was written, by the clock of the file system.</summary>
    public TimeSpan AgeOf(DateTime writtenAt)
    {
        return _fileSystemTime + _time.GetElapsedTime(_started) - writtenAt;
    }

    // What time it is where the lock is.
    private static DateTime Touch(string path)
    {
        var probe = $"{path}.probe.{Guid.NewGuid()}";
        using (new FileStream(probe, CredentialFiles.Exclusive())) { }

        try
        {
            return File.GetLastWriteTimeUtc(probe);
        }
        finally
        {
            File.Delete(probe);
        }
    }
}
