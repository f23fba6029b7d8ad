using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults.Tokens;

/// <summary>Token servers that repeat what they refuse. A24 plays these too.</summary>
public sealed class EchoTests
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task A14_TheErrorRepeatsTheRefreshToken_NobodySeesIt(bool withWords)
    {
        await using var setup = await Setup.StartAsync();
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1));
        var error = withWords ? $"the token {issued.RefreshToken} is not known here" : issued.RefreshToken;
        setup.Qwen.TokenScript.Always(QwenBehavior.TokenError(400, error, error));
        var client = setup.Pipeline(credentials: setup.Login(Setup.Credential(issued)));

        var failure = await Assert.ThrowsAsync<QwenAuthenticationException>(() => Ask.Async(client, streaming: true));

        Assert.Null(failure.ErrorCode);
        Assert.DoesNotContain(issued.RefreshToken, failure.ToString(), StringComparison.Ordinal);
        Assert.All(
            setup.Logs.Entries,
            entry => Assert.DoesNotContain(issued.RefreshToken, entry.Text, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A28_TheErrorRepeatsTheParentKey_NobodySeesIt()
    {
        await using var setup = await Setup.StartAsync();
        const string Key = QwenSimulatorOptions.DefaultApiKey;
        setup.Qwen.TemporaryKeyScript.Always(QwenBehavior.NativeError(401, Key, Key));
        var keys = setup.Own(
            new TemporaryKeyCredentialProvider(
                new ApiKeyCredentialProvider(Key),
                new TemporaryKeyOptions { Endpoint = setup.Qwen.Endpoint },
                null,
                setup.Logs
            )
        );

        var failure = await Assert.ThrowsAsync<QwenAuthenticationException>(() =>
            Ask.Async(setup.Pipeline(credentials: keys), streaming: false)
        );

        Assert.Null(failure.ErrorCode);
        Assert.DoesNotContain(Key, failure.ToString(), StringComparison.Ordinal);
    }
}
