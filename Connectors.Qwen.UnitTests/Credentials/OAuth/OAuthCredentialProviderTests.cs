using System.Net;
using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.UnitTests.Testing.Tokens;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.UnitTests.Credentials.OAuth;

public class OAuthCredentialProviderTests
{
    private readonly FakeTimeProvider _time = Logins.Clock();

    [Fact]
    public async Task GetCredentialAsync_FreshToken_IsReturnedSynchronouslyWithoutAllocation()
    {
        var provider = Provider(new ScriptedHandler(), Logins.Fresh());
        var first = await provider.GetCredentialAsync();

        Assert.Equal(0, Allocated.ByAsking(() => provider.GetCredentialAsync(), first));
    }

    [Fact]
    public async Task GetCredentialAsync_EndedToken_IsRenewedFirst()
    {
        var handler = new ScriptedHandler(() => Logins.Renewed());
        var store = new InMemoryCredentialStore(Logins.Ended());

        var credential = await Provider(handler, store).GetCredentialAsync();

        Assert.Equal(("a2", "r2"), (credential.AccessToken, credential.RefreshToken));
        Assert.Equal(Logins.Now.AddSeconds(3600), credential.ExpiresAt);
        Assert.Equal(new Uri("https://portal.example/v1"), credential.Endpoint);
        Assert.Same(credential, await store.LoadAsync());
    }

    [Fact]
    public async Task GetCredentialAsync_NoLogin_SaysToLogIn()
    {
        var provider = Provider(new ScriptedHandler(), new InMemoryCredentialStore());

        var e = await Assert.ThrowsAsync<QwenAuthenticationException>(() => Get(provider));

        Assert.Equal(
            "There is no login in the credential store. Log in first, for example with DeviceCodeLogin.",
            e.Message
        );
    }

