using Connectors.Qwen.Credentials;
using Connectors.Qwen.UnitTests.Testing.Tokens;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.UnitTests.Credentials.Keys;

/// <summary>T53: a key file is looked at once a second, whatever is found.</summary>
public sealed class FileKeySourceTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();

    private string FilePath => _directory.File("key");

    [Fact]
    public async Task T53_Read_GoneInTheMiddleOfARotation_IsNotLookedForAgainWithinASecond()
    {
        var source = new FileKeySource(FilePath, _time);
        await File.WriteAllTextAsync(FilePath, "key-1");
        Assert.Equal("key-1", source.Read(isRejected: false));
        _time.Advance(TimeSpan.FromSeconds(1));
        File.Delete(FilePath);
        Assert.Equal("key-1", source.Read(isRejected: false));

        await File.WriteAllTextAsync(FilePath, "key-2");
        _time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Equal("key-1", source.Read(isRejected: false));
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal("key-2", source.Read(isRejected: false));
    }

    [Fact]
    public async Task Read_Pipe_IsNotOpened()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no pipes in directories.");
        _directory.MakePipe("key");
        var source = new FileKeySource(FilePath, _time);

        Assert.Equal("", await Guard.WaitAsync(Task.Run(() => source.Read(isRejected: false))));
    }

    public void Dispose()
    {
        _directory.Dispose();
    }
}
