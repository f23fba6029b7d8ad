using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Connectors.Qwen.IntegrationTests.Embeddings;

using Generator = IEmbeddingGenerator<string, Embedding<float>>;

/// <summary>Embeddings through the whole pipeline, over real sockets.</summary>
public sealed class EmbeddingTests
{
    private static readonly string[] Texts =
    [
        .. Enumerable.Range(0, 35).Select(static n => $"text number {n} 第{n}条"),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, InlineData(1), InlineData(4)]
    public async Task ManyTexts_ComeBackInTheirOrder_WhateverTheBatches(int parallel)
    {
        await using var setup = await Setup.StartAsync();
        var whole = Pipeline(setup, o => o.MaxParallelRequests = parallel);
        var single = Pipeline(setup);

        var result = await whole.GenerateAsync(Texts, null, Cancel);

        Assert.Equal([5, 10, 10, 10], Sizes(setup).Order());
        Assert.Equal(Texts.Length, result.Count);
        foreach (var index in new[] { 0, 9, 10, 34 })
        {
            var alone = await single.GenerateAsync([Texts[index]], null, Cancel);
            Assert.Equal(alone[0].Vector.ToArray(), result[index].Vector.ToArray());
        }

        Assert.Equal(1024, result[0].Dimensions);
        Assert.True(result.Usage?.InputTokenCount > 35);
        Assert.Equal(result.Usage?.InputTokenCount, result.Usage?.TotalTokenCount);
    }

    [Fact]
    public async Task Parameters_ArriveUnderTheirNames()
    {
        await using var setup = await Setup.StartAsync();
        var options = new EmbeddingGenerationOptions
        {
            Dimensions = 64,
            AdditionalProperties = new() { ["text_type"] = "query", ["instruct"] = "Find the text." },
        };

        var result = await Pipeline(setup).GenerateAsync(["where?"], options, Cancel);

        Assert.Equal(64, Assert.Single(result).Dimensions);
        var body = Assert.Single(setup.Qwen.Journal.EmbeddingRequests).Request.Body;
        Assert.Equal("query", body.GetProperty("text_type").GetString());
        Assert.Equal("Find the text.", body.GetProperty("instruct").GetString());
    }

    [Theory, InlineData("server error"), InlineData("rate limit"), InlineData("reset"), InlineData("not JSON")]
    public async Task PassingFault_InOneBatch_IsRetriedAndOnlyThatBatch(string fault)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.EmbeddingScript.Enqueue(
            fault switch
            {
                "server error" => QwenBehavior.Error(500, "internal_error", "down"),
                "rate limit" => QwenBehavior.Error(429, "limit_requests", "You exceeded your current request limit"),
                "reset" => QwenBehavior.ResetBeforeHeaders(),
                _ => QwenBehavior.Body("application/json", """{"data":[{"embedding":[1],"index":0}]}"""),
            }
        );

        var result = await Pipeline(setup).GenerateAsync(Texts, null, Cancel);

