using Connectors.Qwen.Credentials;
using Connectors.Qwen.UnitTests.Testing.Tokens;
using IO = System.IO;

namespace Connectors.Qwen.UnitTests.Credentials.Stores.File;

public sealed class TempFileTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    [Fact]
    public async Task Create_FilesOfDeadProcesses_AreRemovedAfterAnHourAndNothingElseIs()
    {
        string[] dead = ["x.json.tmp.1.a", "x.lock.probe.b", "x.lock.stale.c", "x.lock.stale.0123456789ABCDEF"];
        string[] others = ["x.json", "x.json.bak", "x.lock", "x.lock.other", "y.json.tmp.1.a", "y.lock.stale.c"];
        foreach (var name in dead.Concat(others))
        {
            await WriteAsync(name, 61);
        }

        await WriteAsync("x.lock.probe.young", 59);
        await WriteAsync("x.lock.stale.young", 59);

        TempFile.Create(_directory.File("x.json")).Dispose();

        Assert.Equal(others.Concat(["x.lock.probe.young", "x.lock.stale.young"]).Order(), _directory.Names());
    }

    public void Dispose()
    {
        _directory.Dispose();
    }

    private async Task WriteAsync(string name, int minutes)
    {
        var path = _directory.File(name);
        await IO.File.WriteAllTextAsync(path, "left");
        IO.File.SetLastWriteTimeUtc(path, IO.File.GetLastWriteTimeUtc(path).AddMinutes(-minutes));
    }
}
