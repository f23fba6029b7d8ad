using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.UnitTests.Testing.Tokens;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.UnitTests.Credentials.Keys;

/// <summary>T53: a key that changes is picked up, and a rotation in the middle costs nothing.</summary>
public sealed class RotatingApiKeyTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger _log = new();
    private string? _text = "key-1";

    private string FilePath => _directory.File("key");

    [Fact]
    public async Task T53_Function_ChangedKey_IsUsedFromTheNextRequestOn()
    {
        var provider = OfFunction();
        var first = await provider.GetCredentialAsync();
        Assert.Same(first, await provider.GetCredentialAsync());

        _text = " key-2\n";
        var second = await provider.GetCredentialAsync();

        Assert.Equal(("key-1", "key-2"), (first.AccessToken, second.AccessToken));
        Assert.Equal([124], _log.Ids());
        Assert.All(_log.Entries, e => Assert.DoesNotContain("key-", e.Text));
    }

    [Fact]
    public async Task Function_SameTextInAnotherObject_IsTheSameCredential()
    {
        var provider = OfFunction();
        var first = await provider.GetCredentialAsync();

        _text = new string("key-1".AsSpan());
        Assert.Same(first, await provider.GetCredentialAsync());
        _text = "key-1\n";
        Assert.Same(first, await provider.GetCredentialAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \n")]
    public async Task T53_Function_NothingInTheMiddleOfARotation_KeepsTheOldKey(string? nothing)
    {
        var provider = OfFunction();
        var first = await provider.GetCredentialAsync();

        _text = nothing;

        Assert.Same(first, await provider.GetCredentialAsync());
        Assert.Null(await provider.RenewCredentialAsync(first));
    }

    [Fact]
    public async Task Function_Throws_KeepsTheOldKey()
    {
        var isBroken = false;
        var provider = new ApiKeyCredentialProvider(() => isBroken ? throw new IOException() : "key-1");
        var first = await provider.GetCredentialAsync();
        isBroken = true;

        Assert.Same(first, await provider.GetCredentialAsync());
    }

    [Fact]
    public async Task Function_TextThatIsNoKey_IsSaidOnceAndTheOldKeyKept()
    {
        var provider = OfFunction();
        var first = await provider.GetCredentialAsync();

        for (var i = 0; i < 3; i++)
        {
            // Another object each time, as from the environment.
            _text = new string("two words".AsSpan());
            Assert.Same(first, await provider.GetCredentialAsync());
        }

        Assert.Equal([125], _log.Ids());
        Assert.DoesNotContain("two words", _log.Entries[0].Text);
        _text = "key-2";
        Assert.Equal("key-2", (await provider.GetCredentialAsync()).AccessToken);
    }

    [Theory]
    [InlineData(null, "There is no API key: the function that reads it gives none.")]
    [InlineData("two words", "The API key of the function that reads it cannot be used.")]
    public async Task Function_NoKeyAtAll_SaysSo(string? text, string expected)
    {
        _text = text;

        var e = await Assert.ThrowsAsync<QwenAuthenticationException>(() => GetAsync(OfFunction()));

        Assert.StartsWith(expected, e.Message);
    }

    [Fact]
    public async Task T53_RenewCredentialAsync_RotatedKey_IsTheNewOne()
    {
        var provider = OfFunction();
        var first = await provider.GetCredentialAsync();
        Assert.Null(await provider.RenewCredentialAsync(first));

        _text = "key-2";

        Assert.Equal("key-2", (await provider.RenewCredentialAsync(first))?.AccessToken);
    }

    [Fact]
    public async Task T53_File_IsLookedAtOnceASecond()
    {
        await WriteAsync("\uFEFFkey-1\r\n");
        var provider = OfFile();
        Assert.Equal("key-1", (await provider.GetCredentialAsync()).AccessToken);

        await WriteAsync("key-2");
        _time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Equal("key-1", (await provider.GetCredentialAsync()).AccessToken);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal("key-2", (await provider.GetCredentialAsync()).AccessToken);
    }

    [Fact]
    public async Task T53_File_RejectedKey_IsLookedAtAtOnce()
    {
        await WriteAsync("key-1");
        var provider = OfFile();
        var first = await provider.GetCredentialAsync();

        await WriteAsync("key-2");

        Assert.Equal("key-2", (await provider.RenewCredentialAsync(first))?.AccessToken);
        Assert.Equal("key-2", (await provider.GetCredentialAsync()).AccessToken);
    }

    [Fact]
    public async Task T53_File_SwitchedByALink_IsReadAlthoughItIsOlder()
    {
        // How Kubernetes mounts a secret: key -> ..data/key, ..data -> a directory that is exchanged.
        foreach (var (name, text) in new[] { ("new", "key-2"), ("old", "key-1") })
        {
            Directory.CreateDirectory(_directory.File(name));
            await File.WriteAllTextAsync(Path.Combine(_directory.File(name), "key"), text);
        }

        File.SetLastWriteTimeUtc(Path.Combine(_directory.File("new"), "key"), new DateTime(2020, 1, 1));
        Directory.CreateSymbolicLink(_directory.File("..data"), "old");
        File.CreateSymbolicLink(FilePath, Path.Combine("..data", "key"));
        var provider = OfFile();
        Assert.Equal("key-1", (await provider.GetCredentialAsync()).AccessToken);

        Directory.Delete(_directory.File("..data"));
        Directory.CreateSymbolicLink(_directory.File("..data"), "new");
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("key-2", (await provider.GetCredentialAsync()).AccessToken);
    }

    [Fact]
    public async Task File_GoneOrEmptyForAMoment_KeepsTheOldKey()
    {
        await WriteAsync("key-1");
        var provider = OfFile();
        var first = await provider.GetCredentialAsync();

        File.Delete(FilePath);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Same(first, await provider.GetCredentialAsync());
        await WriteAsync("");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Same(first, await provider.GetCredentialAsync());

        await WriteAsync("key-2");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("key-2", (await provider.GetCredentialAsync()).AccessToken);
    }

    [Fact]
    public async Task File_IsNotThere_SaysWhichAndPicksItUpLater()
    {
        var provider = OfFile();

        var e = await Assert.ThrowsAsync<QwenAuthenticationException>(() => GetAsync(provider));
        Assert.Equal($"There is no API key: the file {FilePath} gives none.", e.Message);
        Assert.IsType<FileNotFoundException>(e.InnerException);

        await WriteAsync("key-1");
        Assert.Equal("key-1", (await provider.GetCredentialAsync()).AccessToken);
    }

    [Fact]
    public async Task GetCredentialAsync_UnchangedKey_AllocatesNothing()
    {
        await WriteAsync("key-1");
        foreach (var provider in new[] { OfFunction(), OfFile(), new ApiKeyCredentialProvider("key-1") })
        {
            var key = await provider.GetCredentialAsync();

            Assert.Equal(0, Allocated.ByAsking(() => provider.GetCredentialAsync(), key));
        }
    }

    [Fact]
    public void Constructor_NoFunctionOrPath_IsRefused()
    {
        Assert.Throws<ArgumentNullException>("readKey", () => new ApiKeyCredentialProvider((Func<string?>)null!));
        Assert.Throws<ArgumentException>("path", () => ApiKeyCredentialProvider.FromFile(" "));
    }

    public void Dispose()
    {
        _directory.Dispose();
    }

    private ApiKeyCredentialProvider OfFunction()
    {
        return new ApiKeyCredentialProvider(() => _text, _log.AsFactory());
    }

    private ApiKeyCredentialProvider OfFile()
    {
        return ApiKeyCredentialProvider.FromFile(FilePath, _log.AsFactory(), _time);
    }

    private Task WriteAsync(string text)
    {
        return File.WriteAllTextAsync(FilePath, text);
    }

    private static async Task<QwenCredential> GetAsync(ApiKeyCredentialProvider provider)
    {
        return await provider.GetCredentialAsync();
    }
}
