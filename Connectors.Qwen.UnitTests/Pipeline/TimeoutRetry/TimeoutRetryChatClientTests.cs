using System.Net;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;
using Moq;

namespace Connectors.Qwen.UnitTests.Pipeline.TimeoutRetry;

public class TimeoutRetryChatClientTests
{
    private static readonly QwenException Busy = new(QwenFailureKind.ServerError, "busy") { RequestId = "U" };

    private readonly Mock<IChatClient> _inner = new();
    private readonly ManualTime _time = new();

    [Fact]
    public async Task GetResponseAsync_FirstAnswer_IsPassedOnAsItIs()
    {
        var answer = new ChatResponse(new ChatMessage(ChatRole.Assistant, "Hello"));
        _inner.Answers(answer);

        var response = await Client().GetResponseAsync(Inner.Hello);

        Assert.Same(answer, response);
        Assert.Null(response.AdditionalProperties);
        Assert.Equal(1, _inner.AnswerCalls());
    }

    [Fact]
    public async Task GetResponseAsync_PassingFailures_AreRetriedWithBackoffUntilTheAnswer()
    {
        _inner.Answers(Busy, Busy, Busy, "Hello");

        var call = Client().GetResponseAsync(Inner.Hello);
        await _time.PassAsync(TimeSpan.FromSeconds(0.75));
        await _time.PassAsync(TimeSpan.FromSeconds(1.5));
        await _time.PassAsync(TimeSpan.FromSeconds(3));
        var response = await call;

        Assert.Equal("Hello", response.Text);
        Assert.Equal(4, _inner.AnswerCalls());
        Assert.Equal(4, response.AdditionalProperties![QwenResponseProperties.Attempts]);
        Assert.Equal("retry", response.AdditionalProperties[QwenResponseProperties.RecoveredBy]);
    }

    [Fact]
    public async Task GetResponseAsync_NeverAnAnswer_ThrowsTheLastFailureWithTheStoryOfTheCall()
    {
        _inner.Answers(Busy);

        var call = Client().GetResponseAsync(Inner.Hello);
        await _time.PassAsync(TimeSpan.FromSeconds(0.75));
        await _time.PassAsync(TimeSpan.FromSeconds(1.5));
        await _time.PassAsync(TimeSpan.FromSeconds(3));
        var e = await Assert.ThrowsAsync<QwenException>(() => call);

        Assert.Equal((QwenFailureKind.ServerError, 4, "U"), (e.Kind, e.Attempts, e.RequestId));
        Assert.Same(Busy, e.InnerException);
        Assert.Contains("Gave up after 4 requests and 5.3 s of waiting", e.Message);
        Assert.Equal(4, _inner.AnswerCalls());
    }

    [Fact]
    public async Task GetResponseAsync_RateLimit_IsSatOut()
    {
        _inner.Answers(new QwenException(QwenFailureKind.RateLimited, "slow down"));

        var call = Client().GetResponseAsync(Inner.Hello);
        await _time.PassAsync(TimeSpan.FromSeconds(5));
        await _time.PassAsync(TimeSpan.FromSeconds(20));
        await _time.PassAsync(TimeSpan.FromSeconds(40));

        var e = await Assert.ThrowsAsync<QwenException>(() => call);
        Assert.Equal((QwenFailureKind.RateLimited, 4), (e.Kind, e.Attempts));
    }

    [Fact]
    public async Task GetResponseAsync_RetryAfter_IsWaitedForAsTold()
    {
        var told = TimeSpan.FromSeconds(17);
        _inner.Answers(new QwenException(QwenFailureKind.RateLimited, "slow down") { RetryAfter = told }, "Hello");

        var call = Client().GetResponseAsync(Inner.Hello);
        await _time.PassAsync(told + TimeSpan.FromSeconds(0.5));

        Assert.Equal("Hello", (await call).Text);
    }

