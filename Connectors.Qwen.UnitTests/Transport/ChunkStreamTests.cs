using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Transport;

public class ChunkStreamTests
{
    private const string Finish = """{"choices":[{"delta":{"content":""},"finish_reason":"stop"}]}""";

    [Theory]
    [InlineData("\n", "data: ", 1)]
    [InlineData("\r\n", "data: ", 1)]
    [InlineData("\r", "data: ", 1)]
    [InlineData("\n", "data:", 1)]
    [InlineData("\n", "data: ", 3)]
    [InlineData("\r\n", "data:", 7)]
    [InlineData("\n", "data: ", 100_000)]
    public async Task MoveNextAsync_AnySplitAndLineEnd_IsTheSameAnswer(string line, string field, int size)
    {
        var text = string.Concat(
            "\ufeff: keep-alive",
            line,
            line,
            string.Concat(
                new[] { Text("你好，"), Text("\U0001F600"), Text("wörld"), Finish, "[DONE]" }.Select(data =>
                    $"id:1{line}{field}{data}{line}{line}"
                )
            )
        );

        var updates = await RawClient.ReadStream(() => Events(new PiecewiseStream(Encoding.UTF8.GetBytes(text), size)));

        Assert.Equal("你好，\U0001F600wörld", updates.Text());
    }

    [Fact]
    public async Task MoveNextAsync_DataOverSeveralLines_IsOneEvent()
    {
        const string Stream =
            "data: {\"choices\":[{\"delta\":\ndata: {\"content\":\"Hello\"},\ndata: \"finish_reason\":\"stop\"}]}\n\n";

        Assert.Equal("Hello", (await RawClient.ReadStream(() => Answers.Stream(Stream))).Text());
    }

    [Fact]
    public async Task MoveNextAsync_AfterDone_NothingIsRead()
    {
        var updates = await RawClient.ReadStream(() => Answers.Events(Text("Hello"), Finish, "[DONE]", Text("more")));

        Assert.Equal("Hello", updates.Text());
    }

    [Fact]
    public async Task MoveNextAsync_KeyInWhatIsNoJson_IsNotQuoted()
    {
        // The JSON reader quotes a word that begins like null.
        var e = await RawClient.FailureOfStream(() => Answers.Events($"no {RawClient.Secret}"));

        Assert.Equal(QwenFailureKind.Protocol, e.Kind);
        Assert.DoesNotContain(RawClient.Secret, e.ToString());
    }

    [Fact]
    public async Task MoveNextAsync_WhatIsNoJson_IsSaidInTheCause()
    {
        var e = await RawClient.FailureOfStream(() => Answers.Events("nothing"));

        Assert.Contains("nothing", e.InnerException?.Message);
    }

    [Fact]
    public async Task MoveNextAsync_LastEventWithoutBlankLine_IsRead()
    {
        var updates = await RawClient.ReadStream(() => Answers.Stream($"data: {Text("Hello")}\n\ndata: {Finish}"));

        Assert.Equal("Hello", updates.Text());
    }

    [Fact]
    public async Task MoveNextAsync_NativeErrorEvent_IsTheError()
    {
        // With a byte order mark, no space after the colon, a comment as status, and no blank line at the end.
        const string Stream =
            "\ufeffid:1\nevent:error\n:HTTP_STATUS/400\n"
            + "data:{\"code\":\"InvalidParameter\",\"message\":\"Role must be user\",\"request_id\":\"U\"}\n";

        var e = await RawClient.FailureOfStream(() => Answers.Stream(Stream));

        Assert.Equal((QwenFailureKind.InvalidRequest, "U"), (e.Kind, e.RequestId));
        Assert.Equal(("InvalidParameter", "Role must be user"), (e.ErrorCode, e.ServerMessage));
        Assert.Null(e.StatusCode);
        Assert.Null(e.PartialText);
    }

