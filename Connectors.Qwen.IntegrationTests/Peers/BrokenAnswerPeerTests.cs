using System.Text.Json;
using Connectors.Qwen.IntegrationTests.Faults.Answers;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Peers;

/// <summary>Answers that break or are not as documented: the same bytes for OpenAI's client and for ours.</summary>
public sealed class BrokenAnswerPeerTests
{
    // Three chunks of eight characters.
    private static readonly string Beginning = Setup.Text[..24];

    /// <summary>What a stream may be other than an answer, and how much of the answer is in it.</summary>
    public static TheoryData<string, int> Cuts =>
        new()
        {
            { "cut", 24 },
            { "cut before [DONE]", 24 },
            { "nothing", 0 },
            { "only [DONE]", 0 },
            { "an error as JSON with status 200", 0 },
        };

    /// <summary>Fields that other servers fill otherwise, and what comes of them.</summary>
    public static TheoryData<string, string[], string> Oddities =>
        new()
        {
            {
                "finish reason empty",
                [
                    Chunk
                        .Text("Hi")
                        .Replace("\"finish_reason\":null", "\"finish_reason\":\"\"", StringComparison.Ordinal),
                    Chunk.Finish(),
                ],
                "stop"
            },
            {
                "finish reason unknown",
                [Chunk.Text("Hi"), Chunk.Finish("repetition_truncation")],
                "repetition_truncation"
            },
            { "role empty", [Chunk.Delta("""{"role":"","content":"Hi"}"""), Chunk.Finish()], "stop" },
            {
                "type of a tool call empty",
                [
                    Chunk.Text("Hi"),
                    Chunk.Calls("""[{"index":0,"id":"c1","type":"","function":{"name":"f","arguments":"{}"}}]"""),
                    Chunk.Finish("tool_calls"),
                ],
                "tool_calls"
            },
        };

    [Theory]
    [InlineData(QwenErrorFrame.CompatObject)]
    [InlineData(QwenErrorFrame.Flat)]
    [InlineData(QwenErrorFrame.NativeEvent)]
    [InlineData(QwenErrorFrame.ErrorEvent)]
    public async Task M1_ErrorInsideTheStream_IsSwallowedThereAndHealedOrThrownHere(QwenErrorFrame shape)
    {
        await using var setup = await Setup.StartAsync();
        var busy = QwenBehavior.ErrorFrameAfter(3, shape, "internal_error", "Backend buffer overflow", 500);
        var filtered = QwenBehavior.ErrorFrameAfter(3, shape, "data_inspection_failed", "Inappropriate content.", 400);
        setup.Qwen.Script.Enqueue(busy, filtered);

        await OpenAIPeer.StillAsync(
            "M1",
            async () =>
            {
                var client = OpenAIPeer.Client(setup);
                Assert.Equal((Beginning, null), await Ask.ReadAsync(client));
                Assert.Equal((Beginning, null), await Ask.ReadAsync(client));
            }
        );

        setup.Qwen.Script.Enqueue(busy);
        Assert.Equal((Setup.Text, null), await Ask.ReadAsync(setup.Pipeline()));
        setup.Qwen.Script.Enqueue(filtered);
        var (text, failure) = await Ask.ReadAsync(setup.Pipeline());
        var thrown = Assert.IsType<QwenException>(failure);
        Assert.Equal((QwenFailureKind.ContentFiltered, Beginning), (thrown.Kind, thrown.PartialText));
        Assert.Equal(Beginning, text);
    }

    [Theory, MemberData(nameof(Cuts))]
    public async Task M2_CutOrEmptyStream_LooksWholeThereAndIsWholeHere(string what, int length)
    {
        await using var setup = await Setup.StartAsync();
        var behavior = what switch
        {
            "cut" => QwenBehavior.EndAfter(3),
            "cut before [DONE]" => QwenBehavior.EndAfter(3, withDone: true),
            "nothing" => QwenBehavior.Empty(),
            "only [DONE]" => QwenBehavior.Stream([]),
            _ => QwenBehavior.Completion("""{"error":{"code":"internal_error","message":"Backend buffer overflow"}}"""),
        };
        setup.Qwen.Script.Enqueue(behavior, behavior);

        await OpenAIPeer.StillAsync(
            "M2",
            async () =>
            {
                Assert.Equal((Setup.Text[..length], null), await Ask.ReadAsync(OpenAIPeer.Client(setup)));
            }
        );

        Assert.Equal((Setup.Text, null), await Ask.ReadAsync(setup.Pipeline()));
        Assert.Equal(0, setup.Qwen.Script.Remaining);
    }

