using Connectors.Qwen.Credentials;
using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.UnitTests.Testing.Tokens;
using IO = System.IO;

namespace Connectors.Qwen.UnitTests.Credentials.Stores.File;

public sealed class LockFileTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ManualTime _time = new();
    private readonly RecordingLogger _log = new();

    private string LockPath => _directory.File("oauth_creds.lock");

    [Fact]
    public async Task AcquireAsync_Free_HoldsAnIdForItsOwnerOnly()
    {
        var mutex = await AcquireAsync();

        Assert.True(Guid.TryParse(await IO.File.ReadAllTextAsync(LockPath), out _));
        const UnixFileMode Owners = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(Owners, TempDirectory.ModeOf(LockPath, Owners));

        mutex.Release();
        Assert.Empty(_directory.Names());
        Assert.Empty(_log.Entries);
    }

    [Fact]
    public async Task AcquireAsync_Taken_WaitsALittleLongerEachTime()
    {
        var first = await AcquireAsync();

        var second = AcquireAsync();
        foreach (var milliseconds in new[] { 100, 150, 225, 337, 506, 759, 1139, 1708, 2000, 2000 })
        {
            Assert.False(second.IsCompleted);
            // No randomness: the middle of it.
            await _time.PassAsync(TimeSpan.FromMilliseconds(milliseconds));
        }

        await _time.Scheduled(TimeSpan.FromSeconds(2));
        first.Release();
        _time.Advance(TimeSpan.FromSeconds(2));

        (await Guard.WaitAsync(second)).Release();
        Assert.Equal([116], _log.Ids(Microsoft.Extensions.Logging.LogLevel.Debug));
        Assert.Empty(_directory.Names());
    }

    [Fact]
    public async Task AcquireAsync_Cancelled_StopsWaiting()
    {
        var first = await AcquireAsync();
        using var source = new CancellationTokenSource();
        var second = AcquireAsync(source.Token);
        await _time.Scheduled(TimeSpan.FromMilliseconds(100));

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Guard.WaitAsync(second));
        first.Release();
        Assert.Empty(_directory.Names());
    }

    [Fact]
    public async Task A17_AcquireAsync_LockOf40Seconds_IsBrokenAtOnce()
    {
        await LeaveAsync("dead", age: 40);

        var mutex = await Guard.WaitAsync(AcquireAsync());

        Assert.NotEqual("dead", await IO.File.ReadAllTextAsync(LockPath));
        Assert.Equal(["oauth_creds.lock"], _directory.Names());
        Assert.Equal(1, _log.Count(117));
        mutex.Release();
    }

    [Fact]
    public async Task A17_AcquireAsync_LockOf30Seconds_IsBrokenAfterItIs36()
    {
        await LeaveAsync("dead", age: 30);

        var pending = AcquireAsync();
        var waited = TimeSpan.Zero;
        foreach (var milliseconds in new[] { 100, 150, 225, 337, 506, 759, 1139, 1708 })
        {
            await _time.PassAsync(TimeSpan.FromMilliseconds(milliseconds));
            waited += TimeSpan.FromMilliseconds(milliseconds);
        }

        // 34.9 s by the file system's clock.
        await _time.Scheduled(TimeSpan.FromSeconds(2));
        Assert.False(pending.IsCompleted);
        Assert.Equal("dead", await IO.File.ReadAllTextAsync(LockPath));
        _time.Advance(TimeSpan.FromSeconds(2));

        (await Guard.WaitAsync(pending)).Release();
        Assert.Equal(1, _log.Count(117));
    }

    [Fact]
    public async Task A17_AcquireAsync_LockFromTheFuture_IsBrokenWhenItWasTheSameFor36Seconds()
    {
        await LeaveAsync("dead", age: -86400);

        var pending = AcquireAsync();
        await PassUntilAsync(pending, TimeSpan.FromSeconds(40));

        (await pending).Release();
        Assert.InRange(_time.GetUtcNow() - ManualTime.Begin, TimeSpan.FromSeconds(36), TimeSpan.FromSeconds(39));
    }

    [Fact]
    public async Task AcquireAsync_LockThatIsAlwaysAnothers_EndsAfter45Seconds()
    {
        await LeaveAsync("0", age: 0);

        var pending = AcquireAsync();
        await PassUntilAsync(pending, TimeSpan.FromSeconds(60), renew: true);
        var e = await Assert.ThrowsAsync<QwenException>(() => pending);

        Assert.Equal(QwenFailureKind.CredentialStore, e.Kind);
        Assert.StartsWith($"The lock {LockPath} was not free within 45 s", e.Message);
        Assert.InRange(_time.GetUtcNow() - ManualTime.Begin, TimeSpan.FromSeconds(45), TimeSpan.FromSeconds(48));
        Assert.Equal(["oauth_creds.lock"], _directory.Names());
    }

    [Fact]
    public async Task A17_AcquireAsync_ManyFindOneDeadLock_OneAtATimeHoldsIt()
    {
        await LeaveAsync("dead", age: 40);
        var holders = 0;
        var most = 0;
        var waiters = Enumerable
            .Range(0, 16)
            .Select(i =>
                Task.Run(async () =>
                {
                    var mutex = await LockFile.AcquireAsync(LockPath, TimeProvider.System, _log, () => 0, default);
                    most = Math.Max(most, Interlocked.Increment(ref holders));
                    await Task.Yield();
                    Interlocked.Decrement(ref holders);
                    mutex.Release();
                })
            )
            .ToArray();

        await Guard.WaitAsync(Task.WhenAll(waiters));

        Assert.Equal(1, most);
        Assert.Empty(_directory.Names());
        Assert.Equal(0, _log.Count(118));
    }

    [Fact]
    public async Task A17_Break_AnotherThanTheOneSeen_IsPutBack()
    {
        var mutex = await AcquireAsync();
        var id = await IO.File.ReadAllTextAsync(LockPath);

        // Seen dead; then broken by another process, which has made its own since.
        mutex.Break(new LockSeen("dead", default), TimeSpan.FromSeconds(40));

        Assert.Equal(id, await IO.File.ReadAllTextAsync(LockPath));
        Assert.Equal(["oauth_creds.lock"], _directory.Names());
        Assert.Empty(_log.Entries);

        // The same id at another time: an empty one, in the moment between its creation and its writing.
        var seen = LockSeen.Read(LockPath);
        mutex.Break(seen with { WrittenAt = default }, TimeSpan.FromSeconds(40));
        Assert.Equal(id, await IO.File.ReadAllTextAsync(LockPath));

        mutex.Break(seen, TimeSpan.FromSeconds(40));
        Assert.Empty(_directory.Names());
        mutex.Break(seen, TimeSpan.FromSeconds(40));
        Assert.Equal([117], _log.Ids());
    }

    [Fact]
    public async Task Release_LockOfAnother_IsLeftAlone()
    {
        var mutex = await AcquireAsync();
        await IO.File.WriteAllTextAsync(LockPath, "another");

        mutex.Release();

        Assert.Equal("another", await IO.File.ReadAllTextAsync(LockPath));
        Assert.Equal([118], _log.Ids());
    }

    [Fact]
    public async Task Release_LockIsGone_WasLost()
    {
        var mutex = await AcquireAsync();
        IO.File.Delete(LockPath);

        mutex.Release();

        Assert.Equal([118], _log.Ids());
        Assert.Empty(_directory.Names());
    }

    [Fact]
    public async Task AcquireAsync_NoDirectory_IsAnIOException()
    {
        var path = _directory.File("none/oauth_creds.lock");

        await Assert.ThrowsAnyAsync<IOException>(() => LockFile.AcquireAsync(path, _time, _log, () => 0.5, default));
    }

    [Fact]
    public async Task AcquireAsync_LockIsADirectory_IsSaidAtOnce()
    {
        Directory.CreateDirectory(LockPath);

        var e = await Record.ExceptionAsync(() => Guard.WaitAsync(AcquireAsync()));

        Assert.True(e is IOException or UnauthorizedAccessException, e?.ToString());
    }

    public void Dispose()
    {
        _directory.Dispose();
    }

    private Task<LockFile> AcquireAsync(CancellationToken cancellationToken = default)
    {
        return LockFile.AcquireAsync(LockPath, _time, _log, () => 0.5, cancellationToken);
    }

    private async Task LeaveAsync(string id, double age)
    {
        await IO.File.WriteAllTextAsync(LockPath, id);
        IO.File.SetLastWriteTimeUtc(LockPath, IO.File.GetLastWriteTimeUtc(LockPath).AddSeconds(-age));
    }

    /// <summary>Lets time pass in the waiter's own steps, as far as it waits.</summary>
    private async Task PassUntilAsync(Task pending, TimeSpan limit, bool renew = false)
    {
        var exact = 100.0;
        for (var passed = 0.0; passed < limit.TotalMilliseconds && !pending.IsCompleted; passed += exact)
        {
            // Timers count whole milliseconds.
            var delay = TimeSpan.FromMilliseconds(Math.Floor(exact));
            var scheduled = _time.Scheduled(delay);
            await Task.WhenAny(scheduled, pending);
            if (pending.IsCompleted)
            {
                return;
            }

            await scheduled;
            if (renew)
            {
                // Just written, also by the file system's clock, which stands while ours is moved.
                await LeaveAsync(Guid.NewGuid().ToString(), (ManualTime.Begin - _time.GetUtcNow()).TotalSeconds);
            }

            _time.Advance(delay);
            exact = Math.Min(exact * 1.5, 2000);
        }

        await Guard.UntilAsync(() => pending.IsCompleted);
    }
}
