using System.Text.Json.Nodes;
using Connectors.Qwen.UnitTests.Testing.Tokens;
using IO = System.IO;

namespace Connectors.Qwen.UnitTests.Credentials.Stores.File;

public sealed class FileCredentialStoreTests : IDisposable
{
    private const string Login = """{"access_token":"a1","refresh_token":"r1","custom":{"kept":true}}""";
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersDirectory = OwnersFile | UnixFileMode.UserExecute;
    private static readonly QwenCredential Used = new("a1", null, "r1");
    private static readonly QwenCredential Renewed = new("a2", null, "r2");

    private readonly TempDirectory _directory = new();

    private string FilePath => _directory.File("oauth_creds.json");

    [Fact]
    public async Task LoadAsync_NoFileOrNoDirectory_IsNoLogin()
    {
        Assert.Null(await Store().LoadAsync());
        Assert.Null(await new FileCredentialStore(_directory.File("none/oauth_creds.json")).LoadAsync());
        Assert.Empty(_directory.Names());
    }

    [Theory]
    [InlineData("", "holds no login: it is empty.")]
    [InlineData("{\"access_token\":", "holds no login: it is not JSON.")]
    [InlineData("[]", "holds no login: it is not a JSON object.")]
    public async Task A19_LoadAsync_FileThatIsNoLogin_IsNamedAndLeftAsItWas(string content, string expected)
    {
        await IO.File.WriteAllTextAsync(FilePath, content);

        var e = await Assert.ThrowsAsync<QwenException>(() => Load(Store()));

        Assert.Equal(QwenFailureKind.CredentialStore, e.Kind);
        Assert.StartsWith($"The credential file {FilePath} {expected}", e.Message);
        Assert.Contains("log in again", e.Message);
        Assert.Equal(content, await IO.File.ReadAllTextAsync(FilePath));
    }

    [Fact]
    public async Task A19_LoadAsync_TooLarge_IsNotRead()
    {
        await IO.File.WriteAllTextAsync(FilePath, Login.PadRight((64 << 10) + 1));
        var e = await Assert.ThrowsAsync<QwenException>(() => Load(Store()));
        Assert.Contains("holds no login: it is too large.", e.Message);

        await IO.File.WriteAllTextAsync(FilePath, Login.PadRight(64 << 10));
        Assert.Equal("a1", (await Store().LoadAsync())?.AccessToken);
    }

    [Fact]
    public async Task A19_LoadAsync_Directory_IsNamed()
    {
        Directory.CreateDirectory(FilePath);

        var e = await Assert.ThrowsAsync<QwenException>(() => Load(Store()));

        Assert.Equal($"The credential file {FilePath} is a directory. Name a file.", e.Message);
    }

    [Fact]
    public async Task A19_LoadAsync_Unreadable_SaysToCheckItsPermissions()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Root may read anything.");
        await IO.File.WriteAllTextAsync(FilePath, Login);
        TempDirectory.SetMode(FilePath, UnixFileMode.None);

        var e = await Assert.ThrowsAsync<QwenException>(() => Load(Store()));

