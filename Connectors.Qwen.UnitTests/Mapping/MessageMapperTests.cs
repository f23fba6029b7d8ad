using System.Text.Json;
using Connectors.Qwen.Mapping;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Mapping;

public class MessageMapperTests
{
    [Fact]
    public void ToWire_Instructions_ComeFirst()
    {
        JsonAssert.Equal(
            """
            {"model":"default-model","messages":[{"role":"system","content":"Be brief."},
             {"role":"system","content":"You are a poet."},{"role":"user","content":"Hello"}]}
            """,
            Requests.Map(
                new ChatOptions { Instructions = "Be brief." },
                new ChatMessage(ChatRole.System, "You are a poet."),
                new ChatMessage(ChatRole.User, "Hello")
            )
        );
    }

    [Theory]
    [InlineData("developer", "system")]
    [InlineData("Developer", "system")]
    [InlineData("system", "system")]
    [InlineData("user", "user")]
    [InlineData("assistant", "assistant")]
    [InlineData("critic", "critic")]
    public void ToWire_Role_IsOneTheServiceKnowsOrTheCallersOwn(string role, string expected)
    {
        JsonAssert.Equal(
            $$"""[{"role":"{{expected}}","content":"Hello"}]""",
            Requests.MapMessages(new ChatMessage(new ChatRole(role), "Hello"))
        );
    }

    [Theory]
    [InlineData("user", "ada", """[{"role":"user","content":"Hi","name":"ada"}]""")]
    [InlineData("system", "ada", """[{"role":"system","content":"Hi","name":"ada"}]""")]
    [InlineData("assistant", "agent", """[{"role":"assistant","content":"Hi"}]""")]
    [InlineData("user", "", """[{"role":"user","content":"Hi"}]""")]
    public void ToWire_AuthorName_IsSentExceptForTheAssistant(string role, string author, string expected)
    {
        JsonAssert.Equal(
            expected,
            Requests.MapMessages(new ChatMessage(new ChatRole(role), "Hi") { AuthorName = author })
        );
    }

    [Fact]
    public void ToWire_NoContent_IsTheEmptyText()
    {
        JsonAssert.Equal(
            """[{"role":"user","content":""}]""",
            Requests.MapMessages(new ChatMessage(ChatRole.User, []))
        );
    }

    [Fact]
    public void ToWire_Partial_StandsAtMessageLevel()
    {
        var message = new ChatMessage(ChatRole.Assistant, "Once upon")
        {
            AdditionalProperties = new()
            {
                ["partial"] = true,
                ["Usage"] = new object(),
                ["Id"] = "chatcmpl-1",
            },
        };

        JsonAssert.Equal(
            """[{"role":"assistant","content":"Once upon","partial":true}]""",
            Requests.MapMessages(message)
        );
    }

