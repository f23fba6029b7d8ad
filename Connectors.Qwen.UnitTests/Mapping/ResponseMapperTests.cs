using System.Text.Json;
using Connectors.Qwen.Mapping;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Mapping;

public class ResponseMapperTests
{
    [Fact]
    public void ToResponse_Completion_IsOneMessageWithItsFacts()
    {
        var response = Map(
            """
            {"id":"chatcmpl-1","created":1770764942,"model":"qwen3-max","system_fingerprint":null,"choices":[{"index":0,
             "message":{"role":"assistant","content":"Hello","reasoning_content":"think","refusal":null,"audio":null},
             "finish_reason":"stop","logprobs":null}],"usage":{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16}}
            """
        );

        Assert.Equal(("chatcmpl-1", "qwen3-max"), (response.ResponseId, response.ModelId));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1770764942), response.CreatedAt);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal(16, response.Usage?.TotalTokenCount);
        var message = Assert.Single(response.Messages);
        Assert.Equal((ChatRole.Assistant, "chatcmpl-1"), (message.Role, message.MessageId));
        Assert.Equal("think", Assert.IsType<TextReasoningContent>(message.Contents[0]).Text);
        Assert.Equal("Hello", Assert.IsType<TextContent>(message.Contents[1]).Text);
        Assert.Equal(2, message.Contents.Count);
    }

    [Fact]
    public void ToResponse_TheSameCallTwice_IsOne()
    {
        const string Call = """{"id":"c1","function":{"name":"f","arguments":"{}"}}""";
        var contents = Contents($$"""{"content":null,"tool_calls":[{{Call}},{{Call}}]}""");

        Assert.Equal("c1", Assert.IsType<FunctionCallContent>(Assert.Single(contents)).CallId);
    }

    [Theory]
    [InlineData("\"stop\"", "\"stop\"", true)]
    [InlineData("\"stop\"", "\"length\"", true)]
    [InlineData("\"stop\"", "null", false)]
    [InlineData("null", "\"stop\"", false)]
    [InlineData("\"stop\"", "\"timeout\"", false)]
    public void ToResponse_SeveralAnswers_AreWholeWhenEachIs(string first, string second, bool isWhole)
    {
        var response = Map(
            $$"""
            {"id":"r","choices":[{"index":0,"message":{"content":"a"},"finish_reason":{{first}} },
             {"index":1,"message":{"content":"b"},"finish_reason":{{second}} }]}
            """
        );

        Assert.Equal(isWhole, ResponseMapper.Lack(response) is null);
        Assert.Equal(isWhole ? ChatFinishReason.Stop : response.FinishReason, response.FinishReason);
    }

    [Fact]
    public void ToResponse_ReasoningUnderItsOtherName_IsReasoning()
    {
        var contents = Contents("""{"reasoning":"think","content":""}""");

        Assert.Equal("think", Assert.IsType<TextReasoningContent>(Assert.Single(contents)).Text);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("tool_calls")]
    public void ToResponse_ToolCalls_AreCallsAndTheReason(string reason)
    {
        var response = Map(
            $$$"""
            {"id":"chatcmpl-1","choices":[{"message":{"content":"","tool_calls":[
              {"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},
              {"index":0,"id":"","type":"function","function":{"name":"g","arguments":null}},
              {"id":"c3","function":{"name":"h","arguments":"{"}}]},"finish_reason":"{{{reason}}}"}]}
            """
        );

        var calls = response.Messages[0].Contents.Cast<FunctionCallContent>().ToArray();
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        Assert.Equal(["c1", "call_chatcmpl-1_1", "c3"], calls.Select(c => c.CallId));
        Assert.Equal(["f", "g", "h"], calls.Select(c => c.Name));
        Assert.Equal("1", calls[0].Arguments!["a"]!.ToString());
        Assert.Empty(calls[1].Arguments!);
        Assert.NotNull(calls[2].Exception);
    }

    [Fact]
    public void ToResponse_Refusal_IsAnError()
    {
        var refusal = Assert.IsType<ErrorContent>(
            Assert.Single(Contents("""{"content":null,"refusal":"I cannot."}"""))
        );

        Assert.Equal(("I cannot.", "Refusal"), (refusal.Message, refusal.ErrorCode));
    }

    [Fact]
    public void ToResponse_SeveralChoices_AreMessagesOfTheirOwn()
    {
        var response = Map(
            """
            {"id":"r","choices":[{"index":0,"message":{"content":"A"},"finish_reason":"length"},
                                 {"index":1,"message":{"content":"B"},"finish_reason":"stop"}]}
            """
        );

        Assert.Equal(["A", "B"], response.Messages.Select(m => m.Text));
        Assert.Equal(["r/0", "r/1"], response.Messages.Select(m => m.MessageId));
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
    }

    [Theory]
    [InlineData("""{"choices":[]}""")]
    [InlineData("{}")]
    public void ToResponse_NoChoices_IsAnEmptyResponse(string json)
    {
        var response = Map(json);

        Assert.Empty(response.Messages);
        Assert.Null(response.FinishReason);
        Assert.Null(response.Usage);
        Assert.Null(response.CreatedAt);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("\"null\"")]
    public void ToResponse_NotFinished_HasNoReason(string reason)
    {
        Assert.Null(Map($$"""{"choices":[{"message":{"content":"A"},"finish_reason":{{reason}}}]}""").FinishReason);
    }

    [Theory]
    [InlineData("stop", true)]
    [InlineData("length", true)]
    [InlineData("tool_calls", true)]
    [InlineData("function_call", true)]
    [InlineData("content_filter", true)]
    [InlineData("time_limit", false)]
    [InlineData("", false)]
    public void IsFinished_Reason_IsOneThatIsKnown(string reason, bool expected)
    {
        var response = Map($$"""{"choices":[{"message":{"content":"A"},"finish_reason":"{{reason}}"}]}""");

        Assert.Equal(expected, ResponseMapper.IsFinished(response));
        Assert.Equal(expected, ResponseMapper.Lack(response) is null);
    }

    [Theory]
    [InlineData("", "stop", false, "holds neither text nor a tool call")]
    [InlineData("", "stop", true, null)]
    [InlineData("(request timeout)", "stop", true, "is only (request timeout)")]
    [InlineData("", "", true, "is not finished")]
    public void Lack_AnswerOfNothing_MayBeAllowed(string text, string reason, bool mayBeEmpty, string? expected)
    {
        var response = Map($$"""{"choices":[{"message":{"content":"{{text}}"},"finish_reason":"{{reason}}"}]}""");

        Assert.Equal(expected, ResponseMapper.Lack(response, mayBeEmpty));
    }

    [Fact]
    public void ToResponse_HalvesOfCharacters_AreReplaced()
    {
        var contents = Contents("""{"reasoning_content":"\ude80a\ud83d","content":"b\ud83d\ude80 \ud83d"}""");

        Assert.Equal("\ufffda\ufffd", Assert.IsType<TextReasoningContent>(contents[0]).Text);
        Assert.Equal("b\U0001f680 \ufffd", Assert.IsType<TextContent>(contents[1]).Text);
    }

    [Fact]
    public void ToResponse_DeltaInPlaceOfMessage_IsTaken()
    {
        Assert.Equal("A", Map("""{"choices":[{"delta":{"content":"A"},"finish_reason":"stop"}]}""").Text);
    }

    private static IList<AIContent> Contents(string message)
    {
        return Map($$"""{"choices":[{"message":{{message}},"finish_reason":"stop"}]}""").Messages[0].Contents;
    }

    private static ChatResponse Map(string json)
    {
        return ResponseMapper.ToResponse(JsonSerializer.Deserialize(json, QwenJsonContext.Wire.WireAnswer)!);
    }
}
