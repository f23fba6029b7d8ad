using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults;

/// <summary>Rows T10 to T24 before the first word: what a stream does instead of answering.</summary>
public sealed class StreamFaultTests
{
    /// <summary>Error frames in every shape the service has been seen to send.</summary>
    public static TheoryData<QwenErrorFrame> Shapes => new(Enum.GetValues<QwenErrorFrame>());

    [Fact]
    public async Task T10_SilenceAfterTheHeadersOnce_IsRetried()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Silence());
        var client = setup.Pipeline(
            options => options.TimeoutRetry.FirstTokenTimeout = SilenceClock.Limit,
            time: setup.StartClock()
        );

        var response = await Ask.Async(client, streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal([true, true], setup.Qwen.Journal.Chats.Select(static chat => chat.IsStream));
        await Closed(setup.Qwen.Journal, setup.Qwen.Journal.Chats[0]);
    }

    [Fact]
    public async Task T10_StreamsAlwaysSilent_TheAnswerComesWithoutStreaming()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Silence(), static request => request.IsStream);
        var client = setup.Pipeline(
            options => options.TimeoutRetry.FirstTokenTimeout = SilenceClock.Limit,
            time: setup.StartClock()
        );

        var response = await Ask.Async(client, streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal([true, true, false], setup.Qwen.Journal.Chats.Select(static chat => chat.IsStream));
    }

    [Fact]
    public async Task T10_SilenceEverywhere_IsAFirstTokenTimeoutAndNeverACancellation()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Silence());
        var client = setup.Pipeline(
            options =>
            {
                options.TimeoutRetry.FirstTokenTimeout = SilenceClock.Limit;
                options.TimeoutRetry.RequestTimeout = SilenceClock.Limit;
            },
            time: setup.StartClock()
        );

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming: true));

        Assert.Equal(QwenFailureKind.RequestTimeout, failure.Kind);
        Assert.Contains("2 x streaming FirstTokenTimeout", failure.Message, StringComparison.Ordinal);
        Assert.Equal(4, failure.Attempts);
    }

    [Theory, MemberData(nameof(Shapes))]
    public async Task T14_TransientErrorInsideTheStreamBeforeTheFirstToken_IsRetried(QwenErrorFrame shape)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.ErrorFrameAfter(0, shape, "internal_error", "Backend buffer overflow", 500)
        );

        var response = await Ask.Async(setup.Pipeline(), streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
    }

    [Theory, MemberData(nameof(Shapes))]
    public async Task T14_PermanentErrorInsideTheStreamBeforeTheFirstToken_FailsAtOnce(QwenErrorFrame shape)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(
            QwenBehavior.ErrorFrameAfter(
                0,
                shape,
                "invalid_parameter_error",
                "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 983616]",
                400
            )
        );

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming: true));

        Assert.Equal(QwenFailureKind.ContextTooLong, failure.Kind);
        Assert.Contains("983616", failure.ServerMessage, StringComparison.Ordinal);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task T18_MalformedDataBeforeTheFirstToken_IsRetried()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.MalformedAfter(0));

        var response = await Ask.Async(setup.Pipeline(), streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
    }

    [Theory, InlineData("empty"), InlineData("usage only"), InlineData("role only")]
    public async Task T23_AnAnswerOfNothingOnce_IsRetried(string what)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Nothing(what));

        var response = await Ask.Async(setup.Pipeline(), streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T23_AnAnswerOfNothingAlways_IsATypedError(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var nothing = new QwenSimulatedAnswer { Text = "" };
        setup.Qwen.Script.Always(QwenBehavior.RoleOnly(), static request => request.IsStream);
        setup.Qwen.Script.Always(QwenBehavior.Answer(nothing));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming));

        Assert.Equal(QwenFailureKind.EmptyResponse, failure.Kind);
        Assert.Equal(setup.Qwen.Journal.Chats.Count, failure.Attempts);
        Assert.InRange(failure.Attempts, 2, 10);
    }

    [Fact]
    public async Task T24_UsageAfterTheFinishChunkAndADuplicateFinish_AreToldOnce()
    {
        await using var setup = await Setup.StartAsync();
        const string Head =
            "\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"qwen3-max\",\"id\":\"chatcmpl-1\"";
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Stream([
                $$"""{"choices":[{"delta":{"content":"","role":"assistant"},"index":0,"finish_reason":null}],"usage":null,{{Head}}}""",
                $$"""{"choices":[{"delta":{"content":"Hi"},"index":0,"finish_reason":null}],"usage":null,{{Head}}}""",
                $$"""{"choices":[{"delta":{"content":""},"index":0,"finish_reason":"stop"}],"usage":null,{{Head}}}""",
                $$"""{"choices":[{"delta":{"content":""},"index":0,"finish_reason":"length"}],"usage":null,{{Head}}}""",
                $$"""{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4},{{Head}}}""",
                $$"""{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5},{{Head}}}""",
            ])
        );

        var updates = new List<ChatResponseUpdate>();
        await foreach (
            var update in setup
                .Pipeline()
                .GetStreamingResponseAsync(Ask.Question, null, TestContext.Current.CancellationToken)
        )
        {
            updates.Add(update);
        }

        var usage = Assert.Single(updates.SelectMany(static update => update.Contents).OfType<UsageContent>());
        Assert.Equal(5, usage.Details.TotalTokenCount);
        Assert.Equal(
            ChatFinishReason.Stop,
            Assert.Single(updates, static u => u.FinishReason is not null).FinishReason
        );
        Assert.Equal("Hi", updates.ToChatResponse().Text);
    }

    private static QwenBehavior Nothing(string what)
    {
        return what switch
        {
            "empty" => QwenBehavior.Empty(),
            "usage only" => QwenBehavior.UsageOnly(),
            _ => QwenBehavior.RoleOnly(),
        };
    }

    private static async Task Closed(QwenJournal journal, QwenExchange exchange)
    {
        await journal.WaitForAsync(
            candidate => candidate.Number == exchange.Number && candidate.State == QwenExchangeState.ClientLeft,
            TestContext.Current.CancellationToken
        );
    }
}