    // Data of the last event, kind.
    public static TheoryData<string, QwenFailureKind> Errors =>
        new()
        {
            { """{"error":{"message":"busy","type":"server_error","code":"500"}}""", QwenFailureKind.ServerError },
            { """{"error":{"message":"slow","code":429}}""", QwenFailureKind.RateLimited },
            { """{"error":{"message":"no","code":"invalid_api_key"}}""", QwenFailureKind.Authentication },
            {
                """{"error":"server_error: <429> InternalError.Algo [Too many requests.]"}""",
                QwenFailureKind.RateLimited
            },
            { """{"error":"half \ud83d"}""", QwenFailureKind.ServerError },
            {
                """{"choices":[{"delta":{"content":"{\"error\":{\"message\":\"Throttling\",\"code\":\"429\"}}"},"finish_reason":"error_finish"}]}""",
                QwenFailureKind.RateLimited
            },
            {
                """{"choices":[{"delta":{"content":"Backend buffer overflow"},"finish_reason":"error_finish"}]}""",
                QwenFailureKind.ServerError
            },
            { """{"choices":[{"delta":{},"finish_reason":"error_finish"}]}""", QwenFailureKind.ServerError },
            { """{"choices":[{"delta":{"content":5}}]}""", QwenFailureKind.Protocol },
            { "not JSON", QwenFailureKind.Protocol },
        };

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task MoveNextAsync_ErrorAfterText_CarriesTheTextAndIsNeverText(string data, QwenFailureKind kind)
    {
        var handler = new ScriptedHandler(() => Answers.Events(Text("Hel"), Text("lo"), data, Finish));
        var updates = new List<ChatResponseUpdate>();

        var thrown = await Record.ExceptionAsync(() =>
            RawClient.Over(handler).GetStreamingResponseAsync(Inner.Hello).CopyToAsync(updates)
        );

        var e = Assert.IsType<QwenException>(thrown, exactMatch: false);
        Assert.Equal((kind, "Hello"), (e.Kind, e.PartialText));
        Assert.Equal("Hello", updates.Text());
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task MoveNextAsync_ErrorAtOnce_IsTheSameKind(string data, QwenFailureKind kind)
    {
        var e = await RawClient.FailureOfStream(() => Answers.Events(data));

        Assert.Equal(kind, e.Kind);
        Assert.Null(e.PartialText);
    }

    [Fact]
    public async Task MoveNextAsync_ConnectionBreaks_IsAnInterruptedStreamWithTheText()
    {
        var bytes = Encoding.UTF8.GetBytes($"data: {Text("Hel")}\n\ndata: {{\"cho");

        var e = await RawClient.FailureOfStream(() =>
            Events(new PiecewiseStream(bytes, 10, new IOException("reset"))).With("x-request-id", "U")
        );

        Assert.Equal((QwenFailureKind.StreamInterrupted, "Hel", "U"), (e.Kind, e.PartialText, e.RequestId));
        Assert.Equal(HttpRequestError.ResponseEnded, e.HttpRequestError);
        Assert.StartsWith("The stream from qwen.example broke off after 3 characters of text (request U).", e.Message);
    }

    [Fact]
    public async Task MoveNextAsync_EndInTheMiddleOfAnEvent_IsAnInterruptedStream()
    {
        var e = await RawClient.FailureOfStream(() => Answers.Stream($"data: {Text("Hel")}\n\ndata: {{\"choices\":["));

        Assert.Equal((QwenFailureKind.StreamInterrupted, "Hel"), (e.Kind, e.PartialText));
        Assert.Contains("broke off in the middle of an event", e.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task MoveNextAsync_EndWithoutAReason_IsAnInterruptedStreamWithOrWithoutDone(bool done)
    {
        string[] data = done ? [Text("Hel"), "[DONE]"] : [Text("Hel")];

        var e = await RawClient.FailureOfStream(() => Answers.Events(data));

        Assert.Equal((QwenFailureKind.StreamInterrupted, "Hel"), (e.Kind, e.PartialText));
        Assert.Contains("ended without saying that the answer is finished", e.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData(": keep-alive\n\n")]
    [InlineData("data: [DONE]\n\n")]
    [InlineData("data: {\"choices\":[],\"usage\":{\"total_tokens\":1}}\n\n")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n")]
    public async Task MoveNextAsync_NothingButFrame_IsAnInterruptedStream(string stream)
    {
        var e = await RawClient.FailureOfStream(() => Answers.Stream(stream));

        Assert.Equal(QwenFailureKind.StreamInterrupted, e.Kind);
        Assert.Null(e.PartialText);
    }

    [Fact]
    public async Task MoveNextAsync_FinishedButEmpty_IsAnEmptyResponse()
    {
        var e = await RawClient.FailureOfStream(() => Answers.Events(Finish, "[DONE]"));

        Assert.Equal(QwenFailureKind.EmptyResponse, e.Kind);
    }

    [Fact]
    public async Task MoveNextAsync_CallersCancellation_StaysWhatItIs()
    {
        using var source = new CancellationTokenSource();
        var handler = new ScriptedHandler(() => Answers.Events(Text("Hel"), Text("lo"), Finish));

        await using var stream = RawClient
            .Over(handler)
            .GetStreamingResponseAsync(Inner.Hello, cancellationToken: source.Token)
            .GetAsyncEnumerator();
        await stream.MoveNextAsync();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (await stream.MoveNextAsync()) { }
        });
    }

    [Fact]
    public async Task DisposeAsync_ConsumerStopsEarly_ClosesTheBody()
    {
        var body = new PiecewiseStream(Encoding.UTF8.GetBytes($"data: {Text("Hel")}\n\ndata: {Text("lo")}\n\n"), 10);
        var handler = new ScriptedHandler(() => Events(body));

        await foreach (var _ in RawClient.Over(handler).GetStreamingResponseAsync(Inner.Hello))
        {
            break;
        }

        Assert.False(body.CanRead);
    }

    private static string Text(string text)
    {
        return $$$"""{"choices":[{"delta":{"content":"{{{text}}}"},"index":0}]}""";
    }

    private static HttpResponseMessage Events(Stream body)
    {
        var content = new StreamContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/event-stream");
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
    }
}
