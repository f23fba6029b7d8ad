namespace Connectors.Qwen.UnitTests.Credentials.OAuth;

public class QwenOAuthOptionsTests
{
    public static TheoryData<string, Action<QwenOAuthOptions>> Refused =>
        new()
        {
            { nameof(QwenOAuthOptions.TokenEndpoint), o => o.TokenEndpoint = new Uri("http://token.example/token") },
            { nameof(QwenOAuthOptions.TokenEndpoint), o => o.TokenEndpoint = new Uri("token", UriKind.Relative) },
            { nameof(QwenOAuthOptions.ClientId), o => o.ClientId = " " },
            { nameof(QwenOAuthOptions.RefreshBuffer), o => o.RefreshBuffer = TimeSpan.FromTicks(-1) },
            { nameof(QwenOAuthOptions.RefreshTimeout), o => o.RefreshTimeout = TimeSpan.Zero },
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
}
