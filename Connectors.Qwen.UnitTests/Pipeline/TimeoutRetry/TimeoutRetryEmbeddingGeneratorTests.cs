using Connectors.Qwen.Pipeline;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;
using Moq;

namespace Connectors.Qwen.UnitTests.Pipeline.TimeoutRetry;

public sealed class TimeoutRetryEmbeddingGeneratorTests
{
    private static readonly string[] Texts = ["a text of some length"];

    private readonly ManualTime _time = new();
    private readonly TimeoutRetryOptions _options = new() { RequestTimeout = TimeSpan.FromSeconds(7) };
    private readonly Mock<IEmbeddingGenerator<string, Embedding<float>>> _inner = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GenerateAsync_ServerErrorOnce_IsRetriedAndSaysSo()
    {
        Plays(new QwenException(QwenFailureKind.ServerError, "down") { RequestId = "R1" }, Answer());

        var pending = Client().GenerateAsync(Texts, null, Cancel);
        await _time.PassAsync(TimeSpan.FromSeconds(0.5));
        var result = await pending.WaitAsync(TimeSpan.FromSeconds(60), Cancel);

        Assert.Single(result);
        Assert.Equal(2, result.AdditionalProperties?[QwenResponseProperties.Attempts]);
        Assert.Equal("retry", result.AdditionalProperties?[QwenResponseProperties.RecoveredBy]);
        Assert.Equal("embeddings ServerError (0.0 s)", result.AdditionalProperties?[QwenResponseProperties.Failures]);
        Assert.Equal("R1", result.AdditionalProperties?[QwenResponseProperties.FailedRequestIds]);
    }

    [Fact]
    public async Task GenerateAsync_Silence_IsATimeoutOfItsOwnKindAfterOneRetry()
    {
        _inner
            .Setup(g => g.GenerateAsync(It.IsAny<IEnumerable<string>>(), null, It.IsAny<CancellationToken>()))
            .Returns(
                async (IEnumerable<string> _, EmbeddingGenerationOptions? _, CancellationToken token) =>
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, token);
                    return Answer();
                }
            );

        var pending = Client().GenerateAsync(Texts, null, Cancel);
        await _time.PassAsync(TimeSpan.FromSeconds(7));
        await _time.PassAsync(TimeSpan.FromSeconds(0.5));
        await _time.PassAsync(TimeSpan.FromSeconds(7));
        var e = await Assert.ThrowsAsync<QwenException>(() => pending.WaitAsync(TimeSpan.FromSeconds(60), Cancel));

        Assert.Equal((QwenFailureKind.RequestTimeout, 2), (e.Kind, e.Attempts));
        Assert.Equal(TimeSpan.FromSeconds(14.5), e.Waited);
        Assert.Equal(4, e.EstimatedPromptTokens);
    }

    [Theory]
    [InlineData(QwenFailureKind.InvalidRequest)]
    [InlineData(QwenFailureKind.ContextTooLong)]
    [InlineData(QwenFailureKind.QuotaExhausted)]
    public async Task GenerateAsync_FailureThatStays_IsNotRetried(QwenFailureKind kind)
    {
        Plays(new QwenException(kind, "no"));

        var e = await Assert.ThrowsAsync<QwenException>(() => Client().GenerateAsync(Texts, null, Cancel));

        Assert.Equal((kind, 1), (e.Kind, e.Attempts));
        Assert.Single(
            _inner.Invocations,
            static call => call.Method.Name == nameof(IEmbeddingGenerator<,>.GenerateAsync)
        );
    }

    [Fact]
    public async Task GenerateAsync_WithinAnAttemptOfAnotherCall_IsACallOfItsOwn()
    {
        QwenCall? seen = null;
        _inner
            .Setup(g => g.GenerateAsync(It.IsAny<IEnumerable<string>>(), null, It.IsAny<CancellationToken>()))
            .Callback(() => seen = QwenCall.Current)
            .ReturnsAsync(Answer());
        var outer = QwenCall.Join(null, Stage.StreamingFallback, this, MessageSnapshot.Of(Inner.Hello), _time);
        outer.EnterAttempt();

        await Client().GenerateAsync(Texts, null, Cancel);

        Assert.NotNull(seen);
        Assert.NotSame(outer, seen);
        Assert.Equal(1, outer.Attempts);
    }

    [Fact]
    public async Task GenerateAsync_Cancelled_IsNeitherRetriedNorAFailure()
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        _inner
            .Setup(g => g.GenerateAsync(It.IsAny<IEnumerable<string>>(), null, It.IsAny<CancellationToken>()))
            .Returns(async () =>
            {
                await caller.CancelAsync();
                throw new QwenException(QwenFailureKind.Connection, "the handler broke");
            });

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Client().GenerateAsync(Texts, null, caller.Token)
        );

        Assert.Equal(caller.Token, e.CancellationToken);
        Assert.Single(
            _inner.Invocations,
            static call => call.Method.Name == nameof(IEmbeddingGenerator<,>.GenerateAsync)
        );
    }

    private TimeoutRetryEmbeddingGenerator Client()
    {
        return new TimeoutRetryEmbeddingGenerator(_inner.Object, _options, null, _time, static () => 0);
    }

    private void Plays(params object[] script)
    {
        var calls = 0;
        _inner
            .Setup(g => g.GenerateAsync(It.IsAny<IEnumerable<string>>(), null, It.IsAny<CancellationToken>()))
            .Returns(() =>
                script[Math.Min(calls++, script.Length - 1)] is Exception e
                    ? Task.FromException<GeneratedEmbeddings<Embedding<float>>>(e)
                    : Task.FromResult(Answer())
            );
    }

    private static GeneratedEmbeddings<Embedding<float>> Answer()
    {
        return new GeneratedEmbeddings<Embedding<float>>([new Embedding<float>(new float[] { 1 })]);
    }
}