    [Theory]
    [InlineData("name")]
    [InlineData("reasoning_content")]
    public void ToWire_ExtraFieldOfTheSameNameAsAMember_IsSentOnce(string name)
    {
        var message = new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("thought"), new TextContent("Hi")])
        {
            AdditionalProperties = new() { [name] = "extra" },
        };
        var user = new ChatMessage(ChatRole.User, "Hi")
        {
            AuthorName = "ada",
            AdditionalProperties = new() { [name] = "extra" },
        };
        var options = new ChatOptions { AdditionalProperties = new() { ["preserve_thinking"] = true } };

        using var request = JsonDocument.Parse(Requests.Map(options, message, user));

        Assert.All(
            request.RootElement.GetProperty("messages").EnumerateArray(),
            m => Assert.Single(m.EnumerateObject(), member => member.Name == name)
        );
    }

    [Fact]
    public void ToWire_ToolCalls_AreSentWithTheirArguments()
    {
        var message = new ChatMessage(
            ChatRole.Assistant,
            [
                new FunctionCallContent(
                    "c1",
                    "f",
                    new Dictionary<string, object?> { ["城市"] = "北京", ["days"] = JsonAssert.Element("[1,2]") }
                ),
                new FunctionCallContent("c2", "g"),
            ]
        );

        JsonAssert.Equal(
            """
            [{"role":"assistant","content":null,"tool_calls":[
              {"id":"c1","type":"function","function":{"name":"f","arguments":"{\"城市\":\"北京\",\"days\":[1,2]}"}},
              {"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]}]
            """,
            Requests.MapMessages(message)
        );
    }

    [Fact]
    public void ToWire_ToolCallsWithText_HaveBoth()
    {
        var message = new ChatMessage(
            ChatRole.Assistant,
            [new TextContent("Let me see."), new FunctionCallContent("c1", "f")]
        );

        JsonAssert.Equal(
            """
            [{"role":"assistant","content":"Let me see.",
              "tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]}]
            """,
            Requests.MapMessages(message)
        );
    }

    [Fact]
    public void ToWire_CallThatWasNeverMade_IsNotSent()
    {
        // Its arguments were no JSON, so nobody invoked it; the service refuses a call without a result.
        var broken = ToolCallAssembler.ToContent("c1", "f", "{\"a\":", ChatFinishReason.ToolCalls);
        var message = new ChatMessage(ChatRole.Assistant, [broken, new FunctionCallContent("c2", "g")]);

        JsonAssert.Equal(
            """
            [{"role":"assistant","content":null,
              "tool_calls":[{"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]}]
            """,
            Requests.MapMessages(message)
        );
        JsonAssert.Equal(
            """[{"role":"assistant","content":""}]""",
            Requests.MapMessages(new ChatMessage(ChatRole.Assistant, [broken]))
        );
    }

    [Fact]
    public void ToWire_AssistantWithoutCalls_HasNoToolCallsMember()
    {
        using var messages = JsonDocument.Parse(Requests.MapMessages(new ChatMessage(ChatRole.Assistant, "Hi")));

        Assert.False(messages.RootElement[0].TryGetProperty("tool_calls", out _));
    }

    [Fact]
    public void ToWire_ToolResults_AreOneMessageEach()
    {
        var message = new ChatMessage(
            ChatRole.Tool,
            [new FunctionResultContent("c1", "sunny"), new FunctionResultContent("c2", 21)]
        );

        JsonAssert.Equal(
            """[{"role":"tool","tool_call_id":"c1","content":"sunny"},{"role":"tool","tool_call_id":"c2","content":"21"}]""",
            Requests.MapMessages(message)
        );
    }

    [Fact]
    public void ToWire_ToolMessageWithSomethingElse_IsRefused()
    {
        var message = new ChatMessage(ChatRole.Tool, [new TextContent("sunny")]);

        var e = Assert.Throws<NotSupportedException>(() => Requests.MapMessages(message));

        Assert.Contains(nameof(TextContent), e.Message);
    }

    [Fact]
    public void ToWire_FunctionResultOfAnotherRole_IsRefused()
    {
        var message = new ChatMessage(ChatRole.User, [new FunctionResultContent("c1", "sunny")]);

        var e = Assert.Throws<NotSupportedException>(() => Requests.MapMessages(message));

        Assert.Contains(nameof(FunctionResultContent), e.Message);
    }

    [Fact]
    public void ToWire_ReasoningOfEarlierTurns_IsNotSent()
    {
        JsonAssert.Equal("""[{"role":"assistant","content":"Hi"}]""", Requests.MapMessages(Thoughtful()));
    }

    [Fact]
    public void ToWire_ReasoningToBePreserved_IsSent()
    {
        var options = new ChatOptions { AdditionalProperties = new() { ["preserve_thinking"] = true } };

        JsonAssert.Equal(
            """
            {"model":"default-model","preserve_thinking":true,
             "messages":[{"role":"assistant","content":"Hi","reasoning_content":"First. Then."}]}
            """,
            Requests.Map(options, Thoughtful())
        );
    }

    [Fact]
    public void ToWire_UsageInTheHistory_IsNotSent()
    {
        var message = new ChatMessage(ChatRole.Assistant, [new TextContent("Hi"), new UsageContent(new())]);

        JsonAssert.Equal("""[{"role":"assistant","content":"Hi"}]""", Requests.MapMessages(message));
    }

    [Fact]
    public void ToWire_RefusalOfAnEarlierAnswer_CanBeSentBack()
    {
        // The mapper itself makes this content of an answer's refusal; a chat goes on after one.
        var message = new ChatMessage(ChatRole.Assistant, [new ErrorContent("I cannot.") { ErrorCode = "Refusal" }]);

        JsonAssert.Equal("""[{"role":"assistant","content":"I cannot."}]""", Requests.MapMessages(message));
    }

    private static ChatMessage Thoughtful()
    {
        return new ChatMessage(
            ChatRole.Assistant,
            [new TextReasoningContent("First. "), new TextReasoningContent("Then."), new TextContent("Hi")]
        );
    }
}
