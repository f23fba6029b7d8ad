using System.Threading.RateLimiting;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;
using Moq;

namespace Connectors.Qwen.UnitTests.Pipeline.Protection;

public class RequestLimitsTests
{
    private readonly Mock<IChatClient> _inner = new();
    private readonly ManualTime _time = new();

    [Fact]
    public async Task GetResponseAsync_PlaceIsTaken_WaitsForIt()
    {
        var first = new TaskCompletionSource<ChatResponse>();
        _inner
            .SetupSequence(c =>
                c.GetResponseAsync(It.IsAny<IEnumerable<ChatMessage>>(), null, It.IsAny<CancellationToken>())
            )
            .Returns(first.Task)
            .ReturnsAsync(new ChatResponse(new ChatMessage(ChatRole.Assistant, "second")));
        using var client = Client(new() { MaxConcurrentRequests = 1 });

        var one = client.GetResponseAsync(Inner.Hello);
        var two = client.GetResponseAsync(Inner.Hello);
        Assert.Equal(1, _inner.AnswerCalls());
        first.SetResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "first")));

        Assert.Equal("first", (await one).Text);
        Assert.Equal("second", (await two).Text);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_PlaceIsHeldUntilTheStreamIsOver()
    {
        _inner.Streams(["Hello", "!"], ["second"]);
        using var client = Client(new() { MaxConcurrentRequests = 1, MaxQueuedRequests = 0 });

        await using (var stream = client.GetStreamingResponseAsync(Inner.Hello).GetAsyncEnumerator())
        {
            Assert.True(await stream.MoveNextAsync());
            var refused = await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello));
            Assert.Equal((QwenFailureKind.RateLimited, 0), (refused.Kind, refused.Attempts));
            Assert.Contains("TimeoutRetry.Limits.MaxQueuedRequests", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal("second", (await client.GetStreamingResponseAsync(Inner.Hello).ReadAllAsync()).Text());
    }

    [Fact]
    public async Task GetResponseAsync_FailedAttempt_GivesItsPlaceBack()
    {
        _inner.Answers(new QwenException(QwenFailureKind.InvalidRequest, "no"), "Hello");
        using var client = Client(new() { MaxConcurrentRequests = 1, MaxQueuedRequests = 0 });

        await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello));

        Assert.Equal("Hello", (await client.GetResponseAsync(Inner.Hello)).Text);
    }

    [Fact]
    public async Task GetResponseAsync_TokenLimiter_IsAskedForThePrompt()
    {
        _inner.Answers("Hello");
        var asked = new List<int>();
        using var limiter = new ConcurrencyLimiter(new() { PermitLimit = 100 });
        using var client = Client(
            new() { RequestLimiter = (permits, token) => Ask(permits), TokenLimiter = (permits, token) => Ask(permits) }
        );

        await client.GetResponseAsync([new(ChatRole.User, new string('字', 90))]);

        // A Chinese character is about two thirds of a token.
        Assert.Equal([1, 60], asked);

        ValueTask<RateLimitLease> Ask(int permits)
        {
            asked.Add(permits);
            return new(limiter.AttemptAcquire(permits));
        }
    }

    [Fact]
    public async Task GetResponseAsync_PromptBeyondTheLimiter_IsRefusedAndNotRetried()
    {
        _inner.Answers("Hello");
        using var limiter = new ConcurrencyLimiter(new() { PermitLimit = 10, QueueLimit = 10 });
        using var client = Client(new() { TokenLimiter = limiter.AcquireAsync });

        var e = await Assert.ThrowsAsync<QwenException>(() =>
            client.GetResponseAsync([new(ChatRole.User, new string('字', 90))])
        );

        Assert.Equal(QwenFailureKind.RateLimited, e.Kind);
        Assert.Contains("60 permits", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, _inner.AnswerCalls());
    }

    [Fact]
    public async Task GetResponseAsync_LimiterSaysWhen_IsTheRetryAfter()
    {
        _inner.Answers("Hello");
        using var limiter = new FixedWindowRateLimiter(
            new()
            {
                PermitLimit = 1,
                Window = TimeSpan.FromHours(1),
                AutoReplenishment = false,
            }
        );
        using var client = Client(new() { RequestLimiter = limiter.AcquireAsync });
        await client.GetResponseAsync(Inner.Hello);

        var e = await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello));

        Assert.InRange(e.RetryAfter!.Value, TimeSpan.FromMinutes(50), TimeSpan.FromHours(1));
        Assert.Equal(1, _inner.AnswerCalls());
    }

    [Fact]
    public async Task T39_GetResponseAsync_QueueIsLongerThanTheTotal_EndsWithTheTotal()
    {
        _inner.Answers(Streams.Silence);
        using var client = Client(
            new() { MaxConcurrentRequests = 1 },
            options => options.TotalTimeout = TimeSpan.FromSeconds(100)
        );
        var one = client.GetResponseAsync(Inner.Hello);

        var two = client.GetResponseAsync(Inner.Hello);
        await _time.Scheduled(TimeSpan.FromSeconds(100));
        await _time.PassAsync(TimeSpan.FromSeconds(100));

        var e = await Assert.ThrowsAsync<QwenException>(() => two);
        Assert.Equal(QwenFailureKind.TotalTimeout, e.Kind);
        Assert.Equal(TimeSpan.FromSeconds(100), e.Waited);
        await Assert.ThrowsAsync<QwenException>(() => one);
    }

    [Fact]
    public async Task T39_GetResponseAsync_TotalRunsOutInAQueue_NoRequestIsCounted()
    {
        _inner.Answers("Hello");
        using var client = Client(
            new()
            {
                RequestLimiter = static async (_, token) =>
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, token);
                    throw new InvalidOperationException("The queue ended.");
                },
            },
            static options => options.TotalTimeout = TimeSpan.FromSeconds(100)
        );

        var call = client.GetResponseAsync(Inner.Hello);
        await _time.PassAsync(TimeSpan.FromSeconds(100));

        var e = await Assert.ThrowsAsync<QwenException>(() => call);
        Assert.Equal((QwenFailureKind.TotalTimeout, 0), (e.Kind, e.Attempts));
        Assert.Equal(0, _inner.AnswerCalls());
    }

    [Fact]
    public async Task GetResponseAsync_SharedConcurrencyLimiter_IsHeldWhileTheRequestRuns()
    {
        _inner.Answers(Streams.Silence);
        using var shared = new ConcurrencyLimiter(new() { PermitLimit = 1 });
        using var client = Client(new() { RequestLimiter = shared.AcquireAsync });
        using var end = new CancellationTokenSource();
        var first = client.GetResponseAsync(Inner.Hello, cancellationToken: end.Token);

        var e = await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello));

        Assert.Equal(QwenFailureKind.RateLimited, e.Kind);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(1, shared.GetStatistics()!.CurrentAvailablePermits);
    }

    [Fact]
    public async Task T31_GetResponseAsync_CancelledInTheQueue_IsACancellation()
    {
        _inner.Answers(Streams.Silence);
        using var client = Client(new() { MaxConcurrentRequests = 1 });
        using var cancel = new CancellationTokenSource();
        using var end = new CancellationTokenSource();
        var one = client.GetResponseAsync(Inner.Hello, cancellationToken: end.Token);

        var two = client.GetResponseAsync(Inner.Hello, cancellationToken: cancel.Token);
        await cancel.CancelAsync();

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => two);
        Assert.Equal(cancel.Token, e.CancellationToken);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
    }

    private TimeoutRetryChatClient Client(RequestLimitOptions limits, Action<TimeoutRetryOptions>? configure = null)
    {
        var options = new TimeoutRetryOptions { Limits = limits };
        configure?.Invoke(options);
        return new TimeoutRetryChatClient(_inner.Object, options, null, _time, static () => 0.5);
    }
}
