using System.Globalization;
using System.Text.RegularExpressions;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults;

/// <summary>Rows T1 to T9: what the server says instead of an answer.</summary>
public sealed class ServerFaultTests
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task T1_GatewayTimeoutOnce_IsRetried(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.StreamTimeout());
        var client = setup.Pipeline();

        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal([504, 200], setup.Qwen.Journal.Chats.Select(static chat => chat.Status ?? 0));
        Assert.All(setup.Qwen.Journal.Chats, chat => Assert.Equal(streaming, chat.IsStream));
        Assert.Equal("retry", response.AdditionalProperties![QwenResponseProperties.RecoveredBy]);
    }

    // More at the same moment than the retry budget can pay for.
    [Theory, InlineData(20), InlineData(100)]
    public async Task T2_StreamsOfManyCallersTimeOutTogether_EachIsAnswered(int callers)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.StreamTimeout(), static request => request.IsStream);
        var client = setup.Pipeline();

        var answers = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Ask.Async(client, streaming: true)));

        Assert.All(answers, static answer => Assert.Equal(Setup.Text, answer.Text));
        // A stream and a whole answer each, and the retries that the budget paid for.
        Assert.InRange(setup.Qwen.Journal.Chats.Count, callers, (2 * callers) + 12);
        Assert.Equal(callers, setup.Qwen.Journal.Chats.Count(static chat => !chat.IsStream));
    }

    [Fact]
    public async Task T2_OneOfManyCallersIsRefusedForItsOwnRequest_TheOthersAreAnswered()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.StreamTimeout(), static request => request.IsStream);
        // Whichever finds out first, and those that the budget pays for.
        var refusals = 5;
        setup.Qwen.Script.Always(
            QwenBehavior.Error(400, "data_inspection_failed", "No."),
            request => !request.IsStream && Interlocked.Decrement(ref refusals) >= 0
        );
        var client = setup.Pipeline(static options => options.TimeoutRetry.RetryBudget.Capacity = 1);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Ask.ReadAsync(client)));

        Assert.Equal(15, answers.Count(static answer => answer is { Text: Setup.Text, Failure: null }));
        Assert.Equal(
            5,
            answers.Count(static answer => answer.Failure is QwenException { Kind: QwenFailureKind.ContentFiltered })
        );
    }

    [Fact]
    public async Task T38_StreamsOfManyCallersTimeOutAndNoWholeAnswerComes_OneFindsOut()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.StreamTimeout());
        var client = setup.Pipeline(static options =>
        {
            options.TimeoutRetry.RetryBudget.Capacity = 1;
            options.TimeoutRetry.Circuit.Enabled = false;
        });

        var failures = await Task.WhenAll(
            Enumerable
                .Range(0, 50)
                .Select(async _ => await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming: true)))
        );

        Assert.All(failures, static failure => Assert.Equal(QwenFailureKind.ServerTimeout, failure.Kind));
        // What the budget paid for, and the one.
        Assert.InRange(setup.Qwen.Journal.Chats.Count, 51, 53);
        Assert.InRange(setup.Qwen.Journal.Chats.Count(static chat => !chat.IsStream), 1, 2);
    }

    [Fact]
    public async Task T2_StreamingAlwaysTimesOut_TheAnswerComesWithoutStreaming()
    {
        using var metrics = new RecordingMetrics();
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.StreamTimeout(), static request => request.IsStream);
        var client = setup.Pipeline();

        var updates = new List<ChatResponseUpdate>();
        await foreach (
            var update in client.GetStreamingResponseAsync(Ask.Question, null, TestContext.Current.CancellationToken)
        )
        {
            updates.Add(update);
        }

        var response = updates.ToChatResponse();
        Assert.Equal(Setup.Text, response.Text);
        Assert.Single(response.Messages);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        // One retry of the stream, then the other form: each further try would cost minutes.
        Assert.Equal([true, true, false], setup.Qwen.Journal.Chats.Select(static chat => chat.IsStream));
        Assert.Equal("non-streaming", response.AdditionalProperties![QwenResponseProperties.RecoveredBy]);
        Assert.Equal(3, response.AdditionalProperties![QwenResponseProperties.Attempts]);
        Assert.True(setup.Logs.Has(301) && setup.Logs.Has(302));
        Assert.True(metrics.Sum("qwen.client.fallbacks") >= 1);
    }

    [Theory, InlineData(true, 4), InlineData(false, 4)]
    public async Task T3_GatewayTimeoutOnEverything_IsAClearError(bool streaming, int requests)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.StreamTimeout());
        var client = setup.Pipeline();

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));

        Assert.Equal(QwenFailureKind.ServerTimeout, failure.Kind);
        Assert.Equal(System.Net.HttpStatusCode.GatewayTimeout, failure.StatusCode);
        Assert.Equal(requests, failure.Attempts);
        Assert.Equal(requests, setup.Qwen.Journal.Chats.Count);
        // One retry, then the other form with its retry.
        Assert.Equal(
            [streaming, streaming, !streaming, !streaming],
            setup.Qwen.Journal.Chats.Select(static chat => chat.IsStream)
        );
        // What failed, what was seen, what to do.
        Assert.Contains("HTTP 504", failure.Message, StringComparison.Ordinal);
        Assert.Contains("stream timeout", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"{requests} requests", failure.Message, StringComparison.Ordinal);
        Assert.Contains("s of waiting", failure.Message, StringComparison.Ordinal);
        Assert.Matches("prompt of about [0-9]+ tokens", failure.Message);
        Assert.Matches(@"2 x (non-)?streaming ServerTimeout \([0-9.]+ s\), 2 x", failure.Message);
        Assert.True(failure.EstimatedPromptTokens > 0);
        Assert.True(failure.Waited > TimeSpan.Zero);
        Assert.Contains("Shorten the prompt", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500, true), InlineData(502, true), InlineData(503, true), InlineData(529, true)]
    [InlineData(500, false), InlineData(502, false), InlineData(503, false), InlineData(529, false)]
    public async Task T4_ServerErrorOnce_IsRetried(int status, bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Status(status, "<html><title>Bad Gateway</title></html>", "text/html"));

        var response = await Ask.Async(setup.Pipeline(), streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal([status, 200], setup.Qwen.Journal.Chats.Select(static chat => chat.Status ?? 0));
    }

    [Theory]
    [InlineData("retry-after", "1", 1000, true), InlineData("retry-after-ms", "300", 300, true)]
    [InlineData("retry-after", "1", 1000, false), InlineData("retry-after-ms", "300", 300, false)]
    public async Task T5_RateLimitedWithRetryAfter_IsWaitedForAndRetried(
        string header,
        string value,
        int milliseconds,
        bool streaming
    )
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Error(429, "limit_requests", "Too many requests.", "limit_requests", (header, value))
        );

        var response = await Ask.Async(setup.Pipeline(), streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal([429, 200], setup.Qwen.Journal.Chats.Select(static chat => chat.Status ?? 0));
        // Without the header the wait would be about 5 ms here.
        Assert.Contains(
            setup.Logs.Entries,
            entry =>
                entry.Id == 201
                && Regex.Match(entry.Text, "retry in ([0-9.]+) ms") is { Success: true } wait
                && double.Parse(wait.Groups[1].Value, CultureInfo.InvariantCulture) - milliseconds is >= 0 and <= 5
        );
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T5_RetryAfterAsADate_IsMeasuredByTheServersClock(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var now = DateTimeOffset.UtcNow;
        setup.Qwen.Script.Always(
            QwenBehavior.Error(
                429,
                "limit_requests",
                "Too many requests.",
                "limit_requests",
                ("Retry-After", now.AddMinutes(10).ToString("R"))
            )
        );

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming));

        Assert.Equal(QwenFailureKind.RateLimited, failure.Kind);
        Assert.InRange(failure.RetryAfter!.Value, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10.1));
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T5_RetryAfterAboveTheCap_FailsAtOnceWithTheTime(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(
            QwenBehavior.Error(429, "limit_requests", "Too many requests.", "limit_requests", ("retry-after", "61"))
        );

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming));

        Assert.Equal(QwenFailureKind.RateLimited, failure.Kind);
        Assert.Equal(TimeSpan.FromSeconds(61), failure.RetryAfter);
        // A rate limit holds for both forms: the form is not changed.
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T9_ConnectionResetBeforeHeaders_IsRetried(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.ResetBeforeHeaders());

        var response = await Ask.Async(setup.Pipeline(), streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
    }
}
