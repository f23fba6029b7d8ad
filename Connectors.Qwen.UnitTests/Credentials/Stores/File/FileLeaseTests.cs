using Connectors.Qwen.UnitTests.Testing.Tokens;
using IO = System.IO;

namespace Connectors.Qwen.UnitTests.Credentials.Stores.File;

/// <summary>The right to renew the login of a file, and the write that compares first.</summary>
public sealed class FileLeaseTests : IDisposable
{
    private const string Login = """{"access_token":"a1","refresh_token":"r1","custom":{"kept":true}}""";
    private static readonly QwenCredential Used = new("a1", null, "r1");
    private static readonly QwenCredential Renewed = new("a2", null, "r2");

    private readonly TempDirectory _directory = new();

    private string FilePath => _directory.File("oauth_creds.json");

    [Fact]
    public async Task TryReplaceAsync_SameRefreshToken_IsReplaced()
    {
        await IO.File.WriteAllTextAsync(FilePath, Login);
        await using (var lease = await Store().AcquireAsync())
        {
            Assert.Null(lease.Obstacle);
            // What the folder took since the lock was made is gone from it.
            Assert.InRange(lease.Duration, TimeSpan.Zero, TimeSpan.FromSeconds(8));
            // Open before the request is sent, and the lock beside it.
            Assert.Contains(_directory.Names(), n => n!.StartsWith("oauth_creds.json.tmp.", StringComparison.Ordinal));
            Assert.Contains("oauth_creds.lock", _directory.Names());
            Assert.True(await lease.TryReplaceAsync(Used, Renewed));
            // And once more: a lease is good for as long as it is held.
            Assert.True(await lease.TryReplaceAsync(Renewed, new QwenCredential("a3", null, "r3")));
        }

        Assert.Equal("a3", (await Store().LoadAsync())?.AccessToken);
        Assert.Equal(["oauth_creds.json"], _directory.Names());
    }

    [Fact]
    public async Task A17_TryReplaceAsync_TheRightIsGivenBack_NothingIsWritten()
    {
        await IO.File.WriteAllTextAsync(FilePath, Login);
        var lease = await Store().AcquireAsync();

        await lease.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await lease.TryReplaceAsync(Used, Renewed));

        Assert.Equal(Login, await IO.File.ReadAllTextAsync(FilePath));
        Assert.Equal(["oauth_creds.json"], _directory.Names());
    }

    [Fact]
    public async Task A16_TryReplaceAsync_AnotherLoginIsThere_IsNotReplaced()
    {
        var other = """{"access_token":"b","refresh_token":"rb"}""";
        await using (var lease = await Store().AcquireAsync())
        {
            await IO.File.WriteAllTextAsync(FilePath, other);
            Assert.False(await lease.TryReplaceAsync(Used, Renewed));
        }

        Assert.Equal(other, await IO.File.ReadAllTextAsync(FilePath));
        Assert.Equal(["oauth_creds.json"], _directory.Names());
    }

    [Fact]
    public async Task A22_TryReplaceAsync_FileWasDeleted_IsNotMadeAgain()
    {
        await IO.File.WriteAllTextAsync(FilePath, Login);
        await using (var lease = await Store().AcquireAsync())
        {
            IO.File.Delete(FilePath);
            Assert.False(await lease.TryReplaceAsync(Used, Renewed));
        }

        Assert.Empty(_directory.Names());
    }

    [Fact]
    public async Task TryReplaceAsync_FileBecameUnreadable_ThrowsAndLeavesIt()
    {
        await using var lease = await Store().AcquireAsync();
        await IO.File.WriteAllTextAsync(FilePath, "{");

        await Assert.ThrowsAsync<QwenException>(async () => await lease.TryReplaceAsync(Used, Renewed));

        Assert.Equal("{", await IO.File.ReadAllTextAsync(FilePath));
    }

    [Fact]
    public async Task A22_AcquireAsync_NoDirectory_IsAnObstacle()
    {
        await using var lease = await new FileCredentialStore(_directory.File("none/oauth_creds.json")).AcquireAsync();

        Assert.Equal(QwenFailureKind.CredentialStore, lease.Obstacle?.Kind);
        Assert.Contains("cannot be written", lease.Obstacle!.Message);
        Assert.False(Directory.Exists(_directory.File("none")));
    }

    [Fact]
    public async Task A22_AcquireAsync_DirectoryIsReadOnly_IsAnObstacle()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Root may write anywhere.");
        TempDirectory.SetMode(_directory.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using (var lease = await Store().AcquireAsync())
        {
            Assert.Contains("cannot be written", lease.Obstacle?.Message);
        }

        TempDirectory.SetMode(
            _directory.Path,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        );
    }

    [Fact]
    public async Task TryReplaceAsync_WriteThatWasGivenUpOnCameThrough_IsReplaced()
    {
        await IO.File.WriteAllTextAsync(FilePath, """{"access_token":"a2","refresh_token":"r2"}""");
        await using var lease = await Store().AcquireAsync();

        Assert.True(await lease.TryReplaceAsync(Used, Renewed));
    }

    public void Dispose()
    {
        _directory.Dispose();
    }

    private FileCredentialStore Store()
    {
        return new FileCredentialStore(FilePath);
    }
}
