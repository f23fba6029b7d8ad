using System.Text.Json;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Mapping;

public class ToolMapperTests
{
    private const string Tools = """
        "tools":[{"type":"function","function":{"name":"f","description":"Does f.",
          "parameters":{"type":"object","properties":{"a":{"type":"integer"}}}}}]
        """;

    public static TheoryData<ChatToolMode?, string> Modes =>
        new()
        {
            { null, "" },
            { ChatToolMode.Auto, ",\"tool_choice\":\"auto\"" },
            { ChatToolMode.None, ",\"tool_choice\":\"none\"" },
            { ChatToolMode.RequireAny, ",\"tool_choice\":\"required\",\"enable_thinking\":false" },
            {
                ChatToolMode.RequireSpecific("f"),
                ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}},\"enable_thinking\":false"
            },
        };

    [Theory]
    [MemberData(nameof(Modes))]
    public void Fill_ToolMode_IsTheChoice(ChatToolMode? mode, string expected)
    {
        var options = new ChatOptions { Tools = [Requests.Tool()], ToolMode = mode };

        JsonAssert.Equal($"{{{Tools}{expected}}}", Requests.MapOptions(options));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fill_AllowMultipleToolCalls_IsParallelToolCalls(bool allow)
    {
        var options = new ChatOptions { Tools = [Requests.Tool()], AllowMultipleToolCalls = allow };

        JsonAssert.Equal(
            $$"""{{{Tools}},"parallel_tool_calls":{{(allow ? "true" : "false")}}}""",
            Requests.MapOptions(options)
        );
    }

    [Fact]
    public void Fill_ThinkingSetByTheCaller_StaysWithAForcedChoice()
    {
        var options = new ChatOptions
        {
            RawRepresentationFactory = _ => new QwenChatRequest { EnableThinking = true },
            Tools = [Requests.Tool()],
            ToolMode = ChatToolMode.RequireAny,
        };

        JsonAssert.Equal(
            $$"""{{{Tools}},"tool_choice":"required","enable_thinking":true}""",
            Requests.MapOptions(options)
        );
    }

    [Fact]
    public void Fill_RawChoice_WinsOverTheMode()
    {
        var options = new ChatOptions
        {
            RawRepresentationFactory = _ => new QwenChatRequest
            {
                ToolChoice = JsonAssert.Element("\"auto\""),
                ParallelToolCalls = false,
            },
            Tools = [Requests.Tool()],
            ToolMode = ChatToolMode.None,
            AllowMultipleToolCalls = true,
        };

        JsonAssert.Equal(
            $$"""{{{Tools}},"tool_choice":"auto","parallel_tool_calls":false}""",
            Requests.MapOptions(options)
        );
    }

    [Fact]
    public void Fill_SeveralTools_KeepTheirOrder()
    {
        var options = new ChatOptions { Tools = [Requests.Tool("b"), Requests.Tool("a"), Requests.Tool("c")] };

        using var request = JsonDocument.Parse(Requests.MapOptions(options));

        // The order is part of the cached prefix.
        var names = request.RootElement.GetProperty("tools").EnumerateArray().Select(Name);
        Assert.Equal(["b", "a", "c"], names);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Fill_NoDescription_IsNotSent(string? description)
    {
        using var request = JsonDocument.Parse(
            Requests.MapOptions(new ChatOptions { Tools = [Requests.Tool(description: description)] })
        );

        var function = request.RootElement.GetProperty("tools")[0].GetProperty("function");
        Assert.False(function.TryGetProperty("description", out _));
    }

    [Fact]
    public void Fill_StrictFunction_IsSentStrict()
    {
        var options = new ChatOptions { Tools = [new StrictFunction()] };

        JsonAssert.Equal(
            """{"tools":[{"type":"function","function":{"name":"strict_one","parameters":{},"strict":true}}]}""",
            Requests.MapOptions(options)
        );
    }

    [Fact]
    public void Fill_ToolThatIsNoFunction_IsRefusedByName()
    {
        var options = new ChatOptions { Tools = [new HostedFileSearchTool()] };

        var e = Assert.Throws<NotSupportedException>(() => Requests.MapOptions(options));

        Assert.Contains(nameof(HostedFileSearchTool), e.Message);
    }

    private static string? Name(JsonElement tool)
    {
        return tool.GetProperty("function").GetProperty("name").GetString();
    }

    private sealed class StrictFunction : AIFunctionDeclaration
    {
        public override string Name => "strict_one";

        public override JsonElement JsonSchema => JsonAssert.Element("{}");

        public override IReadOnlyDictionary<string, object?> AdditionalProperties =>
            new Dictionary<string, object?> { ["strict"] = true };
    }
}
