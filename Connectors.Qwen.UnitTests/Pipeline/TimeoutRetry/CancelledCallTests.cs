using System.Runtime.CompilerServices;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;
using Moq;

namespace Connectors.Qwen.UnitTests.Pipeline.TimeoutRetry;

public class CancelledCallTests
{
    private readonly Mock<IChatClient> _inner = new();
    private readonly ManualTime _time = new();

    [Theory, InlineData(false), InlineData(true)]
    public async Task T31_InnerClientBreaksInItsOwnWay_IsTheCallersCancellation(bool streaming)
    {
        var broken = new IOException("connection aborted");
        _inner
            .Setup(c =>
                c.GetResponseAsync(
                    It.IsAny<IEnumerable<ChatMessage>>(),
                    It.IsAny<ChatOptions?>(),
                    It.IsAny<CancellationToken>()
                )
            )
            .Returns(
                async (IEnumerable<ChatMessage> _, ChatOptions? _, CancellationToken token) =>
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, token)
                        .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    throw broken;
                }
            );
        _inner
            .Setup(c =>
                c.GetStreamingResponseAsync(
                    It.IsAny<IEnumerable<ChatMessage>>(),
                    It.IsAny<ChatOptions?>(),
                    It.IsAny<CancellationToken>()
                )
            )
            .Returns(
                (IEnumerable<ChatMessage> _, ChatOptions? _, CancellationToken token) => BrokenAsync(broken, token)
            );
        using var client = Client(new());
        using var source = new CancellationTokenSource();
        var call = streaming
            ? client.GetStreamingResponseAsync(Inner.Hello, null, source.Token).ToChatResponseAsync()
            : client.GetResponseAsync(Inner.Hello, null, source.Token);

        await source.CancelAsync();

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(source.Token, e.CancellationToken);
    }

    [Fact]
    public async Task T38_CancelledBetweenTwoRequests_TheBudgetIsGivenBack()
    {
        var busy = new QwenException(QwenFailureKind.ServerError, "busy");
        _inner.Answers(busy, busy, "Hello");
        using var client = Client(
            new()
            {
                RetryBudget = new() { Capacity = 1, RefillTime = Timeout.InfiniteTimeSpan },
            }
        );
        using var source = new CancellationTokenSource();
        var first = client.GetResponseAsync(Inner.Hello, null, source.Token);
        await _time.Scheduled(TimeSpan.FromSeconds(0.75));
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        var second = client.GetResponseAsync(Inner.Hello);
        await _time.PassAsync(TimeSpan.FromSeconds(0.75));

        Assert.Equal("Hello", (await second).Text);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_UpdatesWithoutContent_KeepTheirProperties()
    {
        var noted = new ChatResponseUpdate { AdditionalProperties = new() { ["note"] = "kept" } };
        _inner.Streams([new ChatResponseUpdate(ChatRole.Assistant, []), noted, "Hello"]);

        var updates = await Client(new()).GetStreamingResponseAsync(Inner.Hello).ReadAllAsync();

        Assert.Contains(noted, updates);
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> BrokenAsync(
        Exception exception,
        [EnumeratorCancellation] CancellationToken token
    )
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (token.IsCancellationRequested)
        {
            throw exception;
        }

        yield break;
    }

    private TimeoutRetryChatClient Client(TimeoutRetryOptions options)
    {
        return new TimeoutRetryChatClient(_inner.Object, options, null, _time, static () => 0.5);
    }
}
