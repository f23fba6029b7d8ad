using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Connectors.Qwen.IntegrationTests.Faults.Tokens;

/// <summary>A25: addresses to which a secret or a prompt would go in the clear.</summary>
public sealed class EndpointTests
{
    [Theory]
    [InlineData("http://token.example/oauth2/token", "is not encrypted. Use https, or a loopback address")]
    [InlineData("http://192.168.1.7:8080/token", "is not encrypted")]
    [InlineData("ftp://127.0.0.1/token", "is not an absolute http(s) address")]
    [InlineData("https://user:password@token.example/token", "holds a user name or password")]
    public async Task A25_CredentialEndpointInTheClear_IsRefusedWhenThePipelineIsMade(string address, string why)
    {
        await using var setup = await Setup.StartAsync();
        using var file = new LoginFile();
        var unsafeUri = new Uri(address);

        void AssertRefused(string name, Action make)
        {
            AssertRefusedAs<ArgumentException>(name, make);
        }

        void AssertRefusedAs<TException>(string name, Action make)
            where TException : Exception
        {
            var failure = Assert.ThrowsAny<TException>(make);
            Assert.Contains(why, failure.Message, StringComparison.Ordinal);
            Assert.Contains(name, failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("password@", failure.Message, StringComparison.Ordinal);
        }

        AssertRefused(
            "TokenEndpoint",
            () => setup.FilePipeline(file.FilePath, null, options => options.OAuth.TokenEndpoint = unsafeUri)
        );
        AssertRefused(
            "DeviceCodeEndpoint",
            () => setup.FilePipeline(file.FilePath, null, options => options.OAuth.DeviceCodeEndpoint = unsafeUri)
        );
        AssertRefused(
            "TokenEndpoint",
            () => setup.Own(new DeviceCodeLogin(new QwenOAuthOptions { TokenEndpoint = unsafeUri }))
        );
        AssertRefused(
            "Endpoint",
            () =>
                setup.Own(
                    new TemporaryKeyCredentialProvider(
                        new ApiKeyCredentialProvider("sk-parent"),
                        new TemporaryKeyOptions { Endpoint = unsafeUri }
                    )
                )
        );
        AssertRefusedAs<OptionsValidationException>(
            "TokenEndpoint",
            () =>
            {
                var services = new ServiceCollection();
                services.AddQwenChatClient(options =>
                {
                    options.ModelId = "qwen3-max";
                    options.OAuth.CredentialsPath = file.FilePath;
                    options.OAuth.TokenEndpoint = unsafeUri;
                });
                using var provider = services.BuildServiceProvider();
                provider.GetRequiredService<IChatClient>();
            }
        );
        Assert.Empty(setup.Qwen.Journal.Exchanges);
    }

    [Theory]
    [InlineData(true, "http://portal.example/v1"), InlineData(false, "http://portal.example/v1")]
    [InlineData(true, "http://127.0.0.1.example"), InlineData(true, "ftp://portal.example")]
    public async Task A25_ResourceUrlInTheClear_NoPromptGoesThere(bool streaming, string resourceUrl)
    {
        await using var setup = await Setup.StartAsync();
        using var file = new LoginFile();
        file.Write(setup.Qwen.Tokens.Issue(), json => json["resource_url"] = resourceUrl);
        var client = setup.FilePipeline(file.FilePath, null, static options => options.Endpoint = null);

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));

        Assert.Equal(QwenFailureKind.CredentialStore, failure.Kind);
        Assert.Equal(1, failure.Attempts);
        Assert.Contains("endpoint that the credential names cannot be used", failure.Message, StringComparison.Ordinal);
        Assert.Empty(setup.Qwen.Journal.Exchanges);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A25_ResourceUrlOnLoopback_IsUsedAndShownOnce(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        using var file = new LoginFile();
        file.Write(setup.Qwen.Tokens.Issue(), json => json["resource_url"] = setup.Qwen.Endpoint.AbsoluteUri);
        var client = setup.FilePipeline(file.FilePath, null, static options => options.Endpoint = null);

        await Ask.Async(client, streaming);
        await Ask.Async(client, streaming);

        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
        Assert.Equal(1, setup.Logs.Count(405));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A25_RedirectOfTheTokenServer_TheRefreshTokenDoesNotGoThere(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        await using var elsewhere = await Setup.StartAsync();
        setup.Qwen.TokenScript.Always(QwenBehavior.Redirect(elsewhere.Qwen.TokenEndpoint));
        var login = setup.Login(Setup.Credential(setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1))));

        await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(credentials: login), streaming));

        Assert.Empty(elsewhere.Qwen.Journal.Exchanges);
    }
}
