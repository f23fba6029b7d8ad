namespace Connectors.Qwen.UnitTests.Credentials.TemporaryKeys;

public class TemporaryKeyOptionsTests
{
    private static readonly ApiKeyCredentialProvider Parent = new("sk-key");

    public static TheoryData<string, Action<TemporaryKeyOptions>> Refused =>
        new()
        {
            { nameof(TemporaryKeyOptions.Lifetime), o => o.Lifetime = TimeSpan.Zero },
            { nameof(TemporaryKeyOptions.Lifetime), o => o.Lifetime = TimeSpan.FromSeconds(0.5) },
            { nameof(TemporaryKeyOptions.Lifetime), o => o.Lifetime = TimeSpan.FromSeconds(1.5) },
            { nameof(TemporaryKeyOptions.Lifetime), o => o.Lifetime = TimeSpan.FromSeconds(1801) },
            { nameof(TemporaryKeyOptions.Lifetime), o => o.Lifetime = TimeSpan.FromSeconds(-60) },
            { nameof(TemporaryKeyOptions.Endpoint), o => o.Endpoint = new Uri("http://dashscope.aliyuncs.com/v1") },
            { nameof(TemporaryKeyOptions.Endpoint), o => o.Endpoint = new Uri("dashscope", UriKind.Relative) },
            { nameof(TemporaryKeyOptions.Endpoint), o => o.Endpoint = null! },
            { nameof(TemporaryKeyOptions.RefreshBuffer), o => o.RefreshBuffer = TimeSpan.FromTicks(-1) },
            { nameof(TemporaryKeyOptions.RefreshTimeout), o => o.RefreshTimeout = TimeSpan.Zero },
        };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Constructor_OptionThatCannotBeUsed_IsNamed(string name, Action<TemporaryKeyOptions> set)
    {
        var options = new TemporaryKeyOptions();
        set(options);

        Assert.Equal(
            name,
            Assert.ThrowsAny<ArgumentException>(() => new TemporaryKeyCredentialProvider(Parent, options)).ParamName
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    [InlineData(1800)]
    public async Task Constructor_WholeSeconds_AreAccepted(int seconds)
    {
        var options = new TemporaryKeyOptions { Lifetime = TimeSpan.FromSeconds(seconds) };

        await using var provider = new TemporaryKeyCredentialProvider(Parent, options);
    }

    [Fact]
    public void Constructor_NoParent_IsRefused()
    {
        Assert.Throws<ArgumentNullException>("parent", () => new TemporaryKeyCredentialProvider(null!));
    }

    [Fact]
    public void Defaults_TemporaryKey_LivesAsLongAsItMay()
    {
        var options = new TemporaryKeyOptions();

        Assert.Equal((TimeSpan.FromSeconds(1800), QwenEndpoints.Beijing), (options.Lifetime, options.Endpoint));
    }
}
