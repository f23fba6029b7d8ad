using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.UnitTests.Testing.Tokens;
using Microsoft.Extensions.AI;
using Moq;

namespace Connectors.Qwen.UnitTests.Pipeline.Protection;

/// <summary>What opens a circuit, seen from the client that has it.</summary>
public class CircuitsTests
{
    private readonly Mock<IChatClient> _inner = new();
    private readonly ManualTime _time = new();
    private readonly RecordingLogger _log = new();

    [Theory]
    [InlineData(QwenFailureKind.Connection, true)]
    [InlineData(QwenFailureKind.ServerError, true)]
    [InlineData(QwenFailureKind.ServerTimeout, true)]
    [InlineData(QwenFailureKind.RequestTimeout, true)]
    [InlineData(QwenFailureKind.FirstTokenTimeout, true)]
    [InlineData(QwenFailureKind.IdleTimeout, true)]
    [InlineData(QwenFailureKind.RateLimited, false)]
    [InlineData(QwenFailureKind.Authentication, false)]
    [InlineData(QwenFailureKind.InvalidRequest, false)]
    [InlineData(QwenFailureKind.StreamInterrupted, false)]
    [InlineData(QwenFailureKind.CredentialStore, false)]
    public async Task T38_TenFailures_OpenTheCircuitByTheirKind(QwenFailureKind kind, bool opens)
    {
        _inner.Answers(new QwenException(kind, "no"));
        using var client = Client();

        await FailAsync(client, 10);
        var e = await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello));

        Assert.Equal(opens ? QwenFailureKind.CircuitOpen : kind, e.Kind);
        Assert.Equal(opens ? 10 : 11, _inner.AnswerCalls());
    }

    [Fact]
    public async Task T38_RenewalsThatFail_DoNotOpenTheCircuit()
    {
        _inner.Answers(new QwenException(QwenFailureKind.ServerError, "no") { IsOfRenewal = true });
        using var client = Client();

        await FailAsync(client, 30);

        Assert.Equal(30, _inner.AnswerCalls());
    }

    [Fact]
    public async Task T38_CancelledOnTrial_StaysOpen()
    {
        _inner.Answers([
            .. Enumerable.Repeat<object>(new QwenException(QwenFailureKind.ServerError, "no"), 10),
            Streams.Silence,
            "Hello",
        ]);
        using var client = Client();
        await FailAsync(client, 10);
        _time.Advance(TimeSpan.FromSeconds(16));
        using var cancel = new CancellationTokenSource();
        var trial = client.GetResponseAsync(Inner.Hello, cancellationToken: cancel.Token);
        await Guard.UntilAsync(() => _inner.AnswerCalls() == 11);

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trial);

        var e = await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello));
        Assert.Equal(QwenFailureKind.CircuitOpen, e.Kind);
        _time.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal("Hello", (await client.GetResponseAsync(Inner.Hello)).Text);
    }

    [Fact]
    public async Task T38_StreamsThatFallSilent_CountToo()
    {
        var idle = new QwenException(QwenFailureKind.IdleTimeout, "silent");
        _inner.Streams(["Hello", idle]);
        // Each stream began well and ended badly: one success and one failure.
        using var client = Client(static options => options.Circuit.FailureRatio = 0.5);

        for (var i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<QwenException>(() => client.GetStreamingResponseAsync(Inner.Hello).ReadAllAsync());
        }

        var e = await Assert.ThrowsAsync<QwenException>(() =>
            client.GetStreamingResponseAsync(Inner.Hello).ReadAllAsync()
        );
        Assert.Equal(QwenFailureKind.CircuitOpen, e.Kind);
        Assert.Equal(1, _log.Count(204));
    }

    [Fact]
    public async Task T38_SwitchedOff_NothingIsHeldBack()
    {
        _inner.Answers(new QwenException(QwenFailureKind.ServerError, "no"));
        using var client = Client(static options => options.Circuit.Enabled = false);

        await FailAsync(client, 50);

        Assert.Equal(50, _inner.AnswerCalls());
    }

    [Fact]
    public async Task T38_OtherModel_HasItsOwnCircuit()
    {
        _inner.Answers(new QwenException(QwenFailureKind.ServerError, "no"));
        using var client = Client();
        await FailAsync(client, 10);

        var e = await Assert.ThrowsAsync<QwenException>(() =>
            client.GetResponseAsync(Inner.Hello, new ChatOptions { ModelId = "other" })
        );

        Assert.Equal(QwenFailureKind.ServerError, e.Kind);
    }

    [Fact]
    public async Task T38_OldStreamIsCutWhileTheCircuitIsOpen_ClosesNothing()
    {
        var cut = new QwenException(QwenFailureKind.StreamInterrupted, "cut");
        var busy = new QwenException(QwenFailureKind.ServerError, "no");
        _inner.Streams([
            ["Hello", cut],
            .. Enumerable.Repeat<object[]>([busy], 20),
        ]);
        using var client = Client();
        await using var old = client.GetStreamingResponseAsync(Inner.Hello).GetAsyncEnumerator();
        Assert.True(await old.MoveNextAsync());
        for (var i = 0; i < 20; i++)
        {
            await Assert.ThrowsAsync<QwenException>(() => client.GetStreamingResponseAsync(Inner.Hello).ReadAllAsync());
        }

        Assert.Equal(1, _log.Count(204));
        _time.Advance(TimeSpan.FromSeconds(16));
        await Assert.ThrowsAsync<QwenException>(async () => await old.MoveNextAsync());

        Assert.Equal(0, _log.Count(206));
    }

    [Fact]
    public async Task T38_ClassifyThrowsOnTrial_TheCircuitIsTriedAgain()
    {
        _inner.Answers([
            .. Enumerable.Repeat<object>(new QwenException(QwenFailureKind.ServerError, "no"), 10),
            new InvalidOperationException("foreign"),
            "Hello",
        ]);
        using var client = Client(static options =>
            options.Classify = static e =>
                e is InvalidOperationException ? throw new NotSupportedException("a bug of the caller") : null
        );
        await FailAsync(client, 10);
        _time.Advance(TimeSpan.FromSeconds(16));
        await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync(Inner.Hello));

        _time.Advance(TimeSpan.FromSeconds(16));

        Assert.Equal("Hello", (await client.GetResponseAsync(Inner.Hello)).Text);
    }

    [Fact]
    public async Task T38_TrialTakesLong_RetryAfterIsATimeToCome()
    {
        _inner.Answers([
            .. Enumerable.Repeat<object>(new QwenException(QwenFailureKind.ServerError, "no"), 10),
            Streams.Silence,
        ]);
        using var client = Client();
        await FailAsync(client, 10);
        _time.Advance(TimeSpan.FromSeconds(16));
        using var end = new CancellationTokenSource();
        var trial = client.GetResponseAsync(Inner.Hello, cancellationToken: end.Token);
        await Guard.UntilAsync(() => _inner.AnswerCalls() == 11);
        _time.Advance(TimeSpan.FromSeconds(100));

        var e = await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello));

        Assert.Equal(TimeSpan.FromSeconds(15), e.RetryAfter);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trial);
    }

    private static async Task FailAsync(IChatClient client, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await Assert.ThrowsAnyAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello));
        }
    }

    private TimeoutRetryChatClient Client(Action<TimeoutRetryOptions>? configure = null)
    {
        var options = new TimeoutRetryOptions { MaxRetries = 0 };
        configure?.Invoke(options);
        return new TimeoutRetryChatClient(_inner.Object, options, _log.AsFactory(), _time, static () => 0.5);
    }
}