    [Theory]
    [InlineData(QwenFailureKind.InvalidRequest)]
    [InlineData(QwenFailureKind.QuotaExhausted)]
    [InlineData(QwenFailureKind.Authentication)]
    public async Task GetResponseAsync_LastingFailure_IsThrownAtOnceAsItIs(QwenFailureKind kind)
    {
        var failure = new QwenException(kind, "no");
        _inner.Answers(failure);

        var e = await Assert.ThrowsAsync<QwenException>(() => Client().GetResponseAsync(Inner.Hello));

        Assert.Same(failure, e);
        Assert.Equal(1, _inner.AnswerCalls());
    }

    [Fact]
    public async Task GetResponseAsync_UnknownException_IsPassedOnUntouched()
    {
        var failure = new InvalidOperationException("foreign");
        _inner.Answers(failure);

        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => Client().GetResponseAsync(Inner.Hello));

        Assert.Same(failure, e);
        Assert.Equal(1, _inner.AnswerCalls());
    }

    [Fact]
    public async Task GetResponseAsync_ForeignExceptionThatTheCallerKnows_IsRetried()
    {
        _inner.Answers(new InvalidOperationException("foreign"), "Hello");
        var options = new TimeoutRetryOptions
        {
            Classify = e => e is InvalidOperationException ? QwenFailureKind.ServerError : null,
        };

        var call = Client(options).GetResponseAsync(Inner.Hello);
        await _time.PassAsync(TimeSpan.FromSeconds(0.75));

        Assert.Equal("Hello", (await call).Text);
    }

    [Fact]
    public async Task GetResponseAsync_BclException_IsRetriedAndInTheEndPassedOnUntouched()
    {
        var failure = new HttpRequestException("down", null, HttpStatusCode.BadGateway);
        _inner.Answers(failure);

        var call = Client(new TimeoutRetryOptions { MaxRetries = 1 }).GetResponseAsync(Inner.Hello);
        await _time.PassAsync(TimeSpan.FromSeconds(0.75));
        var e = await Assert.ThrowsAsync<HttpRequestException>(() => call);

        Assert.Same(failure, e);
        Assert.Equal(2, _inner.AnswerCalls());
    }

    [Fact]
    public async Task GetResponseAsync_MaxAttempts_BoundsTheRequests()
    {
        _inner.Answers(Busy);

        var call = Client(new TimeoutRetryOptions { MaxAttempts = 2 }).GetResponseAsync(Inner.Hello);
        await _time.PassAsync(TimeSpan.FromSeconds(0.75));
        var e = await Assert.ThrowsAsync<QwenException>(() => call);

        Assert.Equal((2, 2), (e.Attempts, _inner.AnswerCalls()));
    }

    [Fact]
    public async Task GetResponseAsync_CancelledDuringTheWait_EndsWithTheCallersToken()
    {
        _inner.Answers(Busy);
        using var source = new CancellationTokenSource();

        var call = Client().GetResponseAsync(Inner.Hello, cancellationToken: source.Token);
        await _time.Scheduled(TimeSpan.FromSeconds(0.75));
        await source.CancelAsync();
        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        Assert.Equal(source.Token, e.CancellationToken);
        Assert.Equal(1, _inner.AnswerCalls());
    }

    [Fact]
    public async Task GetResponseAsync_CancelledDuringTheAttempt_EndsWithTheCallersToken()
    {
        _inner.Answers(Streams.Silence);
        using var source = new CancellationTokenSource();

        var call = Client().GetResponseAsync(Inner.Hello, cancellationToken: source.Token);
        await source.CancelAsync();
        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        Assert.Equal(source.Token, e.CancellationToken);
        Assert.Equal(1, _inner.AnswerCalls());
    }

    [Fact]
    public async Task GetResponseAsync_CancelledBefore_SendsNothing()
    {
        _inner.Answers("Hello");
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Client().GetResponseAsync(Inner.Hello, cancellationToken: cancelled)
        );

        Assert.Equal(0, _inner.AnswerCalls());
    }

    [Fact]
    public async Task GetResponseAsync_Silence_IsARequestTimeoutAfterOneRetry()
    {
        _inner.Answers(Streams.Silence);

        var call = Client().GetResponseAsync(Inner.Hello);
        await _time.PassAsync(TimeSpan.FromSeconds(330));
        await _time.PassAsync(TimeSpan.FromSeconds(0.75));
        await _time.PassAsync(TimeSpan.FromSeconds(330));
        var e = await Assert.ThrowsAsync<QwenException>(() => call);

        Assert.Equal((QwenFailureKind.RequestTimeout, 2), (e.Kind, e.Attempts));
        Assert.StartsWith("The answer did not come within 330 s (RequestTimeout).", e.Message);
        Assert.Contains("660.8 s of waiting", e.Message);
    }

    [Fact]
    public async Task GetResponseAsync_TotalTimeUsedUp_EndsTheCall()
    {
        _inner.Answers(Busy, Streams.Silence);
        var options = new TimeoutRetryOptions { TotalTimeout = TimeSpan.FromSeconds(10) };

        var call = Client(options).GetResponseAsync(Inner.Hello);
        await _time.PassAsync(TimeSpan.FromSeconds(0.75));
        await _time.PassAsync(TimeSpan.FromSeconds(9.25));
        var e = await Assert.ThrowsAsync<QwenException>(() => call);

        Assert.Equal((QwenFailureKind.TotalTimeout, 2), (e.Kind, e.Attempts));
        Assert.StartsWith("The whole call did not end within 10 s (TotalTimeout).", e.Message);
    }

    [Fact]
    public async Task GetResponseAsync_ClocksSwitchedOff_WaitsAsLongAsItTakes()
    {
        var answer = new TaskCompletionSource<ChatResponse>();
        _inner.SetReturnsDefault(answer.Task);
        var options = new TimeoutRetryOptions
        {
            RequestTimeout = Timeout.InfiniteTimeSpan,
            TotalTimeout = Timeout.InfiniteTimeSpan,
        };

        var call = Client(options).GetResponseAsync(Inner.Hello);
        _time.Advance(TimeSpan.FromDays(400));
        answer.SetResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "Hello")));

        Assert.Equal("Hello", (await call).Text);
    }

    [Fact]
    public async Task GetResponseAsync_EachAttempt_SendsTheSameMessagesAndOptions()
    {
        _inner.Answers(Busy, "Hello");
        var options = new ChatOptions { ModelId = "m" };
        List<ChatMessage> messages = [.. Inner.Hello];

        var call = Client().GetResponseAsync(messages, options);
        messages.Clear();
        options.ModelId = "another";
        await _time.PassAsync(TimeSpan.FromSeconds(0.75));
        await call;

        Assert.All(
            _inner.Invocations.Where(i => i.Method.Name == nameof(IChatClient.GetResponseAsync)),
            i =>
            {
                Assert.Equal("Hello", Assert.Single((IEnumerable<ChatMessage>)i.Arguments[0]!).Text);
                Assert.Equal("m", ((ChatOptions)i.Arguments[1]!).ModelId);
            }
        );
    }

    [Fact]
    public void Constructor_OptionOutOfRange_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(
            nameof(TimeoutRetryOptions.MaxRetries),
            () => Client(new TimeoutRetryOptions { MaxRetries = -1 })
        );
    }

    [Fact]
    public async Task Constructor_OptionsChangedLater_ChangeNothing()
    {
        _inner.Answers(Busy, "Hello");
        var options = new TimeoutRetryOptions();

        var client = Client(options);
        options.MaxRetries = 0;
        var call = client.GetResponseAsync(Inner.Hello);
        await _time.PassAsync(TimeSpan.FromSeconds(0.75));

        Assert.Equal("Hello", (await call).Text);
    }

    /// <summary>The client with its jitter in the middle: waits are three quarters of their doubling.</summary>
    private TimeoutRetryChatClient Client(TimeoutRetryOptions? options = null)
    {
        return new TimeoutRetryChatClient(_inner.Object, options, null, _time, () => 0.5);
    }
}
