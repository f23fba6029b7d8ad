using System.Net;
using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.UnitTests.Testing.Tokens;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace Connectors.Qwen.UnitTests.Pipeline.TokenRefresh;

/// <summary>The stage with a provider of ours, which knows when a gateway's timeout may be an ended token.</summary>
public class TokenRefreshSuspicionTests
{
    private readonly FakeTimeProvider _time = Logins.Clock();
    private readonly Mock<IChatClient> _inner = new();
    private int _obtained;

    [Theory]
    [InlineData(HttpStatusCode.GatewayTimeout, true)]
    [InlineData((HttpStatusCode)524, true)]
    [InlineData(null, true)]
    // The service itself says that it is too slow: it has taken the token.
    [InlineData(HttpStatusCode.RequestTimeout, false)]
    public async Task A7_GetResponseAsync_TimeoutOfTheGateway_IsResentOnceWithAnotherToken(
        HttpStatusCode? status,
        bool isSuspect
    )
    {
        var timeout = new QwenException(QwenFailureKind.ServerTimeout, "stream timeout", null, status);
        _inner.Answers(timeout, "Hello");
        using var provider = Provider();
        using var client = await ReadyAsync(provider);

        if (isSuspect)
        {
            var response = await client.GetResponseAsync(Inner.Hello);
            Assert.Equal("token-refresh", response.AdditionalProperties![QwenResponseProperties.RecoveredBy]);
        }
        else
        {
            var e = await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello));
            Assert.Same(timeout, e.InnerException);
        }

        Assert.Equal(isSuspect ? (2, 2) : (1, 1), (_obtained, _inner.AnswerCalls()));
    }

    [Fact]
    public async Task A7_GetResponseAsync_TimesOutWithTheNewTokenToo_IsATimeout()
    {
        _inner.Answers(Timeout());
        using var provider = Provider();
        using var client = await ReadyAsync(provider);

        var e = await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello));

        Assert.Equal((QwenFailureKind.ServerTimeout, 2), (e.Kind, e.Attempts));
        Assert.Equal((2, 2), (_obtained, _inner.AnswerCalls()));

        // Once in ten minutes, however many calls time out.
        _time.Advance(TimeSpan.FromMinutes(5));
        await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello));
        Assert.Equal((2, 3), (_obtained, _inner.AnswerCalls()));
    }

    [Fact]
    public async Task A8_GetResponseAsync_TokenThatWasAcceptedAMomentAgo_IsNotSuspected()
    {
        _inner.Answers("Hello", Timeout());
        using var provider = Provider();
        using var client = await ReadyAsync(provider);
        await client.GetResponseAsync(Inner.Hello);
        _time.Advance(TimeSpan.FromSeconds(30));

        var e = await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello));

        Assert.Equal((QwenFailureKind.ServerTimeout, 1, 1), (e.Kind, e.Attempts, _obtained));
    }

    [Fact]
    public async Task A8_GetResponseAsync_TokenJustMinted_IsNotSuspected()
    {
        _inner.Answers(Timeout());
        using var provider = Provider();
        using var client = Client(provider);

        await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello));

        Assert.Equal((1, 1), (_obtained, _inner.AnswerCalls()));
    }

    [Fact]
    public async Task A7_GetStreamingResponseAsync_TimeoutBeforeTheFirstWord_IsResent()
    {
        _inner.Streams([Timeout()], ["Hel", "lo"]);
        using var provider = Provider();
        using var client = await ReadyAsync(provider);

        var updates = await client.GetStreamingResponseAsync(Inner.Hello).ReadAllAsync();

        Assert.Equal("Hello", updates.Text());
        Assert.Equal(2, _obtained);
    }

    [Fact]
    public async Task A6_GetResponseAsync_AdoptedTokenRejectedToo_IsRenewedOnceAndEndsAfterThreeRequests()
    {
        var handler = new ScriptedHandler(() => Logins.Renewed("a3"));
        var store = new InMemoryCredentialStore(Logins.Fresh());
        using var provider = new OAuthCredentialProvider(
            new QwenOAuthOptions(),
            store,
            handler.CreateClient(),
            null,
            _time
        );
        var first = await provider.GetCredentialAsync();
        var adopted = new QwenCredential("a2", Logins.Now.AddHours(1), "r2");
        await store.SaveAsync(adopted);
        _inner.Answers(Rejection(first), Rejection(adopted), "Hello");
        using var client = Client(provider);

        var response = await client.GetResponseAsync(Inner.Hello);

        Assert.Equal("Hello", response.Text);
        Assert.Equal((3, 1), (_inner.AnswerCalls(), handler.Requests.Count));
        Assert.Contains("refresh_token=r2", handler.Request.Body);
    }

    [Fact]
    public async Task A6_GetResponseAsync_EveryTokenRejected_IsTwoRequestsAndOneRenewalPerHalfMinute()
    {
        _inner.Answers(new QwenAuthenticationException("rejected"));
        using var provider = Provider();
        using var client = await ReadyAsync(provider);

        await Assert.ThrowsAsync<QwenAuthenticationException>(() => client.GetResponseAsync(Inner.Hello));
        Assert.Equal((2, 2), (_obtained, _inner.AnswerCalls()));
        await Assert.ThrowsAsync<QwenAuthenticationException>(() => client.GetResponseAsync(Inner.Hello));
        Assert.Equal((2, 3), (_obtained, _inner.AnswerCalls()));

        _time.Advance(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<QwenAuthenticationException>(() => client.GetResponseAsync(Inner.Hello));
        Assert.Equal((3, 5), (_obtained, _inner.AnswerCalls()));
    }

    private DelegateCredentialProvider Provider()
    {
        return new DelegateCredentialProvider(
            _ => new(new QwenCredential($"t{++_obtained}", _time.GetUtcNow().AddHours(1))),
            null,
            null,
            _time
        );
    }

    /// <summary>A client whose token is old enough to be suspected.</summary>
    private async Task<TokenRefreshChatClient> ReadyAsync(DelegateCredentialProvider provider)
    {
        await Guard.WaitAsync(provider.GetCredentialAsync().AsTask());
        _time.Advance(TimeSpan.FromSeconds(120));
        return Client(provider);
    }

    private TokenRefreshChatClient Client(IQwenCredentialProvider provider)
    {
        return new TokenRefreshChatClient(_inner.Object, provider, timeProvider: _time);
    }

    private static QwenException Timeout()
    {
        return new QwenException(QwenFailureKind.ServerTimeout, "stream timeout", null, HttpStatusCode.GatewayTimeout);
    }

    private static QwenAuthenticationException Rejection(QwenCredential carried)
    {
        return new QwenAuthenticationException("rejected") { CredentialHandle = carried };
    }
}
