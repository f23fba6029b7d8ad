using System.Net;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;
using Moq;

namespace Connectors.Qwen.UnitTests.Pipeline.StreamingFallback;

public class StreamingFallbackChatClientTests
{
    private static readonly ChatResponseUpdate RoleOnly = new(ChatRole.Assistant, []);

    private readonly Mock<IChatClient> _inner = new();

    [Fact]
    public async Task GetStreamingResponseAsync_GoodStream_IsPassedOnUpdateByUpdate()
    {
        _inner.Streams([RoleOnly, "Hel", "lo"]);

        var updates = await Client().GetStreamingResponseAsync(Inner.Hello).ReadAllAsync();

        Assert.Equal(["", "Hel", "lo"], updates.Select(u => u.Text));
        Assert.All(updates, u => Assert.Null(u.AdditionalProperties));
        Assert.Equal(0, _inner.AnswerCalls());
    }

    [Theory]
    [InlineData(QwenFailureKind.ServerTimeout)]
    [InlineData(QwenFailureKind.ServerError)]
    [InlineData(QwenFailureKind.FirstTokenTimeout)]
    [InlineData(QwenFailureKind.EmptyResponse)]
    [InlineData(QwenFailureKind.CircuitOpen)]
    public async Task GetStreamingResponseAsync_FailureBeforeTheFirstWord_IsAnsweredWithoutStreaming(
        QwenFailureKind kind
    )
    {
        _inner.Streams([RoleOnly, new QwenException(kind, "no stream")]).Answers(WholeAnswer());

        var response = await Client().GetStreamingResponseAsync(Inner.Hello).ToChatResponseAsync();

        Assert.Equal("Hello", response.Text);
        Assert.Equal(("r", ChatFinishReason.Stop, 7L), (response.ResponseId, response.FinishReason, Tokens(response)));
        Assert.Equal(2, response.AdditionalProperties![QwenResponseProperties.Attempts]);
        Assert.Equal("non-streaming", response.AdditionalProperties[QwenResponseProperties.RecoveredBy]);
        Assert.Equal((1, 1), (_inner.StreamCalls(), _inner.AnswerCalls()));
    }

    [Theory]
    [InlineData(QwenFailureKind.RateLimited)]
    [InlineData(QwenFailureKind.QuotaExhausted)]
    [InlineData(QwenFailureKind.Authentication)]
    [InlineData(QwenFailureKind.InvalidRequest)]
    [InlineData(QwenFailureKind.Connection)]
    [InlineData(QwenFailureKind.TotalTimeout)]
    public async Task GetStreamingResponseAsync_FailureThatTheFormCannotHelp_IsThrownAsItIs(QwenFailureKind kind)
    {
        var failure = new QwenException(kind, "no");
        _inner.Streams([failure]).Answers("Hello");

        var e = (await FailureOf(Client()))!;

        Assert.Same(failure, e.InnerException ?? e);
        Assert.Equal(0, _inner.AnswerCalls());
    }

    [Fact]
    public async Task GetStreamingResponseAsync_FailureAfterText_IsThrownAndNothingReplaced()
    {
        var cut = new QwenException(QwenFailureKind.StreamInterrupted, "cut") { PartialText = "Hel" };
        _inner.Streams(["Hel", cut]).Answers("Hello");
        var updates = new List<ChatResponseUpdate>();

        var e = await Record.ExceptionAsync(() => Client().GetStreamingResponseAsync(Inner.Hello).CopyToAsync(updates));

        Assert.Same(cut, e!.InnerException);
        Assert.Equal("Hel", ((QwenException)e).PartialText);
        Assert.Equal("Hel", updates.Text());
        Assert.Equal(0, _inner.AnswerCalls());
    }

    [Fact]
    public async Task GetStreamingResponseAsync_SwitchedOff_Throws()
    {
        var failure = new QwenException(QwenFailureKind.ServerTimeout, "504");
        _inner.Streams([failure]).Answers("Hello");

        var e = await FailureOf(Client(new StreamingFallbackOptions { Enabled = false }));

        Assert.Same(failure, e!.InnerException);
        Assert.Equal(0, _inner.AnswerCalls());
    }

    [Fact]
    public async Task GetStreamingResponseAsync_BothFormsFail_ThrowsTheSecondFailureOfTwoRequests()
    {
        var second = new QwenException(QwenFailureKind.ServerError, "busy");
        _inner.Streams([new QwenException(QwenFailureKind.ServerTimeout, "504")]).Answers(second);

        var e = Assert.IsType<QwenException>(await FailureOf(Client()));

        Assert.Equal((QwenFailureKind.ServerError, 2), (e.Kind, e.Attempts));
        Assert.Same(second, e.InnerException);
        Assert.Equal((1, 1), (_inner.StreamCalls(), _inner.AnswerCalls()));
    }

