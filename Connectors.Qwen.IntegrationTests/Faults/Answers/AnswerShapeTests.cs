using System.Net;
using System.Text;
using System.Text.Json;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Answers;

/// <summary>
/// Rows T13, T18, T20, T22, T24, T26 and T27 where the other tests of these rows do not reach: the other form of the call,
/// the time before or after the first word.
/// </summary>
public sealed class AnswerShapeTests
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task T13_CleanEndBeforeTheFirstWord_IsAskedAgain(bool withDone)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(0, withDone));

        var response = await Ask.Async(setup.Pipeline(), streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
    }

    [Theory, InlineData(null), InlineData(""), InlineData("null")]
    public async Task T13_WholeAnswerWithoutAFinishReason_IsNotTakenForWhole(string? reason)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Completion(Chunk.WholeText("Half of", reason)));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Raw(), streaming: false));

        Assert.Equal((QwenFailureKind.StreamInterrupted, "Half of"), (failure.Kind, failure.PartialText));
    }

    [Fact]
    public async Task T18_MalformedDataAfterWords_IsContinuedExactlyOnce()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.MalformedAfter(2));

        var answer = await StreamedAnswer.ReadAsync(setup.Pipeline());

        answer.AssertIsContinued(setup, QwenFailureKind.Protocol, said: 16);
    }

    [Fact]
    public async Task T18_MalformedDataAfterWordsAndContinuationIsOff_IsATypedErrorWithTheDataAndThePartialText()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.MalformedAfter(2));

        var (text, failure) = await Ask.ReadAsync(setup.Pipeline(Setup.WithoutContinuation));

        var typed = Assert.IsType<QwenException>(failure);
        Assert.Equal(QwenFailureKind.Protocol, typed.Kind);
        Assert.StartsWith("{\"choices\"", typed.MalformedData, StringComparison.Ordinal);
        Assert.Equal(Setup.Text[..16], text);
        Assert.Equal(text, typed.PartialText);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task T18_MalformedWholeAnswer_IsATypedError()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.MalformedAfter(0));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming: false));

        Assert.Equal(QwenFailureKind.Protocol, failure.Kind);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(7)]
    public async Task T20_AnySplitOfAWholeAnswer_GivesTheSameAnswer(int size)
    {
        const string Text = "各种 🚀 and 🧩\r\n";
        var body = Encoding.UTF8.GetBytes(
            Chunk.WholeText("x").Replace("\"x\"", $"\"{Text[..^2]}\\r\\n\"", StringComparison.Ordinal)
        );
        using var http = new HttpClient(new PieceHandler(body, size)) { Timeout = Timeout.InfiniteTimeSpan };
        using var client = QwenPipeline.CreateChatClient(
            new QwenOptions { ModelId = "m", ApiKey = "sk-x" },
            httpClient: http
        );

        foreach (var streaming in new[] { false, true })
        {
            var response = await Ask.Async(client, streaming);

            Assert.Equal((Text, ChatFinishReason.Stop), (response.Text, response.FinishReason!.Value));
        }
    }

    [Fact]
    public async Task T22_WholeAnswerToAStreamRequest_IsTheAnswer()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Completion(
                Chunk.Whole(
                    """{"role":"assistant","reasoning_content":"Hm.","content":"I pay.","tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"pay","arguments":"{\"amount\":1}"}}]}""",
                    "tool_calls"
                )
            )
        );

        var response = await Ask.Async(setup.Pipeline(), streaming: true);

        var contents = Assert.Single(response.Messages).Contents;
        Assert.Equal("Hm.", Assert.IsType<TextReasoningContent>(contents[0]).Text);
        Assert.Equal("I pay.", response.Text);
        Assert.Equal("pay", Assert.Single(contents.OfType<FunctionCallContent>()).Name);
        Assert.Equal((ChatFinishReason.ToolCalls, 5), (response.FinishReason!.Value, response.Usage!.TotalTokenCount));
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [
        Theory,
        InlineData(true, "text/html"),
        InlineData(false, "text/html"),
        InlineData(true, "application/json"),
        InlineData(false, "application/json"),
        InlineData(false, "text/event-stream")
    ]
    public async Task T22_AnythingElseThanAnAnswer_IsAClearErrorThatNamesTheContentType(bool streaming, string type)
    {
        var body = type switch
        {
            "text/html" => "<html><body>Welcome</body></html>",
            "application/json" => "{\"welcome\":true}",
            _ => "data: {}\n\n",
        };
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Body(type, body));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming));

        Assert.Equal(QwenFailureKind.Protocol, failure.Kind);
        Assert.Contains(type, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("elcome", failure.Message, StringComparison.Ordinal);
        // Sent again it would fail the same way.
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task T24_UsageOfAWholeAnswer_IsToldOnce()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Completion(Chunk.WholeText("Hi")));

        var whole = await Ask.Async(setup.Pipeline(), streaming: false);
        var updates = await setup
            .Pipeline()
            .GetStreamingResponseAsync(Ask.Question, null, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal((5L, ChatFinishReason.Stop), (whole.Usage!.TotalTokenCount, whole.FinishReason!.Value));
        Assert.Single(updates.SelectMany(static u => u.Contents).OfType<UsageContent>());
        Assert.Equal(5, updates.ToChatResponse().Usage!.TotalTokenCount);
    }

    [
        Theory,
        InlineData("""[{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}]""", "c1 f {\"a\":1}"),
        InlineData("""[{"id":"c1","function":{"name":"f","arguments":null}}]""", "c1 f {}"),
        InlineData("""[{"id":"","function":{"name":"f","arguments":"{}"}}]""", "call_chatcmpl-1_0 f {}"),
        InlineData(
            """[{"index":0,"id":"c1","function":{"name":"f","arguments":"{}"}},{"index":0,"id":"c2","function":{"name":"g","arguments":"{}"}}]""",
            "c1 f {}, c2 g {}"
        )
    ]
    public async Task T26_EveryFormInAWholeAnswer_GivesCompleteCallsOnce(string calls, string expected)
    {
        await using var setup = await Setup.StartAsync();
        // The reason is "stop" on some routes although tools are called.
        foreach (var reason in new[] { "tool_calls", "stop" })
        {
            setup.Qwen.Script.Enqueue(
                QwenBehavior.Completion(
                    Chunk.Whole($$"""{"role":"assistant","content":null,"tool_calls":{{calls}}}""", reason)
                )
            );

            var response = await Ask.Async(setup.Pipeline(), streaming: false);

            var found = Assert.Single(response.Messages).Contents.OfType<FunctionCallContent>();
            Assert.Equal(
                expected,
                string.Join(
                    ", ",
                    found.Select(static c => $"{c.CallId} {c.Name} {JsonSerializer.Serialize(c.Arguments)}")
                )
            );
            Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        }
    }

    [Theory, InlineData("{\"amount\": 10"), InlineData("amount=10"), InlineData("[10]")]
    public async Task T27_ArgumentsThatAreNoJsonInAWholeAnswer_AreNeverCalledWithNothing(string arguments)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Completion(
                Chunk.Whole(
                    $$"""{"role":"assistant","content":"","tool_calls":[{"index":0,"id":"c1","function":{"name":"pay","arguments":{{JsonSerializer.Serialize(arguments)}} } }]}""",
                    "tool_calls"
                )
            )
        );
        var calls = 0;
        using var client = setup.Pipeline().AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatOptions
        {
            Tools = [AIFunctionFactory.Create((int amount = 1) => calls += amount, "pay")],
        };

        var response = await Ask.Async(client, streaming: false, options);

        Assert.Equal(0, calls);
        var call = Assert.Single(response.Messages.SelectMany(static m => m.Contents).OfType<FunctionCallContent>());
        Assert.NotNull(call.Exception);
        Assert.True(call.InformationalOnly);
        Assert.Equal(arguments, call.RawRepresentation);
    }

    private sealed class PieceHandler(byte[] body, int size) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            var content = new StreamContent(new PieceStream(body, size));
            content.Headers.ContentType = new("application/json");
            return Task.FromResult(
                new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = content }
            );
        }
    }

    private sealed class PieceStream(byte[] body, int size) : MemoryStream(body)
    {
        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            await Task.Yield();
            return Read(buffer.Span[..Math.Min(size, buffer.Length)]);
        }
    }
}
