using Connectors.Qwen.Continuation;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;
using Moq;

namespace Connectors.Qwen.UnitTests.Pipeline.TimeoutRetry;

public class TimeoutRetryStreamingTests
{
    private static readonly QwenException Busy = new(QwenFailureKind.ServerError, "busy");
    private static readonly ChatResponseUpdate RoleOnly = new(ChatRole.Assistant, []);

    private readonly Mock<IChatClient> _inner = new();
    private readonly ManualTime _time = new();

    [Fact]
    public async Task GetStreamingResponseAsync_GoodStream_IsPassedOnUpdateByUpdate()
    {
        _inner.Streams([RoleOnly, "Hel", "lo"]);

        var updates = await Client().GetStreamingResponseAsync(Inner.Hello).ReadAllAsync();

        Assert.Equal(["", "Hel", "lo"], updates.Select(u => u.Text));
        Assert.Same(RoleOnly, updates[0]);
        Assert.Equal(1, _inner.StreamCalls());
    }

    [Fact]
    public async Task GetStreamingResponseAsync_FailureBeforeTheFirstWord_IsRetriedAndNothingOfItHandedOut()
    {
        _inner.Streams([RoleOnly, Busy], ["Hello"]);

        var reading = Client().GetStreamingResponseAsync(Inner.Hello).ReadAllAsync();
        await _time.PassAsync(TimeSpan.FromSeconds(0.75));
        var updates = await reading;

        Assert.Equal("Hello", updates[0].Text);
        Assert.Equal(2, updates.Count);
        Assert.Equal(2, updates[1].AdditionalProperties![QwenResponseProperties.Attempts]);
        Assert.Equal("retry", updates[1].AdditionalProperties![QwenResponseProperties.RecoveredBy]);
        Assert.Null(updates[1].MessageId);
    }

    [Theory]
    [InlineData("reasoning")]
    [InlineData("text")]
    [InlineData("tool call")]
    public async Task GetStreamingResponseAsync_FailureAfterSomethingWasHandedOut_IsNotRetried(string what)
    {
        AIContent content = what switch
        {
            "reasoning" => new TextReasoningContent("think"),
            "text" => new TextContent("Hel"),
            _ => new FunctionCallContent("c1", "f"),
        };
        _inner.Streams([new ChatResponseUpdate(ChatRole.Assistant, [content]), Busy]);
        var updates = new List<ChatResponseUpdate>();

        var e = await Assert.ThrowsAsync<QwenException>(() =>
            Client().GetStreamingResponseAsync(Inner.Hello).CopyToAsync(updates)
        );

        Assert.Equal((QwenFailureKind.ServerError, 1), (e.Kind, e.Attempts));
        Assert.Same(content, Assert.Single(Assert.Single(updates).Contents));
        Assert.Equal(1, _inner.StreamCalls());
    }

