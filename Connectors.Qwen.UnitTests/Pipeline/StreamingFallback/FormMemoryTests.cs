using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.UnitTests.Testing.Tokens;
using Microsoft.Extensions.AI;
using Moq;

namespace Connectors.Qwen.UnitTests.Pipeline.StreamingFallback;

/// <summary>What is learned of the forms of a model, seen from the client that learns it.</summary>
public class FormMemoryTests
{
    private static readonly QwenException Cut = new(QwenFailureKind.StreamInterrupted, "cut");
    private static readonly QwenException Busy = new(QwenFailureKind.ServerError, "busy");
    private static readonly QwenException StreamOnly = new(QwenFailureKind.InvalidRequest, "only support stream mode")
    {
        NeedsStream = true,
    };

    private readonly Mock<IChatClient> _inner = new();
    private readonly ManualTime _time = new();
    private readonly RecordingLogger _log = new();

    [Theory, InlineData(true), InlineData(false)]
    public async Task T37_StreamsOfAStreamOnlyModelAreCut_HealthyOnesStillStream(bool upgrade)
    {
        _inner.Streams(["a", Cut], ["a", Cut], ["a", Cut], ["good"]).Answers(StreamOnly);
        using var client = Client(options => options.UpgradeToStreaming = upgrade);
        await CutAsync(client, 3);

        for (var i = 0; i < 300; i++)
        {
            Assert.Equal("good", await TextAsync(client));
        }

        // Asked once, and learned.
        Assert.Equal(1, _inner.AnswerCalls());
    }

    [Fact]
    public async Task T37_WholeAnswerCannotComeEither_TheStreamThatWorksIsRemembered()
    {
        _inner
            .Streams(["a", Cut], ["a", Cut], ["a", Cut], ["good"])
            .Answers(new QwenException(QwenFailureKind.ServerTimeout, "300 s"));
        using var client = Client();
        await CutAsync(client, 3);

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("good", await TextAsync(client));
        }

        Assert.Equal(1, _inner.AnswerCalls());
    }

    [Fact]
    public async Task T37_StreamThatWasOpenedBefore_DoesNotResumeStreaming()
    {
        var gate = new TaskCompletionSource();
        var calls = 0;
        _inner
            .Setup(c =>
                c.GetStreamingResponseAsync(
                    It.IsAny<IEnumerable<ChatMessage>>(),
                    It.IsAny<ChatOptions?>(),
                    It.IsAny<CancellationToken>()
                )
            )
            .Returns(() => calls++ == 0 ? AfterAsync(gate.Task) : Streams.Of(["a", Cut], default));
        _inner.Answers("whole");
        using var client = Client();
        var old = TextAsync(client);
        await CutAsync(client, 3);

        gate.SetResult();

        Assert.Equal("old", await old);
        Assert.Equal("whole", await TextAsync(client));
        Assert.Equal((1, 0), (_log.Count(304), _log.Count(305)));
    }

    [Fact]
    public async Task T37_FewCutsAmongManyStreams_AreNotTheForms()
    {
        object[][] scripts =
        [
            .. Enumerable.Range(0, 100).Select(static i => i % 20 == 0 ? new object[] { "a", Cut } : ["good"]),
        ];
        _inner.Streams(scripts).Answers("whole");
        using var client = Client();

        for (var i = 0; i < 100; i++)
        {
            await Record.ExceptionAsync(() => TextAsync(client));
        }

        Assert.Equal(0, _log.Count(304));
    }

    [Fact]
    public async Task T37_SwitchedOff_NothingIsSaidOrDone()
    {
        _inner.Streams(["a", Cut]);
        using var client = Client(static options => options.Enabled = false);

        await CutAsync(client, 10);

        Assert.Equal(0, _log.Count(304));
        Assert.Equal(0, _inner.AnswerCalls());
    }

    [Fact]
    public async Task T34_StreamThatIsPutTogetherIsCut_IsAskedForOnceMore()
    {
        _inner.Answers(StreamOnly).Streams(["Hel", Cut], ["Hello"]);
        using var client = Client();

        var response = await client.GetResponseAsync(Inner.Hello);

        Assert.Equal("Hello", response.Text);
        Assert.Equal(3, response.AdditionalProperties![QwenResponseProperties.Attempts]);
    }

    [Fact]
    public async Task T34_StreamThatIsPutTogetherIsCutAgain_IsTheErrorOfTheStream()
    {
        _inner.Answers(StreamOnly).Streams(["Hel", Cut]);
        using var client = Client();

        var e = await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello));

        Assert.Equal((QwenFailureKind.StreamInterrupted, 3), (e.Kind, e.Attempts));
        Assert.Equal(2, _inner.StreamCalls());
    }

    [Fact]
    public async Task T2_WholeIsHeldBackByItsCircuit_TheErrorIsTheStreams()
    {
        _inner.Answers(Busy).Streams([new QwenException(QwenFailureKind.ServerTimeout, "504")]);
        using var retry = new TimeoutRetryChatClient(_inner.Object, new() { MaxRetries = 0 }, null, _time);
        using var client = new StreamingFallbackChatClient(retry, null, null, _time);
        for (var i = 0; i < 10; i++)
        {
            await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello));
        }

        var e = await Assert.ThrowsAsync<QwenException>(() => TextAsync(client));

        Assert.Equal(QwenFailureKind.ServerTimeout, e.Kind);
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> AfterAsync(Task gate)
    {
        await gate;
        yield return new ChatResponseUpdate(ChatRole.Assistant, "old");
    }

    private static async Task<string> TextAsync(IChatClient client)
    {
        return (await client.GetStreamingResponseAsync(Inner.Hello).ReadAllAsync()).Text();
    }

    private static async Task CutAsync(IChatClient client, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await Assert.ThrowsAsync<QwenException>(() => TextAsync(client));
        }
    }

    private StreamingFallbackChatClient Client(Action<StreamingFallbackOptions>? configure = null)
    {
        var options = new StreamingFallbackOptions();
        configure?.Invoke(options);
        return new StreamingFallbackChatClient(_inner.Object, options, _log.AsFactory(), _time);
    }
}
