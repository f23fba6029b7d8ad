using System.Net;
using System.Text;
using Connectors.Qwen.Continuation;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests;

/// <summary>How the raw client judges the end of a stream, and what it says of the answers that it refuses.</summary>
public class QwenChatClientEndTests
{
    private const string Finish = """{"choices":[{"delta":{"content":""},"finish_reason":"stop"}]}""";
    private const string Usage =
        """{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}""";
    private const string UsageWithChoice =
        """{"choices":[{"delta":{"content":""},"index":0}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}""";
    private const string Call =
        """{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c1","function":{"name":"f","arguments":"{}"}}]}}]}""";
    private const string Reasoning = """{"choices":[{"delta":{"reasoning_content":"hm"},"index":0}]}""";

    private static readonly string Hello = Delta("Hello");

    // Data of the events, whether [DONE] is trusted, whether the answer is whole.
    public static TheoryData<string[], bool, bool> Ends =>
        new()
        {
            { [Hello, Usage], false, true },
            { [Hello, Usage, "[DONE]"], false, true },
            { [Reasoning, Hello, Usage], false, true },
            { [Hello, Usage, """{"choices":[]}"""], false, true },
            { [Hello, UsageWithChoice, "[DONE]"], false, false },
            { [Usage, Hello, "[DONE]"], false, false },
            { [Hello, """{"choices":[],"usage":null}""", "[DONE]"], false, false },
            { [Hello, "[DONE]"], false, false },
            { [Hello, Call, Usage, "[DONE]"], false, false },
            { [Reasoning, Usage, "[DONE]"], false, false },
            { [Hello, "[DONE]"], true, true },
            { [Reasoning, Hello, "[DONE]"], true, true },
            { [Hello], true, false },
            { [Hello, Call, "[DONE]"], true, false },
            { [Call, "[DONE]"], true, false },
            { [Reasoning, "[DONE]"], true, false },
            { ["[DONE]"], true, false },
        };

