using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Credentials;

/// <summary>
/// A lock among processes, by qwen-code's protocol: a file that is created exclusively and holds the owner's id. A lock that is
/// too old was left by a dead process and is broken.
/// </summary>
/// <remarks>
/// qwen-code 0.24.4 holds it up to 35 s and breaks it after that time; versions up to 0.12 break it after 10 s. Ours are
/// held 8 s at most, and others' are broken after 36 s.
/// </remarks>
internal sealed class LockFile
{
    /// <summary>How old a lock is when its owner must be dead.</summary>
    public static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(36);

    /// <summary>How long a lock is waited for: longer than a dead one lasts.</summary>
    public static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(45);

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(2);

    private readonly string _path;
    private readonly string _id;
    private readonly ILogger _logger;

    private LockFile(string path, string id, ILogger logger)
    {
        _path = path;
        _id = id;
        _logger = logger;
    }

    /// <summary>Waits for the lock.</summary>
    /// <exception cref="QwenException">It was not free in time.</exception>
    /// <exception cref="IOException">It cannot be created here.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be created here.</exception>
    public static async Task<LockFile> AcquireAsync(
        string path,
        TimeProvider time,
        ILogger logger,
        Func<double> random,
        CancellationToken cancellationToken
    )
    {
        var wanted = new LockFile(path, Guid.NewGuid().ToString(), logger);
        var started = time.GetTimestamp();
        LockWatch? watch = null;
        for (var delay = FirstDelay; !wanted.TryCreate(); delay = Longer(delay))
        {
            watch ??= new LockWatch(path, time);
            if (watch.Look() is { } seen && watch.Age(seen) > StaleAfter && wanted.TryBreak(seen, watch))
            {
                continue;
            }

            if (time.GetElapsedTime(started) > WaitLimit)
            {
                throw new QwenException(
                    QwenFailureKind.CredentialStore,
                    $"The lock {path} was not free within {WaitLimit.TotalSeconds} s: another process renews the login again and "
                        + "again, or its clock stands. Delete the file when no process uses it."
                );
            }

            await Task.Delay(delay * (0.75 + (0.5 * random())), time, cancellationToken).ConfigureAwait(false);
        }

        var waited = time.GetElapsedTime(started);
        if (waited > FirstDelay)
        {
            logger.LockWaitedFor(path, waited.TotalMilliseconds);
        }

        return wanted;
    }

    /// <summary>Gives the lock back, if it is still ours: a process that was stopped for long may have lost it. Does not throw.</summary>
    public void Release()
    {
        try
        {
            if (LockSeen.Read(_path).Id == _id)
            {
                File.Delete(_path);
            }
            else
            {
                _logger.LockLost(_path);
            }
        }
        catch (FileNotFoundException)
        {
            _logger.LockLost(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _logger.LockNotReleased(e, _path);
        }
    }

    private bool TryCreate()
    {
        return TryCreate(_path, _id);
    }

    private static bool TryCreate(string path, string id)
    {
        try
        {
            using var file = new FileStream(path, CredentialFiles.Exclusive());
            try
            {
                file.Write(System.Text.Encoding.ASCII.GetBytes(id));
            }
            catch
            {
                // No room for the id: nobody could tell whose it is.
                File.Delete(path);
                throw;
            }

            return true;
        }
        catch (IOException e) when (CredentialFiles.IsAlreadyThere(e))
        {
            return false;
        }
    }

    /// <summary>
    /// Breaks a dead lock. Several may want to at once, and a late one would take the live lock that the first has made since: so
    /// it is broken by the one who creates a file that is named after it, and only while it is there.
    /// </summary>
    /// <returns>Whether the lock may be free now; false when another one is breaking it.</returns>
    private bool TryBreak(LockSeen seen, LockWatch watch)
    {
        var claim = $"{_path}.stale.{seen.Fingerprint}";
        if (!TryCreate(claim, _id))
        {
            // Whoever dies over it must not keep it for ever. What has gone is left alone: by now another one may be there.
            if (new FileInfo(claim) is { Exists: true } dead && watch.AgeOf(dead.LastWriteTimeUtc) > StaleAfter)
            {
                File.Delete(claim);
            }

            return false;
        }

        try
        {
            if (LockSeen.Read(_path) == seen)
            {
                Break(seen, watch.Age(seen));
            }
        }
        catch (FileNotFoundException)
        {
            // Its owner is not dead, but slow, and has removed it.
        }
        finally
        {
            File.Delete(claim);
        }

        return true;
    }

    /// <summary>Other programs do not know our claims: it is renamed, read again, and put back if it is not the one that was seen.</summary>
    internal void Break(LockSeen seen, TimeSpan age)
    {
        var aside = $"{_path}.stale.{Guid.NewGuid()}";
        try
        {
            File.Move(_path, aside);
        }
        catch (FileNotFoundException)
        {
            return;
        }

        if (LockSeen.Read(aside) == seen)
        {
            _logger.StaleLockBroken(_path, age.TotalSeconds);
        }
        else
        {
            try
            {
                File.Move(aside, _path, overwrite: false);
                return;
            }
            catch (IOException)
            {
                // A third has made one meanwhile. The owner of this one finds out when it compares before it writes.
            }
        }

        File.Delete(aside);
    }

    private static TimeSpan Longer(TimeSpan delay)
    {
        var longer = delay * 1.5;
        return longer < MaxDelay ? longer : MaxDelay;
    }
}