    [Fact]
    public async Task GetStreamingResponseAsync_CutAfterText_CarriesTheText()
    {
        _inner.Streams(["Hel", "lo", Busy]);

        var e = await Assert.ThrowsAsync<QwenException>(() =>
            Client().GetStreamingResponseAsync(Inner.Hello).ReadAllAsync()
        );

        Assert.Equal("Hello", e.PartialText);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_CutThatKnowsItsText_IsLeftAsItIs()
    {
        var cut = new QwenException(QwenFailureKind.StreamInterrupted, "cut") { PartialText = "known" };
        _inner.Streams(["Hel", cut]);

        var e = await Assert.ThrowsAsync<QwenException>(() =>
            Client().GetStreamingResponseAsync(Inner.Hello).ReadAllAsync()
        );

        Assert.Equal("known", e.PartialText);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_SilenceFromTheStart_IsAFirstTokenTimeoutAfterOneRetry()
    {
        _inner.Streams([RoleOnly, Streams.Silence]);

        var reading = Client().GetStreamingResponseAsync(Inner.Hello).ReadAllAsync();
        await _time.PassAsync(TimeSpan.FromSeconds(60));
        await _time.PassAsync(TimeSpan.FromSeconds(0.75));
        await _time.PassAsync(TimeSpan.FromSeconds(60));
        var e = await Assert.ThrowsAsync<QwenException>(() => reading);

        Assert.Equal((QwenFailureKind.FirstTokenTimeout, 2), (e.Kind, e.Attempts));
        Assert.Null(e.PartialText);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_LargePrompt_IsGivenMoreTime()
    {
        _inner.Streams([Streams.Silence]);
        var options = new TimeoutRetryOptions { MaxRetries = 0 };
        var prompt = new ChatMessage(ChatRole.User, new string('a', 10 * 1024));

        var reading = new TimeoutRetryChatClient(_inner.Object, options, null, _time)
            .GetStreamingResponseAsync(prompt)
            .ReadAllAsync();
        await _time.PassAsync(TimeSpan.FromSeconds(63));

        var e = await Assert.ThrowsAsync<QwenException>(() => reading);
        Assert.StartsWith("The stream brought no word within 63 s", e.Message);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_SilenceAfterText_IsAnIdleTimeoutWithTheText()
    {
        _inner.Streams(["Hel", Streams.Silence]);
        var updates = new List<ChatResponseUpdate>();

        var reading = Client().GetStreamingResponseAsync(Inner.Hello).CopyToAsync(updates);
        await _time.PassAsync(TimeSpan.FromSeconds(120));
        var e = await Assert.ThrowsAsync<QwenException>(() => reading);

        Assert.Equal((QwenFailureKind.IdleTimeout, "Hel"), (e.Kind, e.PartialText));
        Assert.Equal("Hel", updates.Text());
        Assert.Equal(1, _inner.StreamCalls());
    }

    [Fact]
    public async Task GetStreamingResponseAsync_JsonThatSaysNothing_IsSilenceAfterTextToo()
    {
        var heartbeat = new TaskCompletionSource();
        _inner.Streams(["Hel", heartbeat.Task, new SilentUpdate(), Streams.Silence]);

        var reading = Client().GetStreamingResponseAsync(Inner.Hello).ReadAllAsync();
        await _time.Scheduled(TimeSpan.FromSeconds(120));
        _time.Advance(TimeSpan.FromSeconds(80));
        heartbeat.SetResult();
        await _time.PassAsync(TimeSpan.FromSeconds(40));
        var e = await Assert.ThrowsAsync<QwenException>(() => reading);

        Assert.Equal(QwenFailureKind.IdleTimeout, e.Kind);
        Assert.Contains("within 120 s", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_JsonThatSaysNothing_IsNoFirstWord()
    {
        var heartbeat = new TaskCompletionSource();
        _inner.Streams([heartbeat.Task, new SilentUpdate(), Streams.Silence]);

        var reading = Client(new() { MaxRetries = 0 }).GetStreamingResponseAsync(Inner.Hello).ReadAllAsync();
        await _time.Scheduled(TimeSpan.FromSeconds(60));
        _time.Advance(TimeSpan.FromSeconds(40));
        heartbeat.SetResult();
        _time.Advance(TimeSpan.FromSeconds(20));
        var e = await Assert.ThrowsAsync<QwenException>(() => reading);

        Assert.Equal(QwenFailureKind.FirstTokenTimeout, e.Kind);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_SilenceAfterTheFinishReason_EndsTheWholeAnswerSoon()
    {
        var finish = new ChatResponseUpdate(ChatRole.Assistant, "lo") { FinishReason = ChatFinishReason.Stop };
        _inner.Streams(["Hel", finish, Streams.Silence]);
        var updates = new List<ChatResponseUpdate>();

        var reading = Client().GetStreamingResponseAsync(Inner.Hello).CopyToAsync(updates);
        await _time.PassAsync(TimeSpan.FromSeconds(5));
        await reading;

        Assert.Equal("Hello", updates.Text());
    }

    [Fact]
    public async Task GetStreamingResponseAsync_SlowConsumer_RunsNoClock()
    {
        _inner.Streams(["Hel", "lo"]);

        await using var stream = Client().GetStreamingResponseAsync(Inner.Hello).GetAsyncEnumerator();
        Assert.True(await stream.MoveNextAsync());
        _time.Advance(TimeSpan.FromDays(1));

        Assert.True(await stream.MoveNextAsync());
        Assert.Equal("lo", stream.Current.Text);
        Assert.False(await stream.MoveNextAsync());
    }

    [Fact]
    public async Task GetStreamingResponseAsync_TotalTimeUsedUpBetweenUpdates_EndsTheCall()
    {
        _inner.Streams(["Hel", Streams.Silence]);
        var options = new TimeoutRetryOptions { TotalTimeout = TimeSpan.FromSeconds(90) };

        var reading = Client(options).GetStreamingResponseAsync(Inner.Hello).ReadAllAsync();
        await _time.PassAsync(TimeSpan.FromSeconds(90));
        var e = await Assert.ThrowsAsync<QwenException>(() => reading);

        Assert.Equal((QwenFailureKind.TotalTimeout, "Hel"), (e.Kind, e.PartialText));
    }

    [Fact]
    public async Task GetStreamingResponseAsync_Cancelled_EndsWithTheCallersToken()
    {
        _inner.Streams(["Hel", Streams.Silence]);
        using var source = new CancellationTokenSource();

        await using var stream = Client()
            .GetStreamingResponseAsync(Inner.Hello, cancellationToken: source.Token)
            .GetAsyncEnumerator();
        await stream.MoveNextAsync();
        var next = stream.MoveNextAsync().AsTask();
        await source.CancelAsync();
        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);

        Assert.Equal(source.Token, e.CancellationToken);
        Assert.Equal(1, _inner.StreamCalls());
    }

    [Fact]
    public async Task GetStreamingResponseAsync_TokenOfTheEnumeration_Cancels()
    {
        _inner.Streams([Streams.Silence]);
        using var source = new CancellationTokenSource();

        await using var stream = Client().GetStreamingResponseAsync(Inner.Hello).GetAsyncEnumerator(source.Token);
        var next = stream.MoveNextAsync().AsTask();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_ConsumerStopsEarly_ClosesTheInnerStream()
    {
        var closed = false;

        async IAsyncEnumerable<ChatResponseUpdate> Inside()
        {
            try
            {
                yield return new ChatResponseUpdate(ChatRole.Assistant, "Hel");
                await Task.Yield();
                yield return new ChatResponseUpdate(ChatRole.Assistant, "lo");
            }
            finally
            {
                closed = true;
            }
        }

        _inner.SetReturnsDefault(Inside());

        await foreach (var _ in Client().GetStreamingResponseAsync(Inner.Hello))
        {
            break;
        }

        Assert.True(closed);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_StreamThatJustEnds_IsTrusted()
    {
        _inner.Streams([
            [],
        ]);

        Assert.Empty(await Client().GetStreamingResponseAsync(Inner.Hello).ReadAllAsync());
    }

    [Fact]
    public void GetStreamingResponseAsync_NoMessage_IsRefusedAtOnce()
    {
        Assert.Throws<ArgumentException>("messages", () => Client().GetStreamingResponseAsync([]));
    }

    [Fact]
    public async Task GetStreamingResponseAsync_LazyMessages_AreEnumeratedOnceForAllAttempts()
    {
        _inner.Streams([Busy], ["Hello"]);
        var enumerations = 0;

        IEnumerable<ChatMessage> Messages()
        {
            enumerations++;
            yield return Inner.Hello[0];
        }

        var reading = Client().GetStreamingResponseAsync(Messages()).ReadAllAsync();
        await _time.PassAsync(TimeSpan.FromSeconds(0.75));
        await reading;

        Assert.Equal(1, enumerations);
    }

    /// <summary>The client with its jitter in the middle and a first-token clock that does not look at the prompt.</summary>
    private TimeoutRetryChatClient Client(TimeoutRetryOptions? options = null)
    {
        options ??= new TimeoutRetryOptions();
        options.FirstTokenTimeoutPerKilobyte = TimeSpan.Zero;
        return new TimeoutRetryChatClient(_inner.Object, options, null, _time, () => 0.5);
    }
}
