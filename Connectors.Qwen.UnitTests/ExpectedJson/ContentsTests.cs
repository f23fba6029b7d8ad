using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.ExpectedJson;

/// <summary>What messages are made of, on the way out and on the way back.</summary>
public class ContentsTests
{
    [Fact]
    public async Task FunctionCallContent_NonStreaming()
    {
        const string Input = """
            {"messages":[{"role":"user","content":"How old is Alice?"}],"model":"m","tool_choice":"auto",
             "tools":[{"type":"function","function":{"name":"f","description":"Does f.",
              "parameters":{"type":"object","properties":{"a":{"type":"integer"}}}}}]}
            """;
        const string Output = """
            {"id":"r","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[
             {"id":"call_1","type":"function","index":0,"function":{"name":"f","arguments":"{\"personName\":\"Alice\"}"}}]},
             "finish_reason":"tool_calls"}]}
            """;

        var response = await ExchangeTests.ExchangeAsync(Input, Output, WithTool, Question);

        AssertCall(response);
    }

    [Fact]
    public async Task FunctionCallContent_Streaming()
    {
        const string Input = """
            {"messages":[{"role":"user","content":"How old is Alice?"}],"model":"m","tool_choice":"auto",
             "stream":true,"stream_options":{"include_usage":true},
             "tools":[{"type":"function","function":{"name":"f","description":"Does f.",
              "parameters":{"type":"object","properties":{"a":{"type":"integer"}}}}}]}
            """;
        const string Output = """
            data: {"id":"r","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":""}}]}}]}

            data: {"id":"r","choices":[{"index":0,"delta":{"content":null,"tool_calls":[{"index":0,"id":"","function":{"name":null,"arguments":"{\"person"}}]}}]}

            data: {"id":"r","choices":[{"index":0,"delta":{"content":null,"tool_calls":[{"index":0,"id":"","function":{"arguments":"Name\":\"Alice\"}"}}]}}]}

            data: {"id":"r","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

            data: [DONE]


            """;

        var updates = await ExchangeTests.StreamAsync(Input, Output, WithTool, Question);

        AssertCall(updates.ToChatResponse());
    }

    [Fact]
    public async Task AssistantMessageWithBothToolsAndContent_NonStreaming()
    {
        const string Input = """
            {"messages":[{"role":"user","content":"How old is Alice?"},
             {"role":"assistant","content":"I look.","tool_calls":[
              {"id":"c1","type":"function","function":{"name":"age","arguments":"{\"of\":\"Alice\"}"}},
              {"id":"c2","type":"function","function":{"name":"age","arguments":"{}"}}]},
             {"role":"tool","content":"12","tool_call_id":"c1"},
             {"role":"tool","content":"{\"years\":3}","tool_call_id":"c2"}],"model":"m"}
            """;
        var call = new FunctionCallContent("c1", "age", new Dictionary<string, object?> { ["of"] = "Alice" });

        var response = await ExchangeTests.ExchangeAsync(
            Input,
            Answers.Completion,
            null,
            Question,
            new(ChatRole.Assistant, [new TextContent("I look."), call, new FunctionCallContent("c2", "age")]),
            new(
                ChatRole.Tool,
                [
                    new FunctionResultContent("c1", 12),
                    new FunctionResultContent("c2", JsonAssert.Element("""{"years":3}""")),
                ]
            )
        );

        Assert.Equal("Hello", response.Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task DataContentMessage_Image_AdditionalProperty_PixelLimits(bool given)
    {
        var limits = given ? ""","min_pixels":3136,"max_pixels":1003520""" : "";
        var input = $$"""
            {"messages":[{"role":"user","content":[{"type":"text","text":"What is it?"},
             {"type":"image_url","image_url":{"url":"data:image/png;base64,AQID"}{{limits}}}]}],"model":"m"}
            """;
        var image = new DataContent(new byte[] { 1, 2, 3 }, "image/png")
        {
            AdditionalProperties = given ? new() { ["min_pixels"] = 3136, ["max_pixels"] = 1003520 } : null,
        };

        await ExchangeTests.ExchangeAsync(
            input,
            Answers.Completion,
            null,
            new ChatMessage(ChatRole.User, [new TextContent("What is it?"), image])
        );
    }

    [Theory]
    [InlineData("system", "system")]
    [InlineData("user", "user")]
    [InlineData("assistant", "assistant")]
    [InlineData("developer", "system")]
    public async Task ChatMessages_PreserveRole(string role, string sent)
    {
        await ExchangeTests.ExchangeAsync(
            $$"""{"messages":[{"role":"{{sent}}","content":"x"},{"role":"user","content":"y"}],"model":"m"}""",
            Answers.Completion,
            null,
            new(new ChatRole(role), "x"),
            new(ChatRole.User, "y")
        );
    }

    [Fact]
    public async Task ChatMessages_PreserveRole_Tool()
    {
        await ExchangeTests.ExchangeAsync(
            """{"messages":[{"role":"tool","content":"x","tool_call_id":"c"}],"model":"m"}""",
            Answers.Completion,
            null,
            new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c", "x")])
        );
    }

    private static ChatMessage Question => new(ChatRole.User, "How old is Alice?");

    private static ChatOptions WithTool => new() { Tools = [Requests.Tool()], ToolMode = ChatToolMode.Auto };

    private static void AssertCall(ChatResponse response)
    {
        var call = Assert.IsType<FunctionCallContent>(Assert.Single(response.Messages.Single().Contents));
        Assert.Equal(("call_1", "f", "Alice"), (call.CallId, call.Name, call.Arguments!["personName"]?.ToString()));
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
    }
}
