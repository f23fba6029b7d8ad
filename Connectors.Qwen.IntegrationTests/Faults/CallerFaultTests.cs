using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults;

/// <summary>Rows T31 and T33: what the caller does.</summary>
public sealed class CallerFaultTests
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task T31_CancelledWhileTheServerIsSilent_IsTheCallersCancellation(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Silence());
        using var cancellation = new CancellationTokenSource();
        var client = setup.Pipeline();

        var call = streaming
            ? client
                .GetStreamingResponseAsync(Ask.Question, null, cancellation.Token)
                .ToChatResponseAsync(CancellationToken.None)
            : client.GetResponseAsync(Ask.Question, null, cancellation.Token);
        var exchange = await setup.Qwen.Journal.WaitForAsync(
            static candidate => candidate.State is QwenExchangeState.Silent,
            TestContext.Current.CancellationToken
        );
        await cancellation.CancelAsync();

        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(cancellation.Token, failure.CancellationToken);
        await LeftAsync(setup, exchange);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task T31_CancelledInTheMiddleOfAStream_EndsItThereAndThen()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.StallAfter(2));
        using var cancellation = new CancellationTokenSource();
        var received = "";

        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (
                var update in setup.Pipeline().GetStreamingResponseAsync(Ask.Question, null, cancellation.Token)
            )
            {
                received += update.Text;
                if (received.Length == 16)
                {
                    cancellation.CancelAfter(TimeSpan.FromMilliseconds(20));
                }
            }
        });

        Assert.Equal(cancellation.Token, failure.CancellationToken);
        await LeftAsync(setup, setup.Qwen.Journal.Chats[0]);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T31_CancelledBetweenTwoAttempts_IsNotRetried(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Status(503, "down"));
        using var cancellation = new CancellationTokenSource();
        var client = setup.Pipeline(options =>
        {
            options.TimeoutRetry.BaseDelay = TimeSpan.FromMinutes(5);
            options.TimeoutRetry.MaxDelay = TimeSpan.FromMinutes(5);
        });

        var call = streaming
            ? client
                .GetStreamingResponseAsync(Ask.Question, null, cancellation.Token)
                .ToChatResponseAsync(CancellationToken.None)
            : client.GetResponseAsync(Ask.Question, null, cancellation.Token);
        await setup.Qwen.Journal.WaitForAsync(
            static candidate => candidate.State is QwenExchangeState.Completed,
            TestContext.Current.CancellationToken
        );
        await setup.Logs.WaitForAsync(201);
        await cancellation.CancelAsync();

        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(cancellation.Token, failure.CancellationToken);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T31_CancelledBeforeTheCall_SendsNothing(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var cancelled = new CancellationToken(canceled: true);
        var client = setup.Pipeline();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            streaming
                ? client
                    .GetStreamingResponseAsync(Ask.Question, null, cancelled)
                    .ToChatResponseAsync(CancellationToken.None)
                : client.GetResponseAsync(Ask.Question, null, cancelled)
        );

        Assert.Empty(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task T32_CallerStopsReading_TheConnectionIsClosed()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.StallAfter(2));

        await foreach (
            var update in setup
                .Pipeline()
                .GetStreamingResponseAsync(Ask.Question, null, TestContext.Current.CancellationToken)
        )
        {
            Assert.NotEqual("", update.Text);
            break;
        }

        await LeftAsync(setup, setup.Qwen.Journal.Chats[0]);
    }

    [Fact]
    public async Task T32_CallerAbandonsTheStream_TheTotalClockClosesTheConnectionAndGivesThePlaceBack()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.StallAfter(2));
        var time = new FakeTimeProvider();
        var client = setup.Pipeline(options => options.TimeoutRetry.Limits.MaxConcurrentRequests = 1, time: time);
        // Never disposed.
        var token = TestContext.Current.CancellationToken;
        var stream = client.GetStreamingResponseAsync(Ask.Question, null, token).GetAsyncEnumerator(token);
        Assert.True(await stream.MoveNextAsync());
        Assert.True(await stream.MoveNextAsync());

        // A reader that takes its time is no abandoned one.
        time.Advance(TimeSpan.FromMinutes(29));
        Assert.NotEqual(QwenExchangeState.ClientLeft, setup.Qwen.Journal.Chats[0].State);
        time.Advance(TimeSpan.FromMinutes(2));

        await LeftAsync(setup, setup.Qwen.Journal.Chats[0]);
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming: true)).Text);
        var failure = await Assert.ThrowsAsync<QwenException>(() => stream.MoveNextAsync().AsTask());
        Assert.Equal(QwenFailureKind.TotalTimeout, failure.Kind);
        Assert.Contains("nobody read it", failure.Message, StringComparison.Ordinal);
        Assert.Equal(Setup.Text[..16], failure.PartialText);
    }

    [Fact]
    public async Task T33_SlowConsumer_IsNotATimeout()
    {
        // So that the client has to wait for most chunks, and its clock has run before the consumer thinks.
        await using var setup = await Setup.StartAsync(static options =>
            options.ChunkDelay = TimeSpan.FromMilliseconds(20)
        );
        var time = new FakeTimeProvider();
        var client = setup.Pipeline(options => options.TimeoutRetry.IdleTimeout = TimeSpan.FromSeconds(30), time: time);
        var text = "";

        await foreach (
            var update in client.GetStreamingResponseAsync(Ask.Question, null, TestContext.Current.CancellationToken)
        )
        {
            text += update.Text;
            // The consumer thinks for longer than the server may be silent: the clock must stand still meanwhile.
            time.Advance(TimeSpan.FromSeconds(45));
        }

        Assert.Equal(Setup.Text, text);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    private static Task LeftAsync(Setup setup, QwenExchange exchange)
    {
        return setup.Qwen.Journal.WaitForAsync(
            candidate => candidate.Number == exchange.Number && candidate.State == QwenExchangeState.ClientLeft,
            TestContext.Current.CancellationToken
        );
    }
}