    [Fact]
    public async Task M3_CutInsideAToolCall_RunsTheToolThereAndAsksAgainHere()
    {
        await using var setup = await Setup.StartAsync();
        string[] deltas =
        [
            Chunk.Calls(
                """[{"index":0,"id":"c1","type":"function","function":{"name":"empty_bin","arguments":"{}"}}]"""
            ),
            Chunk.Calls("""[{"index":1,"id":"c2","type":"function","function":{"name":"empty_bin","arguments":""}}]"""),
        ];
        var cut = QwenBehavior.Stream(deltas, done: false);
        setup.Qwen.Script.Enqueue(cut);

        await OpenAIPeer.StillAsync(
            "M3",
            async () =>
            {
                Assert.NotEqual(0, await RunsAsync(OpenAIPeer.Client(setup)));
            }
        );

        // The same stream, and then the answer that the model was about to give: one call, whole.
        setup.Qwen.Script.Enqueue(cut, QwenBehavior.Stream([deltas[0], Chunk.Finish("tool_calls")]));
        setup.Qwen.Journal.Clear();
        Assert.Equal(1, await RunsAsync(setup.Pipeline()));
        Assert.Equal(3, setup.Qwen.Journal.Chats.Count);
    }

    [Theory, MemberData(nameof(Oddities))]
    public async Task M4_UnknownWords_ThrowThereAndAreReadHere(string what, string[] lines, string reason)
    {
        await using var setup = await Setup.StartAsync();
        var odd = QwenBehavior.Stream(lines);
        setup.Qwen.Script.Enqueue(odd, odd);

        await OpenAIPeer.StillAsync(
            "M4",
            async () =>
            {
                var (_, failure) = await Ask.ReadAsync(OpenAIPeer.Client(setup));
                Assert.IsType<ArgumentOutOfRangeException>(failure);
            }
        );

        var answer = await Ask.Async(setup.Pipeline(), streaming: true);
        Assert.Equal(("Hi", reason), (answer.Text, answer.FinishReason?.Value));
        Assert.True(setup.Qwen.Script.Remaining == 0, what);
    }

    [Fact]
    public async Task M5_DataThatIsNoJson_ThrowsThereAndIsHealedHere()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.MalformedAfter(3), QwenBehavior.MalformedAfter(3));

        await OpenAIPeer.StillAsync(
            "M5",
            async () =>
            {
                var (text, failure) = await Ask.ReadAsync(OpenAIPeer.Client(setup));
                Assert.Equal(Beginning, text);
                Assert.IsType<JsonException>(failure, exactMatch: false);
            }
        );

        Assert.Equal((Setup.Text, null), await Ask.ReadAsync(setup.Pipeline()));
    }

    [Fact]
    public async Task M6_LaterToolDeltasWithoutIdAndName_AreReadByBoth()
    {
        await using var setup = await Setup.StartAsync();
        var call = QwenBehavior.Stream([
            Chunk.Calls("""[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":"}}]"""),
            Chunk.Calls("""[{"index":0,"id":"","type":"function","function":{"name":null,"arguments":"1}"}}]"""),
            Chunk.Finish("tool_calls"),
        ]);
        setup.Qwen.Script.Enqueue(call, call);

        await OpenAIPeer.StillAsync("M6", async () => await AssertCallAsync(OpenAIPeer.Client(setup)));

        await AssertCallAsync(setup.Pipeline());
    }

    [Fact]
    public async Task M13_ConnectionResetInTheStream_EndsItThereAndGoesOnHere()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.ResetAfter(3), QwenBehavior.ResetAfter(3));

        await OpenAIPeer.StillAsync(
            "M13",
            async () =>
            {
                var (_, failure) = await Ask.ReadAsync(OpenAIPeer.Client(setup));
                Assert.IsType<IOException>(failure, exactMatch: false);
                Assert.Single(setup.Qwen.Journal.Chats);
            }
        );

        Assert.Equal((Setup.Text, null), await Ask.ReadAsync(setup.Pipeline()));
        Assert.Equal(3, setup.Qwen.Journal.Chats.Count);
    }

    private static async Task<int> RunsAsync(IChatClient client)
    {
        var runs = 0;
        using var invoking = client.AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(() => ++runs, "empty_bin")] };
        await Ask.Async(invoking, streaming: true, options);
        return runs;
    }

    private static async Task AssertCallAsync(IChatClient client)
    {
        var answer = await Ask.Async(client, streaming: true);
        var call = Assert.Single(
            answer.Messages.SelectMany(static message => message.Contents).OfType<FunctionCallContent>()
        );
        Assert.Equal(("c1", "f", "1"), (call.CallId, call.Name, $"{call.Arguments?["a"]}"));
    }
}
