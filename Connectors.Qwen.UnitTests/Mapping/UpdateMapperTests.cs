using Connectors.Qwen.Mapping;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Mapping;

public class UpdateMapperTests
{
    private const string First = """
        {"id":"chatcmpl-1","created":1770764942,"model":"m","choices":[{"index":0,
         "delta":{"role":"assistant","content":"","reasoning_content":""},"finish_reason":null}],"usage":null}
        """;

    private const string Stop = """{"choices":[{"delta":{"content":""},"finish_reason":"stop","index":0}]}""";

    private const string Usage = """
        {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16}}
        """;

    [Fact]
    public void Map_WholeStream_ComesTogetherAsOneMessage()
    {
        var mapper = new UpdateMapper();

        var response = Play(mapper, First, Reasoning("think"), Text("Hel"), Text("lo"), Stop, Usage).ToChatResponse();

        var message = Assert.Single(response.Messages);
        Assert.Equal("think", Assert.IsType<TextReasoningContent>(message.Contents[0]).Text);
        Assert.Equal("Hello", Assert.IsType<TextContent>(message.Contents[1]).Text);
        Assert.Equal(2, message.Contents.Count);
        Assert.Equal(("chatcmpl-1", "chatcmpl-1", "m"), (response.ResponseId, message.MessageId, response.ModelId));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1770764942), response.CreatedAt);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal(16, response.Usage?.TotalTokenCount);
    }

    [Fact]
    public void Map_EachUpdate_CarriesTheSameIds()
    {
        var updates = Play(new UpdateMapper(), First, Text("Hel"), Text("lo"), Stop);

        Assert.All(
            updates,
            u => Assert.Equal(("chatcmpl-1", "m", ChatRole.Assistant), (u.ResponseId, u.ModelId, u.Role))
        );
        // The last one tells of the response, not of the message.
        Assert.Equal(["chatcmpl-1", "chatcmpl-1", "chatcmpl-1", null], updates.Select(u => u.MessageId));
    }

    [Theory]
    [InlineData(First)]
    [InlineData(Stop)]
    [InlineData(Usage)]
    [InlineData("""{"choices":[{"delta":{}}]}""")]
    public void Map_NothingToShow_IsNull(string data)
    {
        Assert.Null(new UpdateMapper().Map(Chunks.Read(data)));
    }

    [Fact]
    public void Map_ReasoningAndTextInOneChunk_AreInTheirOrder()
    {
        var update = new UpdateMapper().Map(
            Chunks.Read("""{"choices":[{"delta":{"content":"Hi","reasoning_content":"think"}}]}""")
        )!;

        Assert.Equal("think", Assert.IsType<TextReasoningContent>(update.Contents[0]).Text);
        Assert.Equal("Hi", Assert.IsType<TextContent>(update.Contents[1]).Text);
    }

    [Fact]
    public void Map_Refusal_IsAnError()
    {
        var update = new UpdateMapper().Map(Chunks.Read("""{"choices":[{"delta":{"refusal":"I cannot."}}]}"""))!;

        Assert.Equal("Refusal", Assert.IsType<ErrorContent>(Assert.Single(update.Contents)).ErrorCode);
    }

    [Fact]
    public void Map_SeveralAnswers_AreNotMixed()
    {
        var updates = Play(
            new UpdateMapper(),
            """{"id":"r","choices":[{"index":0,"delta":{"content":"Hel"}}]}""",
            """{"id":"r","choices":[{"index":1,"delta":{"content":"Wor"}}]}""",
            """{"id":"r","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}""",
            """{"id":"r","choices":[{"index":1,"delta":{"content":"ld"},"finish_reason":"stop"}]}"""
        );

        Assert.Equal("Hello", updates.ToChatResponse().Messages[0].Text);
    }

    [Fact]
    public void Finish_ToolCalls_AreHandedOutOnceAtTheEnd()
    {
        var mapper = new UpdateMapper();

        var updates = Play(
            mapper,
            """{"id":"r","choices":[{"delta":{"content":null,"tool_calls":[{"index":0,"id":"c1","function":{"name":"f","arguments":"{}"}}]}}]}""",
            """{"choices":[{"finish_reason":"tool_calls","delta":{},"index":0}]}""",
            Usage
        );

        // The piece shows nothing, but says that something came.
        Assert.Empty(updates[0].Contents);
        var call = Assert.IsType<FunctionCallContent>(Assert.Single(updates[1].Contents));
        Assert.Equal(("c1", "f", ChatFinishReason.ToolCalls), (call.CallId, call.Name, updates[1].FinishReason!.Value));
        Assert.Equal(3, updates.Count);
    }

    [Fact]
    public void Finish_StopAlthoughThereAreCalls_SaysToolCalls()
    {
        var mapper = new UpdateMapper();
        mapper.Map(Chunks.Read("""{"choices":[{"delta":{"tool_calls":[{"id":"c1","function":{"name":"f"}}]}}]}"""));
        mapper.Map(Chunks.Read(Stop));

        Assert.Equal(ChatFinishReason.ToolCalls, mapper.Finish().FinishReason);
    }

    [Theory]
    [InlineData("null", false)]
    [InlineData("\"\"", false)]
    [InlineData("\"null\"", false)]
    [InlineData("\"stop\"", true)]
    [InlineData("\"length\"", true)]
    [InlineData("\"new_reason\"", true)]
    public void IsFinished_FinishReason_Decides(string reason, bool expected)
    {
        var mapper = new UpdateMapper();
        mapper.Map(Chunks.Read(Text("Hi")));

        mapper.Map(Chunks.Read($$"""{"choices":[{"delta":{},"finish_reason":{{reason}}}]}"""));

        Assert.Equal(expected, mapper.IsFinished);
    }

    [Fact]
    public void Finish_SecondFinishChunk_ChangesNothing()
    {
        var mapper = new UpdateMapper();
        mapper.Map(Chunks.Read("""{"choices":[{"delta":{"content":"Hi"},"finish_reason":"length"}]}"""));
        mapper.Map(Chunks.Read(Stop));
        mapper.Map(Chunks.Read("""{"choices":[{"delta":{},"finish_reason":null}],"usage":{"total_tokens":1}}"""));

        Assert.Equal(ChatFinishReason.Length, mapper.Finish().FinishReason);
    }

    [Fact]
    public void Facts_UsageOnEachChunk_IsTheLastOne()
    {
        var mapper = new UpdateMapper();
        mapper.Map(Chunks.Read("""{"choices":[{"delta":{"content":"Hi"}}],"usage":{"completion_tokens":1}}"""));
        mapper.Map(Chunks.Read("""{"choices":[{"delta":{"content":"!"}}],"usage":{"completion_tokens":2}}"""));
        mapper.Map(Chunks.Read("""{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":null}"""));

        var usage = Assert.IsType<UsageContent>(Assert.Single(mapper.Facts().Contents));

        Assert.Equal(2, usage.Details.OutputTokenCount);
    }

    [Theory]
    [InlineData("stop", true)]
    [InlineData("tool_calls", true)]
    [InlineData("length", false)]
    [InlineData("content_filter", false)]
    [InlineData("new_reason", false)]
    public void IsEmpty_NothingButAReason_OnlyWhereSomethingWasDue(string reason, bool expected)
    {
        var mapper = new UpdateMapper();

        mapper.Map(Chunks.Read($$"""{"choices":[{"delta":{"content":""},"finish_reason":"{{reason}}"}]}"""));

        Assert.Equal(expected, mapper.IsEmpty);
    }

    [Theory]
    [InlineData("""{"content":"Hi"}""")]
    [InlineData("""{"reasoning_content":"think"}""")]
    [InlineData("""{"refusal":"no"}""")]
    [InlineData("""{"tool_calls":[{"id":"c1","function":{"name":"f"}}]}""")]
    public void IsEmpty_AnythingSaid_IsFalse(string delta)
    {
        var mapper = new UpdateMapper();
        mapper.Map(Chunks.Read($$"""{"choices":[{"delta":{{delta}}}]}"""));
        mapper.Map(Chunks.Read(Stop));

        Assert.False(mapper.IsEmpty);
    }

    private static string Text(string text)
    {
        return $$"""{"choices":[{"delta":{"content":"{{text}}"},"index":0}]}""";
    }

    private static string Reasoning(string text)
    {
        return $$"""{"choices":[{"delta":{"content":null,"reasoning_content":"{{text}}"},"index":0}]}""";
    }

    /// <summary>All updates of a stream, as the client makes them: the first chunk is read whole.</summary>
    private static List<ChatResponseUpdate> Play(UpdateMapper mapper, params string[] chunks)
    {
        var updates = chunks
            .Select((data, i) => mapper.Map(Chunks.Read(data, whole: i == 0)))
            .OfType<ChatResponseUpdate>()
            .ToList();
        updates.Add(mapper.Finish());
        updates.Add(mapper.Facts());
        return updates;
    }
}
