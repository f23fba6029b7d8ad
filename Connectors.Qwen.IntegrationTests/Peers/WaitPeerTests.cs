using System.ClientModel.Primitives;
using System.Diagnostics;
using System.Reflection;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.IntegrationTests.Testing.Clocks;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Connectors.Qwen.IntegrationTests.Peers;

/// <summary>Who waits for how long. The peer only has the real clock: its limits are seconds here, ours are leapt over.</summary>
public sealed class WaitPeerTests
{
    // A stall of the machine must not end what is healthy.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task M12_TooManyRequestsForASecond_IsWaitedForByBoth()
    {
        await using var setup = await Setup.StartAsync();
        var busy = QwenBehavior.Error(429, "limit_requests", "Slow down.", null, ("Retry-After", "1"));
        setup.Qwen.Script.Enqueue(busy);

        await OpenAIPeer.StillAsync(
            "M12",
            async () =>
            {
                var waited = Stopwatch.StartNew();
                var answer = await Ask.Async(OpenAIPeer.Client(setup), streaming: false);
                Assert.Equal(Setup.Text, answer.Text);
                Assert.True(waited.Elapsed > TimeSpan.FromMilliseconds(900), $"It waited {waited.Elapsed}.");
                Assert.Equal([429, 200], setup.ChatStatuses());
            }
        );

        setup.Qwen.Script.Enqueue(busy);
        var clock = new SkippingClock();
        Assert.Equal(Setup.Text, (await Ask.Async(setup.Pipeline(time: clock), streaming: false)).Text);
        // Jitter comes on top of what the server asked for.
        Assert.InRange(Assert.Single(clock.Skipped), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        Assert.Equal([429, 200, 429, 200], setup.ChatStatuses());
    }

    [Fact]
    public async Task M14_SlowAndSilentStreams_HaveOneLimitForEachReadThereAndClocksOfTheirOwnHere()
    {
        await using var slow = await Setup.StartAsync(static options =>
            options.ChunkDelay = TimeSpan.FromMilliseconds(500)
        );
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.StallAfter(3));

        await OpenAIPeer.StillAsync(
            "M14",
            async () =>
            {
                var waited = Stopwatch.StartNew();
                var dripping = Ask.ReadAsync(OpenAIPeer.Client(slow, static options => options.NetworkTimeout = Limit));
                var silent = Ask.ReadAsync(OpenAIPeer.Client(setup, static options => options.NetworkTimeout = Limit));
                // Longer than the limit in all, and never between two reads.
                Assert.Equal((Setup.Text, null), await dripping);
                Assert.True(waited.Elapsed > Limit, $"The stream took only {waited.Elapsed}.");
                var (text, failure) = await silent;
                Assert.Equal(Setup.Text[..24], text);
                Assert.IsType<OperationCanceledException>(failure, exactMatch: false);
                Assert.Single(setup.Qwen.Journal.Chats);
                // What it is when nobody sets it.
                var usual = typeof(ClientPipeline).GetProperty(
                    "DefaultNetworkTimeout",
                    BindingFlags.Static | BindingFlags.NonPublic
                );
                Assert.Equal(TimeSpan.FromSeconds(100), usual?.GetValue(null));
            }
        );

        setup.Qwen.Script.Enqueue(QwenBehavior.StallAfter(3));
        var client = setup.Pipeline(
            static options => options.TimeoutRetry.IdleTimeout = SilenceClock.Limit,
            time: setup.StartClock()
        );
        Assert.Equal((Setup.Text, null), await Ask.ReadAsync(client));
    }

    [Fact]
    public async Task M15_SemanticKernelWithAnHttpClientOfOnesOwn_DoesNotRetryThereAndRetriesHere()
    {
        await using var setup = await Setup.StartAsync();
        using var http = new HttpClient();
        setup.Qwen.Script.Enqueue(QwenBehavior.Status(503, "busy"));

        await OpenAIPeer.StillAsync(
            "M15",
            async () =>
            {
                var theirs = Kernel.CreateBuilder();
                theirs.AddOpenAIChatCompletion(
                    "qwen3-max",
                    setup.Qwen.Endpoint,
                    QwenSimulatorOptions.DefaultApiKey,
                    httpClient: http
                );
                var failure = await Assert.ThrowsAsync<HttpOperationException>(() => AskAsync(setup, theirs));
                Assert.Equal(503, (int?)failure.StatusCode);
                Assert.Equal([503], setup.ChatStatuses());
            }
        );

        setup.Qwen.Script.Enqueue(QwenBehavior.Status(503, "busy"));
        var ours = Kernel.CreateBuilder();
        var from = setup.Options();
        ours.AddQwenChatCompletion(
            options =>
            {
                options.ModelId = from.ModelId;
                options.ApiKey = from.ApiKey;
                options.Endpoint = from.Endpoint;
                options.TimeoutRetry.BaseDelay = from.TimeoutRetry.BaseDelay;
            },
            httpClient: http
        );
        Assert.Equal(Setup.Text, await AskAsync(setup, ours));
        Assert.Equal([503, 503, 200], setup.ChatStatuses());
    }

    [Fact]
    public async Task M16_SilentStreamBehindTimeoutsOfHttp_HangsThereAndIsEndedHere()
    {
        await using var setup = await Setup.StartAsync();
        await using var services = new ServiceCollection()
            .AddHttpClient("limited", static http => http.Timeout = Limit)
            .AddStandardResilienceHandler(static options =>
            {
                options.AttemptTimeout.Timeout = Limit;
                options.TotalRequestTimeout.Timeout = Limit * 1.2;
                options.CircuitBreaker.SamplingDuration = Limit * 2;
            })
            .Services.BuildServiceProvider();
        using var http = services.GetRequiredService<IHttpClientFactory>().CreateClient("limited");
        setup.Qwen.Script.Enqueue(QwenBehavior.StallAfter(3), QwenBehavior.StallAfter(3));

        await OpenAIPeer.StillAsync(
            "M16",
            async () =>
            {
                using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
                // As Semantic Kernel makes it over such a client.
                var client = OpenAIPeer.Client(setup, http, Timeout.InfiniteTimeSpan);
                var reading = client
                    .GetStreamingResponseAsync(Ask.Question, cancellationToken: leave.Token)
                    .ToChatResponseAsync(leave.Token);
                await Assert.ThrowsAsync<TimeoutException>(() => reading.WaitAsync(Limit * 1.5, Cancel));
                await leave.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
            }
        );

        var options = setup.Options(static options => options.TimeoutRetry.IdleTimeout = SilenceClock.Limit);
        var ours = setup.Own(QwenPipeline.CreateChatClient(options, null, http, setup.Logs, setup.StartClock()));
        Assert.Equal((Setup.Text, null), await Ask.ReadAsync(ours));
    }

    private static async Task<string?> AskAsync(Setup setup, IKernelBuilder builder)
    {
        var kernel = builder.Build();
        setup.Own((ServiceProvider)kernel.Services);
        var service = kernel.GetRequiredService<IChatCompletionService>();
        return (await service.GetChatMessageContentAsync("Why?", cancellationToken: Cancel)).Content;
    }
}