        Assert.Equal(QwenFailureKind.CredentialStore, e.Kind);
        Assert.StartsWith($"The credential file {FilePath} cannot be read", e.Message);
        Assert.EndsWith("Check its owner and permissions.", e.Message);
    }

    [Fact]
    public async Task A19_SymbolicLink_IsReadAndNotWrittenThrough()
    {
        var target = _directory.File("mounted.json");
        await IO.File.WriteAllTextAsync(target, Login);
        IO.File.CreateSymbolicLink(FilePath, target);
        var store = Store();

        Assert.Equal("a1", (await store.LoadAsync())?.AccessToken);
        await using (var lease = await store.AcquireAsync())
        {
            Assert.Contains("is a symbolic link", lease.Obstacle?.Message);
            var e = await Assert.ThrowsAsync<QwenException>(async () => await lease.TryReplaceAsync(Used, Renewed));
            Assert.Contains("is a symbolic link", e.Message);
        }

        var saved = await Assert.ThrowsAsync<QwenException>(async () => await store.SaveAsync(Renewed));
        Assert.Contains("is a symbolic link", saved.Message);
        Assert.Equal(Login, await IO.File.ReadAllTextAsync(target));
        Assert.Equal(["mounted.json", "oauth_creds.json"], _directory.Names());
    }

    [Fact]
    public async Task A19_LoadAsync_LinkToNothing_IsNoLogin()
    {
        IO.File.CreateSymbolicLink(FilePath, _directory.File("nothing"));

        Assert.Null(await Store().LoadAsync());
    }

    [Fact]
    public async Task A18_SaveAsync_NewFile_IsForItsOwnerOnlyAndLeavesNothingBeside()
    {
        var path = _directory.File("a/b/oauth_creds.json");
        var store = new FileCredentialStore(path);

        await store.SaveAsync(Renewed);

        Assert.Equal("a2", (await store.LoadAsync())?.AccessToken);
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
        Assert.Equal(OwnersFile, TempDirectory.ModeOf(path, OwnersFile));
        Assert.Equal(OwnersDirectory, TempDirectory.ModeOf(_directory.File("a/b"), OwnersDirectory));
    }

    [Fact]
    public async Task A20_SaveAsync_ExistingFile_KeepsItsOtherFieldsAndIsForItsOwnerAfterwards()
    {
        await IO.File.WriteAllTextAsync(FilePath, Login);
        TempDirectory.SetMode(FilePath, OwnersFile | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        await Store().SaveAsync(Renewed);

        var fields = JsonNode.Parse(await IO.File.ReadAllTextAsync(FilePath))!;
        Assert.Equal("r2", fields["refresh_token"]!.GetValue<string>());
        Assert.True(fields["custom"]!["kept"]!.GetValue<bool>());
        Assert.Equal(["oauth_creds.json"], _directory.Names());
        Assert.Equal(OwnersFile, TempDirectory.ModeOf(FilePath, OwnersFile));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"access_token\":")]
    public async Task SaveAsync_FileThatNobodyCanRead_IsReplaced(string content)
    {
        await IO.File.WriteAllTextAsync(FilePath, content);

        await Store().SaveAsync(Renewed);

        Assert.Equal("a2", (await Store().LoadAsync())?.AccessToken);
    }

    [Fact]
    public async Task SaveAsync_Directory_CannotBeWritten()
    {
        Directory.CreateDirectory(FilePath);

        var e = await Assert.ThrowsAsync<QwenException>(async () => await Store().SaveAsync(Renewed));

        Assert.Equal(QwenFailureKind.CredentialStore, e.Kind);
        Assert.StartsWith($"The credential file {FilePath} cannot be written", e.Message);
        Assert.Equal(["oauth_creds.json"], _directory.Names());
    }

    [Fact]
    public async Task SaveAsync_DirectoryCannotBeMade_SaysWhy()
    {
        await IO.File.WriteAllTextAsync(_directory.File("file"), "");
        var store = new FileCredentialStore(_directory.File("file/oauth_creds.json"));

        var e = await Assert.ThrowsAsync<QwenException>(async () => await store.SaveAsync(Renewed));

        Assert.Equal(QwenFailureKind.CredentialStore, e.Kind);
        Assert.Contains("cannot be written", e.Message);
    }

    [Theory]
    [InlineData("oauth_creds.lock")]
    [InlineData("x.LOCK")]
    public void Constructor_NameOfALock_IsRefused(string name)
    {
        var e = Assert.Throws<ArgumentException>("path", () => new FileCredentialStore(_directory.File(name)));

        Assert.StartsWith("A credential file must not end in .lock", e.Message);
    }

    [Theory]
    [InlineData(61, false)]
    [InlineData(59, true)]
    public async Task AcquireAsync_TempFileOfADeadProcess_IsRemovedAfterAnHour(int minutes, bool isKept)
    {
        var left = FilePath + ".tmp.1.left";
        await IO.File.WriteAllTextAsync(left, Login);
        IO.File.SetLastWriteTimeUtc(left, IO.File.GetLastWriteTimeUtc(left).AddMinutes(-minutes));

        await (await Store().AcquireAsync()).DisposeAsync();

        Assert.Equal(isKept, IO.File.Exists(left));
    }

    [Fact]
    public async Task A15_AcquireAsync_SecondOwner_WaitsForTheFirst()
    {
        var first = await Store().AcquireAsync();
        using var source = new CancellationTokenSource();
        var cancelled = Store().AcquireAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Guard.WaitAsync(cancelled));

        var second = Store().AcquireAsync().AsTask();
        Assert.False(second.IsCompleted);
        await first.DisposeAsync();

        await (await Guard.WaitAsync(second)).DisposeAsync();
        Assert.Empty(_directory.Names());
    }

    [Fact]
    public async Task LoadAsync_Cancelled_IsCancelled()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await Store().LoadAsync(new CancellationToken(canceled: true))
        );
    }

    public void Dispose()
    {
        _directory.Dispose();
    }

    private FileCredentialStore Store()
    {
        return new FileCredentialStore(FilePath);
    }

    private static async Task<QwenCredential?> Load(FileCredentialStore store)
    {
        return await store.LoadAsync();
    }
}
