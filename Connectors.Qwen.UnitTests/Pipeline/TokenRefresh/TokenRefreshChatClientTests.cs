using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;
using Moq;

namespace Connectors.Qwen.UnitTests.Pipeline.TokenRefresh;

public class TokenRefreshChatClientTests
{
    private static readonly QwenCredential Old = new("old-token");
    private static readonly QwenCredential New = new("new-token");

    private readonly Mock<IChatClient> _inner = new();
    private readonly Mock<IQwenCredentialProvider> _credentials = new();

    public TokenRefreshChatClientTests()
    {
        _credentials.Setup(c => c.GetCredentialAsync(It.IsAny<CancellationToken>())).ReturnsAsync(Old);
        Renews(New);
    }

    [Fact]
    public async Task GetResponseAsync_AcceptedToken_IsCheckedAndNotRenewed()
    {
        _inner.Answers("Hello");

        var response = await Client().GetResponseAsync(Inner.Hello);

        Assert.Equal("Hello", response.Text);
        _credentials.Verify(c => c.GetCredentialAsync(It.IsAny<CancellationToken>()), Times.Once);
        VerifyRenewals(Times.Never());
    }

    [Fact]
    public async Task GetResponseAsync_RejectedToken_IsRenewedOnceAndTheRequestSentAgain()
    {
        _inner.Answers(Rejection(Old), "Hello");

        var response = await Client().GetResponseAsync(Inner.Hello);

        Assert.Equal("Hello", response.Text);
        Assert.Equal(2, _inner.AnswerCalls());
        _credentials.Verify(c => c.RenewCredentialAsync(Old, It.IsAny<CancellationToken>()), Times.Once);
        Assert.Equal(2, response.AdditionalProperties![QwenResponseProperties.Attempts]);
        Assert.Equal("token-refresh", response.AdditionalProperties[QwenResponseProperties.RecoveredBy]);
    }

    [Fact]
    public async Task GetResponseAsync_RejectedToken_IsTheOneTheRequestReallyCarried()
    {
        // Between the check and the request another call had renewed it.
        var carried = new QwenCredential("carried-token");
        _inner.Answers(Rejection(carried), "Hello");

        await Client().GetResponseAsync(Inner.Hello);

        _credentials.Verify(c => c.RenewCredentialAsync(carried, It.IsAny<CancellationToken>()), Times.Once);
    }

    [Fact]
    public async Task GetResponseAsync_NoOtherCredential_ThrowsTheRejectionAsItIs()
    {
        var rejection = Rejection(Old);
        _inner.Answers(rejection);
        Renews(null);

        var e = await Assert.ThrowsAsync<QwenAuthenticationException>(() => Client().GetResponseAsync(Inner.Hello));

        Assert.Same(rejection, e);
        Assert.Equal(1, _inner.AnswerCalls());
    }

    [Fact]
    public async Task GetResponseAsync_NewTokenRejectedToo_EndsAfterTwoRequestsAndOneRenewal()
    {
        _inner.Answers(Rejection(Old), Rejection(New));

        var e = await Assert.ThrowsAsync<QwenAuthenticationException>(() => Client().GetResponseAsync(Inner.Hello));

        Assert.Equal((2, 2), (e.Attempts, _inner.AnswerCalls()));
        VerifyRenewals(Times.Once());
    }

    [Theory]
    [InlineData(QwenFailureKind.PermissionDenied)]
    [InlineData(QwenFailureKind.ServerTimeout)]
    [InlineData(QwenFailureKind.RateLimited)]
    public async Task GetResponseAsync_OtherFailure_IsNotThisStagesBusiness(QwenFailureKind kind)
    {
        var failure = new QwenException(kind, "no");
        _inner.Answers(failure);

        var e = await Assert.ThrowsAsync<QwenException>(() => Client().GetResponseAsync(Inner.Hello));

        Assert.Equal(kind, e.Kind);
        Assert.Same(failure, e.InnerException ?? e);
        VerifyRenewals(Times.Never());
    }

    [Fact]
    public async Task GetResponseAsync_ForeignRejectionThatTheCallerKnows_RenewsTheCheckedToken()
    {
        _inner.Answers(new InvalidOperationException("401"), "Hello");

        var response = await Client(_ => QwenFailureKind.Authentication).GetResponseAsync(Inner.Hello);

        Assert.Equal("Hello", response.Text);
        _credentials.Verify(c => c.RenewCredentialAsync(Old, It.IsAny<CancellationToken>()), Times.Once);
    }

    [Fact]
    public async Task GetResponseAsync_ForeignException_IsPassedOnUntouched()
    {
        var failure = new InvalidOperationException("401");
        _inner.Answers(failure);

        Assert.Same(failure, await Record.ExceptionAsync(() => Client().GetResponseAsync(Inner.Hello)));
        VerifyRenewals(Times.Never());
    }

