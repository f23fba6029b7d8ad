using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;
using Moq;

namespace Connectors.Qwen.UnitTests.Pipeline;

/// <summary>What holds in each of the six orders: nothing lost, nothing repeated, bounded requests, cancellation honoured.</summary>
public class StageOrderTests
{
    private static readonly QwenCredential Old = new("old-token");

    private readonly Mock<IChatClient> _inner = new();
    private readonly Mock<IQwenCredentialProvider> _credentials = new();

    public StageOrderTests()
    {
        _credentials.Setup(c => c.GetCredentialAsync(It.IsAny<CancellationToken>())).ReturnsAsync(Old);
        _credentials
            .Setup(c => c.RenewCredentialAsync(It.IsAny<QwenCredential>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(new QwenCredential("new-token"));
    }

    // The outermost first: Fallback, Retry, Token.
    public static TheoryData<string> Orders => ["FRT", "FTR", "RFT", "RTF", "TFR", "TRF"];

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Stream_Good_ComesThrough(string order)
    {
        _inner.Streams(["Hel", "lo"]);

        var updates = await Build(order).GetStreamingResponseAsync(Inner.Hello).ReadAllAsync();

        Assert.Equal(["Hel", "lo"], updates.Select(u => u.Text));
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Stream_TokenRejectedOnce_ComesThroughAfterOneRenewal(string order)
    {
        _inner.Streams([Rejection()], ["Hel", "lo"]);

        var updates = await Build(order).GetStreamingResponseAsync(Inner.Hello).ReadAllAsync();

        Assert.Equal("Hello", updates.Text());
        Assert.Equal(2, _inner.StreamCalls());
        VerifyOneRenewal();
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Answer_TokenRejectedOnce_ComesThroughAfterOneRenewal(string order)
    {
        _inner.Answers(Rejection(), "Hello");

        var response = await Build(order).GetResponseAsync(Inner.Hello);

        Assert.Equal("Hello", response.Text);
        Assert.Equal(2, response.AdditionalProperties![QwenResponseProperties.Attempts]);
        VerifyOneRenewal();
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Answer_TokenRejectedForEver_EndsAfterOneRenewal(string order)
    {
        _inner.Answers(Rejection());

        var e = await Assert.ThrowsAsync<QwenAuthenticationException>(() => Build(order).GetResponseAsync(Inner.Hello));

        Assert.Equal((2, 2), (e.Attempts, _inner.AnswerCalls()));
        VerifyOneRenewal();
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Stream_NeverWorks_IsAnsweredWithoutStreaming(string order)
    {
        _inner.Streams([Timeout504()]).Answers("Hello");

        var response = await Build(order).GetStreamingResponseAsync(Inner.Hello).ToChatResponseAsync();

        Assert.Equal("Hello", response.Text);
        Assert.Equal("non-streaming", response.AdditionalProperties![QwenResponseProperties.RecoveredBy]);
        Assert.InRange(_inner.StreamCalls() + _inner.AnswerCalls(), 2, 3);
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Stream_TokenRejectedThenNoStream_IsAnsweredWithoutStreaming(string order)
    {
        _inner.Streams([Rejection()], [Timeout504()]).Answers("Hello");

        var updates = await Build(order).GetStreamingResponseAsync(Inner.Hello).ReadAllAsync();

        Assert.Equal("Hello", updates.Text());
        VerifyOneRenewal();
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Stream_CutAfterText_IsNeitherRepeatedNorReplaced(string order)
    {
        _inner.Streams(["Hel", Timeout504()]).Answers("Hello");
        var updates = new List<ChatResponseUpdate>();

        var e = await Assert.ThrowsAsync<QwenException>(() =>
            Build(order).GetStreamingResponseAsync(Inner.Hello).CopyToAsync(updates)
        );

        Assert.Equal("Hel", updates.Text());
        Assert.Equal((QwenFailureKind.ServerTimeout, "Hel"), (e.Kind, e.PartialText));
        Assert.Equal((1, 0), (_inner.StreamCalls(), _inner.AnswerCalls()));
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Stream_NothingEverWorks_IsBoundedByMaxAttempts(string order)
    {
        _inner.Streams([Busy()]).Answers(Busy());
        var options = new TimeoutRetryOptions { MaxRetries = 100, MaxAttempts = 4 };

        var e = await Assert.ThrowsAsync<QwenException>(() =>
            Build(order, options).GetStreamingResponseAsync(Inner.Hello).ReadAllAsync()
        );

        Assert.Equal((QwenFailureKind.ServerError, 4), (e.Kind, e.Attempts));
        Assert.Equal(4, _inner.StreamCalls() + _inner.AnswerCalls());
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Stream_Cancelled_EndsAtOnce(string order)
    {
        _inner.Streams([Streams.Silence]).Answers("Hello");
        using var source = new CancellationTokenSource();

        var reading = Build(order)
            .GetStreamingResponseAsync(Inner.Hello, cancellationToken: source.Token)
            .ReadAllAsync();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);

        Assert.Equal((1, 0), (_inner.StreamCalls(), _inner.AnswerCalls()));
    }

    /// <summary>The server says when to come back, so that no retry waits.</summary>
    private static QwenException Busy()
    {
        return new QwenException(QwenFailureKind.ServerError, "busy") { RetryAfter = TimeSpan.Zero };
    }

    private static QwenException Timeout504()
    {
        return new QwenException(QwenFailureKind.ServerTimeout, "504") { RetryAfter = TimeSpan.Zero };
    }

    private static QwenAuthenticationException Rejection()
    {
        return new QwenAuthenticationException("rejected") { CredentialHandle = Old };
    }

    private void VerifyOneRenewal()
    {
        _credentials.Verify(c => c.RenewCredentialAsync(Old, It.IsAny<CancellationToken>()), Times.Once);
    }

    private IChatClient Build(string order, TimeoutRetryOptions? options = null)
    {
        var client = _inner.Object;
        foreach (var stage in order.Reverse())
        {
            client = stage switch
            {
                'F' => new StreamingFallbackChatClient(client),
                'R' => new TimeoutRetryChatClient(client, options ?? new TimeoutRetryOptions { MaxRetries = 1 }),
                _ => new TokenRefreshChatClient(client, _credentials.Object),
            };
        }

        return client;
    }
}
