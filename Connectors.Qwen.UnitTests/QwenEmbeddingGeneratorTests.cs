using System.Net;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests;

public sealed class QwenEmbeddingGeneratorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GenerateAsync_ExpectedRequestResponse()
    {
        var handler = new ScriptedHandler(() =>
            Answers
                .Json(
                    """
                    {"object":"list","model":"text-embedding-v4","data":[{"object":"embedding","index":0,"embedding":[0.5,-0.25]},
                    {"object":"embedding","index":1,"embedding":[1e-3,2]}],"usage":{"prompt_tokens":9,"total_tokens":9},"id":"i"}
                    """
                )
                .With("x-request-id", "U")
        );
        var options = new EmbeddingGenerationOptions
        {
            Dimensions = 2,
            AdditionalProperties = new()
            {
                ["text_type"] = "query",
                ["instruct"] = "Find code.",
                ["Usage"] = "a note",
            },
        };

        var result = await Over(handler).GenerateAsync(["hello", "你好"], options, Cancel);

        Assert.Equal("POST https://qwen.example/v1/embeddings", handler.Request.Line);
        Assert.Equal("Bearer " + RawClient.Secret, handler.Request.Headers["Authorization"]);
        JsonAssert.Equal(
            """{"model":"text-embedding-v4","input":["hello","你好"],"dimensions":2,"text_type":"query","instruct":"Find code."}""",
            handler.Request.Body
        );
        Assert.Equal(
            [
                [0.5f, -0.25f],
                [0.001f, 2f],
            ],
            result.Select(static e => e.Vector.ToArray())
        );
        Assert.All(result, static e => Assert.Equal("text-embedding-v4", e.ModelId));
        Assert.Equal((9, 9), (result.Usage?.InputTokenCount, result.Usage?.TotalTokenCount));
        Assert.Equal("U", result.AdditionalProperties?[QwenResponseProperties.RequestId]);
    }

    [Theory, InlineData(""), InlineData(",\"usage\":null"), InlineData(",\"usage\":{}")]
    public async Task GenerateAsync_MissingUsage_Ignored(string usage)
    {
        var handler = new ScriptedHandler(() => Answers.Json($$"""{"data":[{"embedding":[1],"index":0}]{{usage}}}"""));

        var result = await Over(handler).GenerateAsync(["a"], null, Cancel);

        Assert.Null(result.Usage?.InputTokenCount);
        Assert.Equal([1f], Assert.Single(result).Vector.ToArray());
    }

    [Fact]
    public async Task GenerateAsync_ManyTexts_GoInBatchesOfTheModelsLimitAndComeBackInOrder()
    {
        var server = new EmbeddingServer();
        string[] texts = [.. Enumerable.Range(1, 25).Select(static n => new string('x', n))];

        var result = await server.Generator().GenerateAsync(texts, null, Cancel);

        Assert.Equal(
            [10, 10, 5],
            server.Requests.Select(static r => EmbeddingServer.Texts(r).Length).OrderDescending()
        );
        Assert.Equal(Enumerable.Range(1, 25), result.Select(static e => (int)e.Vector.Span[0]));
        Assert.Equal((25, 25), (result.Usage?.InputTokenCount, result.Usage?.TotalTokenCount));
        Assert.Equal(3, result.AdditionalProperties?[QwenResponseProperties.Attempts]);
        Assert.Equal(
            "r-x, r-xxxxxxxxxxx, r-xxxxxxxxxxxxxxxxxxxxx",
            result.AdditionalProperties?[QwenResponseProperties.RequestId]
        );
    }

    [Theory]
    [InlineData("text-embedding-v2", null, new[] { 25, 25, 1 })]
    [InlineData("qwen3.7-text-embedding", null, new[] { 20, 20, 11 })]
    [InlineData("text-embedding-v4", 40, new[] { 40, 11 })]
    [InlineData("somebody-elses", null, new[] { 10, 10, 10, 10, 10, 1 })]
    public async Task GenerateAsync_BatchSize_IsTheOptionElseTheModels(string model, int? option, int[] expected)
    {
        var server = new EmbeddingServer();

        await server.Generator(model, batch: option).GenerateAsync(Enumerable.Repeat("a", 51), null, Cancel);

        Assert.Equal(expected, server.Requests.Select(static r => EmbeddingServer.Texts(r).Length).OrderDescending());
    }

    [Fact]
    public async Task GenerateAsync_ServerNamesALowerLimit_IsLearnedAndKept()
    {
        var server = new EmbeddingServer { MaxTexts = 6 };
        var generator = server.Generator(parallel: 1);
        string[] texts = [.. Enumerable.Range(1, 13).Select(static n => new string('x', n))];

        var first = await generator.GenerateAsync(texts, null, Cancel);
        var sent = server.Requests.Count;
        await generator.GenerateAsync(texts, null, Cancel);

        Assert.Equal(Enumerable.Range(1, 13), first.Select(static e => (int)e.Vector.Span[0]));
        int[] sizes = [.. server.Requests.Select(static r => EmbeddingServer.Texts(r).Length)];
        // One refusal in all: what came after it kept to the limit.
        Assert.Equal([10, 6, 4, 3], sizes[..sent]);
        Assert.Equal([6, 6, 1], sizes[sent..]);
    }

    [Fact]
    public async Task GenerateAsync_RefusedWithALimitThatWasKept_Fails()
    {
        var server = new EmbeddingServer { MaxTexts = 0 };

        var e = await Assert.ThrowsAsync<QwenException>(() => server.Generator().GenerateAsync(["a"], null, Cancel));

        Assert.Equal(QwenFailureKind.InvalidRequest, e.Kind);
        Assert.Single(server.Requests);
    }

    [Theory, InlineData(1), InlineData(3)]
    public async Task GenerateAsync_ManyBatches_NoMoreThanTheOptionAtOnce(int parallel)
    {
        var arrived = 0;
        var full = new TaskCompletionSource();
        var server = new EmbeddingServer
        {
            // The first ones wait for each other, so that the limit is reached and not only kept.
            Before = (_, cancel) =>
            {
                if (Interlocked.Increment(ref arrived) == parallel)
                {
                    full.SetResult();
                }

                return full.Task.WaitAsync(TimeSpan.FromSeconds(60), cancel);
            },
        };

        await server.Generator(parallel: parallel).GenerateAsync(Enumerable.Repeat("a", 95), null, Cancel);

        Assert.Equal((10, parallel), (server.Requests.Count, server.MostAtOnce));
    }

    [Fact]
    public async Task GenerateAsync_OneBatchFails_EndsTheOthersAndSaysWhichTexts()
    {
        var isCancelled = new TaskCompletionSource();
        var isWaiting = new TaskCompletionSource();
        var server = new EmbeddingServer
        {
            Before = async (texts, cancel) =>
            {
                if (texts[0] != "bad")
                {
                    cancel.Register(isCancelled.SetResult);
                    isWaiting.SetResult();
                    await isCancelled.Task.WaitAsync(TimeSpan.FromSeconds(60), CancellationToken.None);
                    cancel.ThrowIfCancellationRequested();
                }

                await isWaiting.Task.WaitAsync(TimeSpan.FromSeconds(60), cancel);
                throw new HttpRequestException("refused");
            },
        };
        string[] texts = [.. Enumerable.Repeat("good", 10), .. Enumerable.Repeat("bad", 5)];

        var e = await Assert.ThrowsAsync<QwenException>(() => server.Generator().GenerateAsync(texts, null, Cancel));

        Assert.True(isCancelled.Task.IsCompleted);
        Assert.Equal(QwenFailureKind.Connection, e.Kind);
        Assert.Contains("texts 10 to 14 of 15", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("bad", e.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(1), InlineData(30)]
    public async Task GenerateAsync_Cancelled_IsTheCallersCancellation(int texts)
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var server = new EmbeddingServer
        {
            Before = async (_, cancel) =>
            {
                await caller.CancelAsync();
                cancel.ThrowIfCancellationRequested();
            },
        };

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            server.Generator().GenerateAsync(Enumerable.Repeat("a", texts), null, caller.Token)
        );

        Assert.Equal(caller.Token, e.CancellationToken);
    }

    [Fact]
    public async Task GenerateAsync_NoTexts_NoRequest()
    {
        var server = new EmbeddingServer();

        var result = await server.Generator().GenerateAsync([], null, Cancel);

        Assert.Empty(result);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData(null, "Text 1 of 3 is null")]
    [InlineData("", "Text 1 of 3 is empty")]
    public async Task GenerateAsync_NoText_IsRefusedWithItsPosition(string? text, string expected)
    {
        var server = new EmbeddingServer();

        var e = await Assert.ThrowsAsync<ArgumentException>(() =>
            server.Generator().GenerateAsync(["secret", text!, "c"], null, Cancel)
        );

        Assert.Equal("values", e.ParamName);
        Assert.StartsWith(expected, e.Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("""{"data":[{"embedding":[1],"index":0}]}""", "holds 1 embeddings for 2 texts")]
    [InlineData("""{"data":[{"embedding":[1],"index":0},{"embedding":[],"index":1}]}""", "no vector at position 1")]
    [InlineData("""{"data":[{"embedding":[1],"index":0},null]}""", "no vector at position 1")]
    [InlineData("""{"data":[{"embedding":[1],"index":0},{"embedding":[2],"index":0}]}""", "exactly once")]
    [InlineData("""{"data":[{"embedding":[1],"index":0},{"embedding":[2],"index":2}]}""", "exactly once")]
    [InlineData("""{"data":[{"embedding":[1],"index":0},{"embedding":[2]}]}""", "exactly once")]
    [InlineData(
        """{"data":[{"embedding":[1],"index":0},{"embedding":[2,3],"index":1}]}""",
        "2 dimensions; another of 1"
    )]
    [InlineData("""{"data":[{"embedding":[1],"index":0},{"embedding":[1e99],"index":1}]}""", "not with embeddings")]
    [InlineData("""{"data":[{"embedding":[1],"index":0},{"embedding":["x"],"index":1}]}""", "not with embeddings")]
    [InlineData("""{"data":null}""", "not with embeddings")]
    [InlineData("""{"choices":[]}""", "not with embeddings")]
    public async Task GenerateAsync_AnswerThatDoesNotFit_IsAProtocolFailure(string json, string expected)
    {
        var handler = new ScriptedHandler(() => Answers.Json(json));

        var e = await Assert.ThrowsAsync<QwenException>(() => Over(handler).GenerateAsync(["a", "b"], null, Cancel));

        Assert.Equal(QwenFailureKind.Protocol, e.Kind);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GenerateAsync_OtherDimensionsThanAskedFor_IsAProtocolFailureForGood()
    {
        var server = new EmbeddingServer();
        var options = new EmbeddingGenerationOptions { Dimensions = 512 };

        var e = await Assert.ThrowsAsync<QwenException>(() => server.Generator().GenerateAsync(["a"], options, Cancel));

        Assert.Equal((QwenFailureKind.Protocol, true), (e.Kind, e.IsPermanent));
        Assert.Contains("3 dimensions; 512 were asked for", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GenerateAsync_BatchesOfDifferentDimensions_IsAProtocolFailure()
    {
        EmbeddingServer server = null!;
        server = new EmbeddingServer
        {
            Before = (texts, _) =>
            {
                server.Dimensions = texts.Length == 10 ? 3 : 4;
                return Task.CompletedTask;
            },
        };

        var e = await Record.ExceptionAsync(() =>
            server.Generator(parallel: 1).GenerateAsync(Enumerable.Repeat("a", 11), null, Cancel)
        );

        Assert.Equal(QwenFailureKind.Protocol, Assert.IsType<QwenException>(e).Kind);
        Assert.Contains("dimensions and another", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GenerateAsync_NoIndexes_KeepsTheOrder()
    {
        var handler = new ScriptedHandler(() => Answers.Json("""{"data":[{"embedding":[1]},{"embedding":[2]}]}"""));

        var result = await Over(handler).GenerateAsync(["a", "b"], null, Cancel);

        Assert.Equal([1f, 2f], result.Select(static e => e.Vector.Span[0]));
    }

    [Fact]
    public async Task GenerateAsync_Base64_IsRead()
    {
        // 1.5 and -2, little-endian.
        var handler = new ScriptedHandler(() => Answers.Json("""{"data":[{"embedding":"AADAPwAAAMA=","index":0}]}"""));
        var options = new EmbeddingGenerationOptions
        {
            AdditionalProperties = new() { ["encoding_format"] = "base64" },
        };

        var result = await Over(handler).GenerateAsync(["a"], options, Cancel);

        Assert.Contains("\"encoding_format\":\"base64\"", handler.Request.Body, StringComparison.Ordinal);
        Assert.Equal([1.5f, -2f], Assert.Single(result).Vector.ToArray());
    }

    [Fact]
    public async Task GenerateAsync_ServersError_IsClassifiedAndHasNoKey()
    {
        var handler = new ScriptedHandler(() =>
            Answers.Json(
                $$$"""{"error":{"code":"model_not_found","message":"no {{{RawClient.Secret}}}"},"request_id":"R"}""",
                HttpStatusCode.NotFound
            )
        );

        var e = await Assert.ThrowsAsync<QwenException>(() => Over(handler).GenerateAsync(["a"], null, Cancel));

        Assert.Equal((QwenFailureKind.NotFound, "R", "no [key]"), (e.Kind, e.RequestId, e.ServerMessage));
    }

    [Fact]
    public void GetService_TellsWhatItIs()
    {
        using var generator = new EmbeddingServer().Generator();

        var metadata = generator.GetService<EmbeddingGeneratorMetadata>()!;

        Assert.Equal(
            ("qwen", "text-embedding-v4", 1024),
            (metadata.ProviderName, metadata.DefaultModelId, metadata.DefaultModelDimensions)
        );
        Assert.Equal(new Uri("https://qwen.example/v1"), metadata.ProviderUri);
        Assert.Same(metadata, generator.GetService<EmbeddingGeneratorMetadata>());
        Assert.Same(generator, generator.GetService<QwenEmbeddingGenerator>());
        Assert.NotNull(generator.GetService<IQwenCredentialProvider>());
        Assert.NotNull(generator.GetService<HttpClient>());
        Assert.Null(generator.GetService<EmbeddingGeneratorMetadata>("key"));
        Assert.Null(generator.GetService<IChatClient>());
    }

    [Theory, InlineData(0), InlineData(-1)]
    public void Options_NotPositive_AreRefusedByName(int value)
    {
        var options = new QwenClientOptions { ModelId = "m", ApiKey = "sk-x" };

        Assert.Throws<ArgumentOutOfRangeException>(
            "Dimensions",
            () => new QwenEmbeddingGenerator(options) { Dimensions = value }
        );
        Assert.Throws<ArgumentOutOfRangeException>(
            "MaxBatchSize",
            () => new QwenEmbeddingGenerator(options) { MaxBatchSize = value }
        );
        Assert.Throws<ArgumentOutOfRangeException>(
            "MaxParallelRequests",
            () => new QwenEmbeddingGenerator(options) { MaxParallelRequests = value }
        );
    }

    [Fact]
    public async Task WrongInput_IsRefusedByName()
    {
        Assert.Throws<ArgumentNullException>("options", () => new QwenEmbeddingGenerator(null!));
        Assert.Throws<ArgumentException>(
            "options",
            () => new QwenEmbeddingGenerator(new QwenClientOptions { ApiKey = "sk-x" })
        );
        var full = new QwenClientOptions
        {
            ModelId = "m",
            ApiKey = "sk-x",
            Endpoint = new("https://a.example/v1/embeddings"),
        };
        var address = Assert.Throws<ArgumentException>("options", () => new QwenEmbeddingGenerator(full));
        Assert.Contains("leave out /embeddings", address.Message, StringComparison.Ordinal);
        using var generator = new EmbeddingServer().Generator();
        await Assert.ThrowsAsync<ArgumentNullException>("values", () => generator.GenerateAsync(null!, null, Cancel));
        Assert.Throws<ArgumentNullException>("serviceType", () => generator.GetService(null!));
    }

    private static QwenEmbeddingGenerator Over(ScriptedHandler handler)
    {
        var options = new QwenClientOptions
        {
            ModelId = "text-embedding-v4",
            Endpoint = new Uri("https://qwen.example/v1"),
        };
        return new QwenEmbeddingGenerator(
            options,
            new ApiKeyCredentialProvider(RawClient.Secret),
            handler.CreateClient()
        );
    }
}
