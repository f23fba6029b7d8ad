namespace Connectors.Qwen.UnitTests.Credentials.OAuth;

public class QwenOAuthOptionsTests
{
    public static TheoryData<string, Action<QwenOAuthOptions>> Refused =>
        new()
        {
            { nameof(QwenOAuthOptions.TokenEndpoint), o => o.TokenEndpoint = new Uri("http://token.example/token") },
            { nameof(QwenOAuthOptions.TokenEndpoint), o => o.TokenEndpoint = new Uri("token", UriKind.Relative) },
            {
                nameof(QwenOAuthOptions.TokenEndpoint),
                o => o.TokenEndpoint = new Uri("https://token.example/token?a=b")
            },
            { nameof(QwenOAuthOptions.TokenEndpoint), o => o.TokenEndpoint = null! },
            { nameof(QwenOAuthOptions.DeviceCodeEndpoint), o => o.DeviceCodeEndpoint = new Uri("http://a.example/b") },
            { nameof(QwenOAuthOptions.DeviceCodeEndpoint), o => o.DeviceCodeEndpoint = null! },
            { nameof(QwenOAuthOptions.ClientId), o => o.ClientId = " " },
            { nameof(QwenOAuthOptions.Scope), o => o.Scope = null! },
            { nameof(QwenOAuthOptions.RefreshBuffer), o => o.RefreshBuffer = TimeSpan.FromTicks(-1) },
            { nameof(QwenOAuthOptions.RefreshAhead), o => o.RefreshAhead = TimeSpan.FromTicks(-1) },
            { nameof(QwenOAuthOptions.RefreshTimeout), o => o.RefreshTimeout = TimeSpan.Zero },
            { nameof(QwenOAuthOptions.RefreshTimeout), o => o.RefreshTimeout = Timeout.InfiniteTimeSpan },
            { nameof(QwenOAuthOptions.RefreshTimeout), o => o.RefreshTimeout = TimeSpan.FromDays(1.1) },
        };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Constructor_OptionThatCannotBeUsed_IsNamed(string name, Action<QwenOAuthOptions> set)
    {
        var options = new QwenOAuthOptions();
        set(options);

        var e = Assert.ThrowsAny<ArgumentException>(() =>
            new OAuthCredentialProvider(options, new InMemoryCredentialStore())
        );

        Assert.Equal(name, e.ParamName);
    }

    [Fact]
    public void Constructor_LoopbackWithoutTls_IsAccepted()
    {
        var options = new QwenOAuthOptions { TokenEndpoint = new Uri("http://localhost:5000/token") };

        Assert.NotNull(new OAuthCredentialProvider(options, new InMemoryCredentialStore()));
    }

    [Fact]
    public void Constructor_NeitherStoreNorPath_NamesWhatToSet()
    {
        var e = Assert.Throws<ArgumentException>("options", () => new OAuthCredentialProvider(new QwenOAuthOptions()));

        Assert.StartsWith("There is no store: hand one in, or set CredentialsPath", e.Message);
    }
}