    [Fact]
    public async Task GetResponseAsync_RenewalFails_ThrowsWhy()
    {
        var why = new QwenException(QwenFailureKind.Connection, "token server down");
        _inner.Answers(Rejection(Old));
        _credentials
            .Setup(c => c.RenewCredentialAsync(It.IsAny<QwenCredential>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(why);

        Assert.Same(why, await Record.ExceptionAsync(() => Client().GetResponseAsync(Inner.Hello)));
        Assert.Equal(1, _inner.AnswerCalls());
    }

    [Fact]
    public async Task GetResponseAsync_NoCredential_SendsNothing()
    {
        var why = new QwenAuthenticationException("log in first");
        _credentials.Setup(c => c.GetCredentialAsync(It.IsAny<CancellationToken>())).ThrowsAsync(why);
        _inner.Answers("Hello");

        Assert.Same(why, await Record.ExceptionAsync(() => Client().GetResponseAsync(Inner.Hello)));
        Assert.Equal(0, _inner.AnswerCalls());
    }

    [Fact]
    public async Task GetResponseAsync_CancelledMeanwhile_DoesNotRenew()
    {
        using var source = new CancellationTokenSource();
        _inner.Answers(Rejection(Old));
        _credentials
            .Setup(c => c.GetCredentialAsync(It.IsAny<CancellationToken>()))
            .Callback(source.Cancel)
            .ReturnsAsync(Old);

        var e = await Assert.ThrowsAsync<OperationCanceledException>(() =>
            Client().GetResponseAsync(Inner.Hello, cancellationToken: source.Token)
        );

        Assert.Equal(source.Token, e.CancellationToken);
        VerifyRenewals(Times.Never());
    }

    [Fact]
    public async Task GetStreamingResponseAsync_RejectionBeforeTheFirstWord_IsRenewedAndSentAgain()
    {
        _inner.Streams([new ChatResponseUpdate(ChatRole.Assistant, []), Rejection(Old)], ["Hel", "lo"]);

        var updates = await Client().GetStreamingResponseAsync(Inner.Hello).ReadAllAsync();

        Assert.Equal(["Hel", "lo", ""], updates.Select(u => u.Text));
        Assert.Equal("token-refresh", updates[2].AdditionalProperties![QwenResponseProperties.RecoveredBy]);
        VerifyRenewals(Times.Once());
    }

    [Fact]
    public async Task GetStreamingResponseAsync_RejectionAfterText_IsPassedOn()
    {
        _inner.Streams(["Hel", Rejection(Old)]);
        var updates = new List<ChatResponseUpdate>();

        await Assert.ThrowsAsync<QwenAuthenticationException>(() =>
            Client().GetStreamingResponseAsync(Inner.Hello).CopyToAsync(updates)
        );

        Assert.Equal("Hel", updates.Text());
        VerifyRenewals(Times.Never());
    }

    [Fact]
    public async Task GetStreamingResponseAsync_NoOtherCredential_ThrowsTheRejection()
    {
        var rejection = Rejection(Old);
        _inner.Streams([rejection]);
        Renews(null);

        var e = await Record.ExceptionAsync(() => Client().GetStreamingResponseAsync(Inner.Hello).ReadAllAsync());

        Assert.Same(rejection, e);
        Assert.Equal(1, _inner.StreamCalls());
    }

    [Fact]
    public void Constructor_NoProviderAnywhere_IsRefused()
    {
        Assert.Throws<ArgumentException>("credentials", () => new TokenRefreshChatClient(_inner.Object));
    }

    [Fact]
    public async Task Constructor_InnerClientHasAProvider_UsesThat()
    {
        _inner.Answers("Hello");
        _inner.Setup(c => c.GetService(typeof(IQwenCredentialProvider), null)).Returns(_credentials.Object);

        await new TokenRefreshChatClient(_inner.Object).GetResponseAsync(Inner.Hello);

        _credentials.Verify(c => c.GetCredentialAsync(It.IsAny<CancellationToken>()), Times.Once);
    }

    [Fact]
    public async Task GetResponseAsync_SlowRenewal_DoesNotRunOnTheAttemptsClock()
    {
        var time = new ManualTime();
        var renewal = new TaskCompletionSource<QwenCredential?>();
        _inner.Answers(Rejection(Old), Streams.Silence);
        _credentials
            .Setup(c => c.RenewCredentialAsync(It.IsAny<QwenCredential>(), It.IsAny<CancellationToken>()))
            .Returns(new ValueTask<QwenCredential?>(renewal.Task));
        var options = new TimeoutRetryOptions { MaxRetries = 0, RequestTimeout = TimeSpan.FromSeconds(10) };
        var client = new TimeoutRetryChatClient(
            new TokenRefreshChatClient(_inner.Object, _credentials.Object, null, time),
            options,
            null,
            time
        );

        var call = client.GetResponseAsync(Inner.Hello);
        await time.Scheduled(options.TotalTimeout);
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.False(call.IsCompleted);
        renewal.SetResult(New);
        // The attempt's time begins again when the request is sent.
        await time.PassAsync(TimeSpan.FromSeconds(10));
        var e = await Assert.ThrowsAsync<QwenException>(() => call);

        Assert.Equal((QwenFailureKind.RequestTimeout, 2), (e.Kind, e.Attempts));
        Assert.Contains("70.0 s of waiting", e.Message);
    }

    private TokenRefreshChatClient Client(Func<Exception, QwenFailureKind?>? classify = null)
    {
        return new TokenRefreshChatClient(_inner.Object, _credentials.Object, classify: classify);
    }

    private void Renews(QwenCredential? renewed)
    {
        _credentials
            .Setup(c => c.RenewCredentialAsync(It.IsAny<QwenCredential>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(renewed);
    }

    private void VerifyRenewals(Times times)
    {
        _credentials.Verify(
            c => c.RenewCredentialAsync(It.IsAny<QwenCredential>(), It.IsAny<CancellationToken>()),
            times
        );
    }

    private static QwenAuthenticationException Rejection(QwenCredential carried)
    {
        return new QwenAuthenticationException("rejected") { CredentialHandle = carried };
    }
}