    [Fact]
    public async Task GetCredentialAsync_NoFile_NamesIt()
    {
        var path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"), "login.json");
        var provider = Provider(new ScriptedHandler(), new FileCredentialStore(path));

        var e = await Assert.ThrowsAsync<QwenAuthenticationException>(() => Get(provider));

        Assert.StartsWith($"There is no login in the file {path}.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetCredentialAsync_EndedWithoutRefreshToken_SaysToLogIn()
    {
        var handler = new ScriptedHandler();
        var provider = Provider(handler, new QwenCredential("a1", Logins.Now));

        await Assert.ThrowsAsync<QwenAuthenticationException>(() => Get(provider));

        Assert.Empty(handler.Requests);
    }

    [Theory]
    [InlineData(3569, 0, "a1")]
    [InlineData(3570, 1, "a2")]
    public async Task GetCredentialAsync_Buffer_DecidesAboutARenewal(int seconds, int requests, string token)
    {
        var handler = new ScriptedHandler(() => Logins.Renewed());
        var options = new QwenOAuthOptions { RefreshAhead = TimeSpan.Zero };
        var store = new InMemoryCredentialStore(Logins.Fresh());
        var provider = new OAuthCredentialProvider(options, store, handler.CreateClient(), null, _time);

        _time.Advance(TimeSpan.FromSeconds(seconds));
        var credential = await provider.GetCredentialAsync();

        Assert.Equal((token, requests), (credential.AccessToken, handler.Requests.Count));
    }

    [Fact]
    public async Task GetCredentialAsync_RenewalFailsInsideTheBuffer_UsesTheTokenAndPauses()
    {
        var handler = new ScriptedHandler(() => Answers.Json("{}", HttpStatusCode.Forbidden));
        var provider = Provider(handler, Logins.Ending());

        var first = await provider.GetCredentialAsync();
        var second = await provider.GetCredentialAsync();

        Assert.Equal(("a1", "a1"), (first.AccessToken, second.AccessToken));
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task GetCredentialAsync_TokenEndsDuringThePause_IsRenewedAllTheSame()
    {
        var handler = new ScriptedHandler(() => Answers.Json("{}", HttpStatusCode.Forbidden), () => Logins.Renewed());
        var provider = Provider(handler, Logins.Ending());

        await provider.GetCredentialAsync();
        _time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal("a2", (await provider.GetCredentialAsync()).AccessToken);
    }

    [Fact]
    public async Task GetCredentialAsync_SaveFails_StillReturnsTheToken()
    {
        var store = new ScriptedStore(Logins.Ended())
        {
            Writing = () => throw new QwenException(QwenFailureKind.CredentialStore, "disk full"),
        };
        var handler = new ScriptedHandler(() => Logins.Renewed());
        var provider = Provider(handler, store);

        Assert.Equal("a2", (await provider.GetCredentialAsync()).AccessToken);
        Assert.Equal("a2", (await provider.GetCredentialAsync()).AccessToken);
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task RenewCredentialAsync_CurrentToken_IsExchanged()
    {
        var handler = new ScriptedHandler(() => Logins.Renewed());
        var provider = Provider(handler, Logins.Fresh());
        var rejected = await provider.GetCredentialAsync();

        var renewed = await provider.RenewCredentialAsync(rejected);

        Assert.Equal("a2", renewed?.AccessToken);
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task RenewCredentialAsync_AnotherTokenIsCurrent_AdoptsIt()
    {
        var handler = new ScriptedHandler();
        var provider = Provider(handler, Logins.Fresh());
        var current = await provider.GetCredentialAsync();

        Assert.Same(current, await provider.RenewCredentialAsync(new QwenCredential("rejected-before")));
        Assert.Empty(handler.Requests);
    }

    [Fact]
    public async Task RenewCredentialAsync_FreshTokenRejectedAgain_IsNullUntilThePauseIsOver()
    {
        var handler = new ScriptedHandler(() => Logins.Renewed(), () => Logins.Renewed("a3"));
        var provider = Provider(handler, Logins.Fresh());
        var renewed = await provider.RenewCredentialAsync(await provider.GetCredentialAsync());

        Assert.Null(await provider.RenewCredentialAsync(renewed!));
        Assert.Single(handler.Requests);

        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("a3", (await provider.RenewCredentialAsync(renewed!))?.AccessToken);
    }

    [Fact]
    public async Task RenewCredentialAsync_ServerReturnsTheSameToken_IsNull()
    {
        var provider = Provider(new ScriptedHandler(() => Logins.Renewed("a1")), Logins.Fresh());

        Assert.Null(await provider.RenewCredentialAsync(await provider.GetCredentialAsync()));
    }

    [Fact]
    public async Task RenewCredentialAsync_RenewalFails_ThrowsAlthoughTheTokenHasNotEnded()
    {
        var handler = new ScriptedHandler(() => Answers.Json("{}", HttpStatusCode.Forbidden));
        var provider = Provider(handler, Logins.Fresh());
        var rejected = await provider.GetCredentialAsync();

        var e = await Assert.ThrowsAsync<QwenException>(async () => await provider.RenewCredentialAsync(rejected));

        Assert.Equal(QwenFailureKind.PermissionDenied, e.Kind);
    }

    [Fact]
    public async Task Constructor_OptionsChangedLater_ChangeNothing()
    {
        var options = new QwenOAuthOptions { TokenEndpoint = new Uri("https://token.example/token") };
        var handler = new ScriptedHandler(() => Logins.Renewed());
        var store = new InMemoryCredentialStore(Logins.Ended());
        var provider = new OAuthCredentialProvider(options, store, handler.CreateClient(), null, _time);

        options.TokenEndpoint = new Uri("http://evil.example/token");
        await provider.GetCredentialAsync();

        Assert.Equal("POST https://token.example/token", handler.Request.Line);
    }

    private OAuthCredentialProvider Provider(ScriptedHandler handler, QwenCredential login)
    {
        return Provider(handler, new InMemoryCredentialStore(login));
    }

    private OAuthCredentialProvider Provider(ScriptedHandler handler, IQwenCredentialStore store)
    {
        return new OAuthCredentialProvider(new QwenOAuthOptions(), store, handler.CreateClient(), null, _time);
    }

    private static async Task<QwenCredential> Get(OAuthCredentialProvider provider)
    {
        return await provider.GetCredentialAsync();
    }
}
