using Connectors.Qwen.IntegrationTests.Faults.Answers;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Continuation;

/// <summary>Row T11 to T13 in narrow places: one request at a time, a caller who leaves, a budget that is used up, other orders.</summary>
public sealed class ContinuationEdgeTests
{
    [Fact]
    public async Task T12_OneRequestAtATime_TheBrokenStreamGivesItsPlaceToTheNext()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.ResetAfter(3), QwenBehavior.EndAfter(1));
        var client = setup.Pipeline(static options => options.TimeoutRetry.Limits.MaxConcurrentRequests = 1);

        var response = await Ask.Async(client, streaming: true);
        var next = await Ask.Async(client, streaming: true);

        Assert.Equal((Setup.Text, Setup.Text), (response.Text, next.Text));
    }

    [Fact]
    public async Task T31_CancelledWhileTheRestIsAskedFor_IsTheCallersCancellation()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.ResetAfter(3), QwenBehavior.Silence());
        using var cancellation = new CancellationTokenSource();
        var text = "";

        var reading = ReadAsync();
        var silent = await setup.Qwen.Journal.WaitForAsync(
            static exchange => exchange.State == QwenExchangeState.Silent,
            TestContext.Current.CancellationToken
        );
        await cancellation.CancelAsync();

        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        Assert.Equal(cancellation.Token, failure.CancellationToken);
        Assert.Equal(Setup.Text[..24], text);
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
        await setup.Qwen.Journal.WaitForAsync(
            exchange => exchange.Number == silent.Number && exchange.State == QwenExchangeState.ClientLeft,
            TestContext.Current.CancellationToken
        );

        async Task ReadAsync()
        {
            await foreach (
                var update in setup.Pipeline().GetStreamingResponseAsync(Ask.Question, null, cancellation.Token)
            )
            {
                text += update.Text;
            }
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T32_CallerStopsReadingInTheRest_TheConnectionIsClosed(bool isReset)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            isReset ? QwenBehavior.ResetAfter(3) : QwenBehavior.EndAfter(3),
            QwenBehavior.StallAfter(4)
        );

        var text = "";
        await foreach (
            var update in setup
                .Pipeline()
                .GetStreamingResponseAsync(Ask.Question, null, TestContext.Current.CancellationToken)
        )
        {
            text += update.Text;
            if (text.Length >= 32)
            {
                break;
            }
        }

        var last = setup.Qwen.Journal.Chats[^1];
        Assert.True(last.Request.IsPartial);
        await setup.Qwen.Journal.WaitForAsync(
            exchange => exchange.Number == last.Number && exchange.State == QwenExchangeState.ClientLeft,
            TestContext.Current.CancellationToken
        );
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
        Assert.StartsWith(text, Setup.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task T38_BudgetIsUsedUp_TheErrorCarriesTheText()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.ResetAfter(1), static request => request.IsStream);
        setup.Qwen.Script.Always(QwenBehavior.Status(500, "down"));
        var client = setup.Pipeline(static options => options.TimeoutRetry.RetryBudget.Capacity = 3);

        var (text, failure) = await Ask.ReadAsync(client);

        var typed = Assert.IsType<QwenException>(failure);
        Assert.Equal(QwenFailureKind.StreamInterrupted, typed.Kind);
        Assert.Equal(text, typed.PartialText);
        Assert.StartsWith(text, Setup.Text, StringComparison.Ordinal);
        Assert.Contains("may send no more requests", typed.Message, StringComparison.Ordinal);
        Assert.InRange(setup.Qwen.Journal.Chats.Count, 2, 5);
    }

    [Fact]
    public async Task T39_ServerIsSilentFromThenOn_TheTotalTimeEndsTheCall()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.ResetAfter(3));
        setup.Qwen.Script.Always(QwenBehavior.Silence());
        var client = setup.Pipeline(
            static options => options.TimeoutRetry.TotalTimeout = SilenceClock.Limit,
            time: setup.StartClock()
        );

        var (text, failure) = await Ask.ReadAsync(client);

        var typed = Assert.IsType<QwenException>(failure);
        Assert.Equal(QwenFailureKind.TotalTimeout, typed.Kind);
        Assert.Equal((Setup.Text[..24], text), (text, typed.PartialText));
    }

    [Fact]
    public async Task A5_TokenEndsInTheMiddleOfTheAnswer_TheRestIsAskedForWithAnother()
    {
        await using var setup = await Setup.StartAsync();
        var issued = setup.Qwen.Tokens.Issue();
        var login = setup.Login(Setup.Credential(issued));
        setup.Qwen.Script.Enqueue(
            QwenBehavior.ErrorFrameAfter(3, QwenErrorFrame.CompatObject, "invalid_api_key", "Expired.", 401)
        );
        var client = setup.Pipeline(static options => options.ApiKey = null, login);
        setup.Qwen.Tokens.Expire(setup.Qwen.Tokens.Issue().AccessToken);

        var response = await Ask.Async(client, streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal("continuation", response.AdditionalProperties![QwenResponseProperties.RecoveredBy]);
    }

    [Theory, InlineData("retry outside"), InlineData("token outside")]
    public async Task T12_OtherOrders_GoOnToo(string order)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.ResetAfter(3), QwenBehavior.ResetAfter(2));
        IChatClient client = new StreamingFallbackChatClient(setup.Raw(), null, setup.Logs);
        client =
            order == "retry outside"
                ? new TimeoutRetryChatClient(client, setup.Options().TimeoutRetry, setup.Logs)
                : new TokenRefreshChatClient(client, null, setup.Logs);

        var response = await Ask.Async(setup.Own(client), streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(3, response.AdditionalProperties![QwenResponseProperties.Attempts]);
        Assert.Equal("continuation", response.AdditionalProperties[QwenResponseProperties.RecoveredBy]);
        Assert.Equal(2L, response.Usage!.AdditionalCounts!["qwen.unreported_attempts"]);
    }

    [Fact]
    public async Task C11_TagInTheRest_IsText()
    {
        const string Text = "Models write <think> before they answer, and much more is said here.";
        await using var setup = await Setup.StartAsync(static options =>
            options.Answer = static _ => new QwenSimulatedAnswer { Text = Text }
        );
        // Eight characters each: the rest begins with the tag.
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream([Chunk.Text("Models write ")], done: false));
        var client = setup.Pipeline(static options => options.ThinkTagsAsReasoning = true);

        Assert.Equal(Text, (await Ask.Async(client, streaming: true)).Text);
    }

    [Fact]
    public async Task C20_TrustedEndAfterHalfACall_IsNotAnEnd()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.EndAfter(99, withDone: true), static request => !request.IsPartial);
        var client = setup.Pipeline();
        for (var i = 0; i < 3; i++)
        {
            await Ask.Async(client, streaming: true);
        }

        const string Half = """[{"index":0,"id":"c1","type":"function","function":{"name":"pay","arguments":"{"}}]""";
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream([Chunk.Text(Setup.Text[..30]), Chunk.Calls(Half)]));
        var before = setup.Qwen.Journal.Chats.Count;
        var response = await Ask.Async(client, streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(before + 2, setup.Qwen.Journal.Chats.Count);
    }

    [Fact]
    public async Task C19_BodyTooLargeOnce_IsNoRefusal()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.ResetAfter(3),
            QwenBehavior.Error(413, "request_too_large", "Too large."),
            QwenBehavior.ResetAfter(3)
        );
        var client = setup.Pipeline();

        var (_, failure) = await Ask.ReadAsync(client);
        var next = await Ask.Async(client, streaming: true);

        Assert.Equal(QwenFailureKind.StreamInterrupted, Assert.IsType<QwenException>(failure).Kind);
        Assert.Equal(Setup.Text, next.Text);
    }

    [Fact]
    public async Task C9_ReportOnly_EndsAsIfItWereOff()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.ResetAfter(8));
        var client = setup.Pipeline(static options =>
            options.StreamingFallback.Continuation = QwenContinuation.ReportOnly
        );

        var (text, failure) = await Ask.ReadAsync(client, new ChatOptions { MaxOutputTokens = 1 });

        Assert.NotNull(failure);
        Assert.Equal(text, ((QwenException)failure).PartialText);
    }
}