        Assert.Equal(Texts.Length, result.Count);
        Assert.Equal(5, setup.Qwen.Journal.EmbeddingRequests.Count);
        Assert.Equal(5, result.AdditionalProperties?[QwenResponseProperties.Attempts]);
        Assert.Equal("retry", result.AdditionalProperties?[QwenResponseProperties.RecoveredBy]);
    }

    [Fact]
    public async Task Outage_IsATypedErrorWithItsAttempts()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.EmbeddingScript.Always(QwenBehavior.Error(503, "ModelUnavailable", "down"));

        var e = await Assert.ThrowsAsync<QwenException>(() => Pipeline(setup).GenerateAsync(["a"], null, Cancel));

        Assert.Equal((QwenFailureKind.ServerError, 4), (e.Kind, e.Attempts));
        Assert.Equal(4, setup.Qwen.Journal.EmbeddingRequests.Count);
    }

    [Fact]
    public async Task Silence_RunsIntoTheClockOfTheRequest()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.EmbeddingScript.Enqueue(QwenBehavior.Silence());
        var generator = Pipeline(
            setup,
            o => o.TimeoutRetry.RequestTimeout = SilenceClock.Limit,
            time: setup.StartClock()
        );

        var result = await generator.GenerateAsync(["a"], null, Cancel);

        Assert.Single(result);
        Assert.Equal("retry", result.AdditionalProperties?[QwenResponseProperties.RecoveredBy]);
        Assert.StartsWith(
            "embeddings RequestTimeout",
            (string)result.AdditionalProperties![QwenResponseProperties.Failures]!,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task RejectedToken_IsRenewedOnceForAllBatches()
    {
        await using var setup = await Setup.StartAsync();
        var issued = setup.Qwen.Tokens.Issue();
        var login = setup.Login(Setup.Credential(issued));
        var generator = Pipeline(setup, static o => (o.ApiKey, o.MaxParallelRequests) = (null, 4), login);
        setup.Qwen.Tokens.Expire(issued.AccessToken);

        var result = await generator.GenerateAsync(Texts, null, Cancel);

        Assert.Equal(Texts.Length, result.Count);
        Assert.Single(setup.Qwen.Journal.TokenRequests);
        Assert.Equal("token-refresh", result.AdditionalProperties?[QwenResponseProperties.RecoveredBy]);
    }

    [Fact]
    public async Task WrongKey_IsAnAuthenticationFailure()
    {
        await using var setup = await Setup.StartAsync();
        var generator = Pipeline(setup, static o => o.ApiKey = "sk-0123456789abcdef0123456789abcdef");

        var e = await Assert.ThrowsAsync<QwenAuthenticationException>(() =>
            generator.GenerateAsync(["a"], null, Cancel)
        );

        Assert.Equal(1, e.Attempts);
    }

    [Fact]
    public async Task ServersLowerLimit_IsLearnedFromItsRefusal()
    {
        await using var setup = await Setup.StartAsync(static options =>
            options.EmbeddingModels.Add(new QwenSimulatedEmbeddingModel { Id = "text-embedding-v3", MaxTexts = 6 })
        );
        var generator = Pipeline(setup, static o => (o.ModelId, o.MaxParallelRequests) = ("text-embedding-v3", 1));

        var result = await generator.GenerateAsync(Texts, null, Cancel);
        var again = setup.Qwen.Journal.EmbeddingRequests.Count;
        await generator.GenerateAsync(Texts, null, Cancel);

        Assert.Equal(Texts.Length, result.Count);
        Assert.Equal(400, setup.Qwen.Journal.EmbeddingRequests[0].Status);
        Assert.All(setup.Qwen.Journal.EmbeddingRequests.Skip(1), static sent => Assert.Equal(200, sent.Status));
        Assert.Equal([6, 6, 6, 6, 6, 5], Sizes(setup).Skip(again));
    }

    [Theory]
    [InlineData("text-embedding-v4", 100, "one of [64, 128", QwenFailureKind.InvalidRequest)]
    [InlineData("text-embedding-v2", 1536, "one of []", QwenFailureKind.InvalidRequest)]
    [InlineData("text-embedding-v2", null, "Range of input length should be [1, 2048]", QwenFailureKind.ContextTooLong)]
    public async Task WhatTheModelRefuses_IsSaidInItsWords(
        string model,
        int? dimensions,
        string expected,
        QwenFailureKind kind
    )
    {
        await using var setup = await Setup.StartAsync();
        var text = new string('x', dimensions is null ? (4 * 2048) + 1 : 4 * 2048);

        var e = await Assert.ThrowsAsync<QwenException>(() =>
            Pipeline(setup, o => (o.ModelId, o.Dimensions) = (model, dimensions)).GenerateAsync([text], null, Cancel)
        );

        Assert.Equal((kind, 1), (e.Kind, e.Attempts));
        Assert.Contains(expected, e.ServerMessage, StringComparison.Ordinal);
        Assert.DoesNotContain("xxxx", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelled_AllRequestsEnd()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.EmbeddingScript.Always(QwenBehavior.Silence());
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var pending = Pipeline(setup).GenerateAsync(Texts, null, caller.Token);
        await setup.Qwen.Journal.WaitForAsync(static sent => sent.Number == 2, Cancel);
        await caller.CancelAsync();
        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);

        Assert.Equal(caller.Token, e.CancellationToken);
        foreach (var sent in setup.Qwen.Journal.EmbeddingRequests)
        {
            await setup.Qwen.Journal.WaitForAsync(
                other => other == sent && other.State == QwenExchangeState.ClientLeft,
                Cancel
            );
        }

        Assert.Equal(2, setup.Qwen.Journal.EmbeddingRequests.Count);
    }

    [Fact]
    public async Task DependencyInjection_BesideAChatClient_BothAnswer()
    {
        await using var setup = await Setup.StartAsync();
        var services = new ServiceCollection();
        services.AddQwenChatClient("qwen3-max", QwenSimulatorOptions.DefaultApiKey, setup.Qwen.Endpoint);
        services
            .AddQwenEmbeddingGenerator("text-embedding-v4", QwenSimulatorOptions.DefaultApiKey, setup.Qwen.Endpoint)
            .UseOpenTelemetry();
        await using var provider = services.BuildServiceProvider();
        var generator = provider.GetRequiredService<Generator>();

        var similar = await generator.GenerateAsync(["a red apple", "a green apple", "the night train"], null, Cancel);
        var answer = await Ask.Async(provider.GetRequiredService<IChatClient>(), streaming: false);

        Assert.Equal(Setup.Text, answer.Text);
        Assert.True(Dot(similar[0], similar[1]) > Dot(similar[0], similar[2]));
        Assert.Equal(1, Dot(similar[0], similar[0]), 3);
    }

    private static float Dot(Embedding<float> one, Embedding<float> other)
    {
        return one.Vector.ToArray().Zip(other.Vector.ToArray(), static (a, b) => a * b).Sum();
    }

    private static IEnumerable<int> Sizes(Setup setup)
    {
        return setup.Qwen.Journal.EmbeddingRequests.Select(static sent =>
            sent.Request.Body.GetProperty("input").GetArrayLength()
        );
    }

    private static Generator Pipeline(
        Setup setup,
        Action<QwenEmbeddingOptions>? configure = null,
        IQwenCredentialProvider? credentials = null,
        TimeProvider? time = null
    )
    {
        var options = new QwenEmbeddingOptions
        {
            ModelId = "text-embedding-v4",
            ApiKey = QwenSimulatorOptions.DefaultApiKey,
            Endpoint = setup.Qwen.Endpoint,
            TimeoutRetry = setup.Options().TimeoutRetry,
        };
        configure?.Invoke(options);
        return setup.Own(QwenPipeline.CreateEmbeddingGenerator(options, credentials, null, setup.Logs, time));
    }
}