    [Fact]
    public async Task GetStreamingResponseAsync_UnknownException_IsPassedOnUntouched()
    {
        var failure = new InvalidOperationException("foreign");
        _inner.Streams([failure]).Answers("Hello");

        Assert.Same(failure, await FailureOf(Client()));
        Assert.Equal(0, _inner.AnswerCalls());
    }

    [Fact]
    public async Task GetStreamingResponseAsync_ForeignExceptionThatTheCallerKnows_ChangesTheForm()
    {
        _inner.Streams([new InvalidOperationException("foreign")]).Answers("Hello");
        var client = Client(new StreamingFallbackOptions { Classify = _ => QwenFailureKind.ServerTimeout });

        Assert.Equal("Hello", (await client.GetStreamingResponseAsync(Inner.Hello).ReadAllAsync()).Text());
    }

    [Fact]
    public async Task GetStreamingResponseAsync_BclException_ChangesTheForm()
    {
        _inner.Streams([new HttpRequestException("504", null, HttpStatusCode.GatewayTimeout)]).Answers("Hello");

        Assert.Equal("Hello", (await Client().GetStreamingResponseAsync(Inner.Hello).ReadAllAsync()).Text());
    }

    [Fact]
    public async Task GetStreamingResponseAsync_Cancelled_DoesNotAskAgain()
    {
        using var source = new CancellationTokenSource();
        _inner.Streams([Streams.Silence]).Answers("Hello");

        var reading = Client().GetStreamingResponseAsync(Inner.Hello, cancellationToken: source.Token).ReadAllAsync();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        Assert.Equal(0, _inner.AnswerCalls());
    }

    [Fact]
    public async Task GetStreamingResponseAsync_NoPermitLeft_ThrowsTheFailureOfTheStream()
    {
        _inner.Streams([new QwenException(QwenFailureKind.ServerTimeout, "504")]).Answers("Hello");
        var retry = new TimeoutRetryChatClient(_inner.Object, new TimeoutRetryOptions { MaxAttempts = 1 });

        var e = await Record.ExceptionAsync(() =>
            new StreamingFallbackChatClient(retry).GetStreamingResponseAsync(Inner.Hello).ReadAllAsync()
        );

        Assert.Equal(QwenFailureKind.ServerTimeout, Assert.IsType<QwenException>(e).Kind);
        Assert.Equal((1, 0), (_inner.StreamCalls(), _inner.AnswerCalls()));
    }

    [Fact]
    public async Task GetResponseAsync_Answer_IsPassedOnAsItIs()
    {
        var answer = WholeAnswer();
        _inner.Answers(answer);

        Assert.Same(answer, await Client().GetResponseAsync(Inner.Hello));
        Assert.Equal(0, _inner.StreamCalls());
    }

    [Fact]
    public async Task GetResponseAsync_Failure_IsPassedOnAsItIs()
    {
        var failure = new QwenException(QwenFailureKind.ServerError, "500");
        _inner.Answers(failure);

        Assert.Same(failure, await Record.ExceptionAsync(() => Client().GetResponseAsync(Inner.Hello)));
    }

    [Fact]
    public async Task Constructor_OptionsChangedLater_ChangeNothing()
    {
        _inner.Streams([new QwenException(QwenFailureKind.ServerTimeout, "504")]).Answers("Hello");
        var options = new StreamingFallbackOptions();

        var client = Client(options);
        options.Enabled = false;

        Assert.Equal("Hello", (await client.GetStreamingResponseAsync(Inner.Hello).ReadAllAsync()).Text());
    }

    private StreamingFallbackChatClient Client(StreamingFallbackOptions? options = null)
    {
        return new StreamingFallbackChatClient(_inner.Object, options);
    }

    private static async Task<Exception?> FailureOf(StreamingFallbackChatClient client)
    {
        return await Record.ExceptionAsync(() => client.GetStreamingResponseAsync(Inner.Hello).ReadAllAsync());
    }

    private static ChatResponse WholeAnswer()
    {
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, "Hello"))
        {
            ResponseId = "r",
            FinishReason = ChatFinishReason.Stop,
            Usage = new UsageDetails { TotalTokenCount = 7 },
        };
    }

    private static long? Tokens(ChatResponse response)
    {
        return response.Usage?.TotalTokenCount;
    }
}