    [Theory, MemberData(nameof(Ends))]
    public async Task GetStreamingResponseAsync_NoFinishReason_IsWholeOnlyByItsEnd(
        string[] data,
        bool trustDone,
        bool isWhole
    )
    {
        var answer = () => Answers.Events(data);
        if (!isWhole)
        {
            var e = await RawClient.FailureOfStream(
                answer,
                options => (options.TrustDone, options.Endpoint) = (trustDone, QwenEndpoints.Beijing)
            );
            Assert.Equal(QwenFailureKind.StreamInterrupted, e.Kind);
            Assert.Equal(data.Contains(Hello) ? "Hello" : null, e.PartialText);
            return;
        }

        var updates = await RawClient.ReadStream(
            answer,
            options => (options.TrustDone, options.Endpoint) = (trustDone, QwenEndpoints.Beijing)
        );

        Assert.Equal("Hello", updates.Text());
        Assert.Equal(
            ChatFinishReason.Stop,
            Assert.Single(updates, static u => u.FinishReason is not null).FinishReason
        );
        Assert.Equal(data.Contains(Usage) ? 11 : null, updates.ToChatResponse().Usage?.TotalTokenCount);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_UsageOfAGateway_ProvesNothing()
    {
        var e = await RawClient.FailureOfStream(() => Answers.Events(Hello, Usage, "[DONE]"));

        Assert.Equal((QwenFailureKind.StreamInterrupted, "Hello", true), (e.Kind, e.PartialText, e.EndedCleanly));
    }

    [Fact]
    public async Task GetStreamingResponseAsync_LostAfterTheUsage_IsWhole()
    {
        var updates = await RawClient.ReadStream(
            () => Lost($"data: {Hello}\n\ndata: {Usage}\n\n"),
            static options => options.Endpoint = QwenEndpoints.Beijing
        );

        Assert.Equal("Hello", updates.Text());
        Assert.Single(updates, static u => u.FinishReason == ChatFinishReason.Stop);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_ErrorAfterTheUsage_IsTheError()
    {
        var e = await RawClient.FailureOfStream(() =>
            Answers.Events(Hello, Usage, """{"error":{"message":"busy","code":"500"}}""")
        );

        Assert.Equal((QwenFailureKind.ServerError, "Hello"), (e.Kind, e.PartialText));
    }

    [Fact]
    public async Task GetStreamingResponseAsync_LostAfterDoneThatIsTrusted_IsWhole()
    {
        var updates = await RawClient.ReadStream(
            () => Lost($"data: {Hello}\n\ndata: [DONE]\n\n"),
            static options => options.TrustDone = true
        );

        Assert.Equal("Hello", updates.Text());
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("data: [DONE]", true)]
    [InlineData("data: [DONE]\r\n\r\n", true)]
    [InlineData("da", false)]
    [InlineData("data: {\"choices\":[", false)]
    public async Task EndedCleanly_EndOfTheBody_IsInOrderOnlyWithItsMark(string rest, bool expected)
    {
        var e = await RawClient.FailureOfStream(() => Answers.Stream($"data: {Hello}\n\n{rest}"));

        Assert.Equal((QwenFailureKind.StreamInterrupted, expected), (e.Kind, e.EndedCleanly));
    }

    [Theory]
    [InlineData("")]
    [InlineData("data: {\"choices\":[")]
    public async Task EndedCleanly_ConnectionIsLost_IsFalse(string rest)
    {
        var e = await RawClient.FailureOfStream(() => Lost($"data: {Hello}\n\n{rest}"));

        Assert.Equal((QwenFailureKind.StreamInterrupted, false), (e.Kind, e.EndedCleanly));
    }

    [Theory]
    [InlineData("""{"choices":[{"message":{"content":"Hel"},"finish_reason":null}],"usage":{"total_tokens":7}}""")]
    [InlineData("""{"choices":[{"message":{"content":""},"finish_reason":"stop"}],"usage":{"total_tokens":7}}""")]
    public async Task ReportedUsage_WholeAnswerThatCannotBeUsed_IsKept(string json)
    {
        var e = await RawClient.FailureOfAnswer(() => Answers.Json(json));

        Assert.Equal(7, Assert.IsType<UsageDetails>(e.ReportedUsage).TotalTokenCount);
        Assert.False(e.EndedCleanly);
    }

    [Fact]
    public async Task ReportedUsage_StreamThatCannotBeUsed_IsKeptWhereItHasCome()
    {
        const string FinishWithUsage =
            """{"choices":[{"delta":{"content":""},"finish_reason":"stop"}],"usage":{"total_tokens":7}}""";

        var empty = await RawClient.FailureOfStream(() => Answers.Events(FinishWithUsage));
        var cut = await RawClient.FailureOfStream(() => Answers.Events(Hello, UsageWithChoice));
        var broken = await RawClient.FailureOfStream(() => Answers.Events(Hello, UsageWithChoice, "{"));
        var untold = await RawClient.FailureOfStream(() => Answers.Events(Finish));

        Assert.Equal(7, Assert.IsType<UsageDetails>(empty.ReportedUsage).TotalTokenCount);
        Assert.Equal(11, Assert.IsType<UsageDetails>(cut.ReportedUsage).TotalTokenCount);
        Assert.Equal(11, Assert.IsType<UsageDetails>(broken.ReportedUsage).TotalTokenCount);
        Assert.Null(untold.ReportedUsage);
    }

    [Theory]
    [InlineData(true, true), InlineData(true, false)]
    [InlineData(false, true), InlineData(false, false)]
    public async Task GetStreamingResponseAsync_RestOfAnAnswer_MayBeEmpty(bool mayBeEmpty, bool asStream)
    {
        var read = () => ReadRest(mayBeEmpty, () => asStream ? Answers.Events(Finish) : Answers.Json(Whole("")));

        if (mayBeEmpty)
        {
            Assert.Single(await read(), static u => u.FinishReason == ChatFinishReason.Stop);
        }
        else
        {
            Assert.Equal(QwenFailureKind.EmptyResponse, (await Assert.ThrowsAsync<QwenException>(read)).Kind);
        }
    }

    [Fact]
    public async Task GetResponseAsync_RestOfAnAnswer_MayBeEmpty()
    {
        var client = RawClient.Over(new ScriptedHandler(static () => Answers.Json(Whole(""))));

        var response = await client.GetResponseAsync(Inner.Hello, new ContinuationOptions(null, 1, 0));

        Assert.Equal(("", ChatFinishReason.Stop), (response.Text, response.FinishReason!.Value));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task GetStreamingResponseAsync_RestIsThePlaceholder_IsNeverAnAnswer(bool asStream)
    {
        const string Placeholder = "(request timeout)";

        var e = await Assert.ThrowsAsync<QwenException>(() =>
            ReadRest(
                mayBeEmpty: true,
                () => asStream ? Answers.Events(Delta(Placeholder), Finish) : Answers.Json(Whole(Placeholder))
            )
        );

        Assert.Equal(QwenFailureKind.EmptyResponse, e.Kind);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_RestWithoutAReason_IsNotTakenForEmpty()
    {
        var e = await Assert.ThrowsAsync<QwenException>(() =>
            ReadRest(mayBeEmpty: true, static () => Answers.Events("[DONE]"))
        );

        Assert.Equal(QwenFailureKind.StreamInterrupted, e.Kind);
    }

    private static Task<List<ChatResponseUpdate>> ReadRest(bool mayBeEmpty, Func<HttpResponseMessage> answer)
    {
        var options = mayBeEmpty ? new ContinuationOptions(null, 1, 0) : new ChatOptions();
        return RawClient
            .Over(new ScriptedHandler(answer))
            .GetStreamingResponseAsync(Inner.Hello, options)
            .ReadAllAsync();
    }

    private static HttpResponseMessage Lost(string stream)
    {
        var content = new StreamContent(
            new PiecewiseStream(Encoding.UTF8.GetBytes(stream), 4096, new IOException("reset"))
        );
        content.Headers.ContentType = new("text/event-stream");
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
    }

    private static string Delta(string text)
    {
        return $$"""{"choices":[{"delta":{"content":"{{text}}"},"index":0}]}""";
    }

    private static string Whole(string text)
    {
        return $$"""{"choices":[{"message":{"content":"{{text}}"},"finish_reason":"stop"}]}""";
    }
}
