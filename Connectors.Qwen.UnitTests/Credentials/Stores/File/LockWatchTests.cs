using Connectors.Qwen.Credentials;
using Connectors.Qwen.UnitTests.Testing.Tokens;
using Microsoft.Extensions.Time.Testing;
using IO = System.IO;

namespace Connectors.Qwen.UnitTests.Credentials.Stores.File;

public sealed class LockWatchTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();

    private string LockPath => _directory.File("x.lock");

    [Fact]
    public void Look_NoLock_IsNull()
    {
        Assert.Null(new LockWatch(LockPath, _time).Look());
        Assert.Empty(_directory.Names());
    }

    [Fact]
    public void Look_Lock_IsItsIdBoundedAndItsTime()
    {
        IO.File.WriteAllText(LockPath, new string('x', 1000));
        var written = IO.File.GetLastWriteTimeUtc(LockPath);

        Assert.Equal(new LockSeen(new string('x', 100), written), new LockWatch(LockPath, _time).Look());
    }

    [Fact]
    public async Task Look_Pipe_IsNotOpened()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no pipes in directories.");
        _directory.MakePipe("x.lock");
        var watch = new LockWatch(LockPath, _time);

        var seen = await Guard.WaitAsync(Task.Run(watch.Look));

        Assert.Equal(new LockSeen("", IO.File.GetLastWriteTimeUtc(LockPath)), seen);
    }

    // Age of the file when it is first seen, seconds it is watched, the age it has then.
    [Theory]
    [InlineData(40, 0, 40)]
    [InlineData(30, 6, 36)]
    [InlineData(-100, 10, 10)]
    [InlineData(-5, 10, 10)]
    public void Age_FileSystemOrPatience_TheLongerCounts(double age, double watched, double expected)
    {
        IO.File.WriteAllText(LockPath, "id");
        IO.File.SetLastWriteTimeUtc(LockPath, IO.File.GetLastWriteTimeUtc(LockPath).AddSeconds(-age));
        var watch = new LockWatch(LockPath, _time);
        watch.Look();

        _time.Advance(TimeSpan.FromSeconds(watched));

        // The probe is written a moment after the lock.
        Assert.InRange(watch.Age(watch.Look()!.Value).TotalSeconds, expected, expected + 5);
    }

    [Fact]
    public void Age_AnotherId_BeginsAnew()
    {
        IO.File.WriteAllText(LockPath, "one");
        var future = IO.File.GetLastWriteTimeUtc(LockPath).AddDays(1);
        IO.File.SetLastWriteTimeUtc(LockPath, future);
        var watch = new LockWatch(LockPath, _time);
        watch.Look();
        _time.Advance(TimeSpan.FromSeconds(30));

        IO.File.WriteAllText(LockPath, "two");
        IO.File.SetLastWriteTimeUtc(LockPath, future);
        Assert.Equal(TimeSpan.Zero, watch.Age(watch.Look()!.Value));
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(TimeSpan.FromSeconds(10), watch.Age(watch.Look()!.Value));
    }

    public void Dispose()
    {
        _directory.Dispose();
    }
}
