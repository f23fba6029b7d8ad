using Connectors.Qwen.Credentials;

namespace Connectors.Qwen.UnitTests.Credentials.Stores.File;

public sealed class CredentialFilePathTests : IDisposable
{
    private const string Variable = "QWEN_HOME";
    private static readonly string Home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private readonly string? _before = Environment.GetEnvironmentVariable(Variable);

    public static TheoryData<string?, string?> Paths =>
        new()
        {
            { null, null },
            { "", null },
            { " ", null },
            { "~", Home },
            { "~/", Home + "/" },
            { "~/.qwen/a.json", Home + "/.qwen/a.json" },
            { "~\\.qwen", Home + "/.qwen" },
            { "~//a", Home + "/a" },
            // Only a tilde of its own is the home.
            { "/x/~/a", "/x/~/a" },
            { "/x/../a", "/a" },
            { "~a/b", Path.GetFullPath("~a") + "/b" },
        };

    [Theory]
    [MemberData(nameof(Paths))]
    public void Expand_Path_IsFull(string? path, string? expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The table is written with slashes.");

        Assert.Equal(expected?.TrimEnd('/'), CredentialFilePath.Expand(path)?.TrimEnd('/'));
    }

    [Theory]
    [InlineData("/x/oauth_creds.json", "/x/oauth_creds.lock")]
    [InlineData("/x.y/login", "/x.y/login.lock")]
    [InlineData("/x/a.b.json", "/x/a.b.lock")]
    public void LockOf_File_IsBesideIt(string path, string expected)
    {
        Assert.Equal(expected, CredentialFilePath.LockOf(path));
    }

    [Theory]
    [InlineData(null, "~/.qwen/oauth_creds.json")]
    [InlineData("", "~/.qwen/oauth_creds.json")]
    [InlineData("/x/y", "/x/y/oauth_creds.json")]
    [InlineData("~/q", "~/q/oauth_creds.json")]
    public void DefaultPath_QwenHome_IsItsDirectory(string? home, string expected)
    {
        Environment.SetEnvironmentVariable(Variable, home);

        Assert.Equal(CredentialFilePath.Expand(expected), FileCredentialStore.DefaultPath);
        Assert.Equal(FileCredentialStore.DefaultPath, new FileCredentialStore().FilePath);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Variable, _before);
    }
}
