using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Mapping.Options;

public class CacheMarkersTests
{
    [Fact]
    public void MarkedContent_IsAPartWithTheMarker()
    {
        var message = new ChatMessage(ChatRole.User, [new TextContent("A long text").WithQwenCacheControl()]);

        JsonAssert.Equal(
            """[{"role":"user","content":[{"type":"text","text":"A long text","cache_control":{"type":"ephemeral"}}]}]""",
            Requests.MapMessages(message)
        );
    }

    [Fact]
    public void MarkedResultOfATool_IsAPartWithTheMarker()
    {
        var call = new FunctionCallContent("c", "f", new Dictionary<string, object?>());
        const string Marked = """{"type":"text","text":"Long","cache_control":{"type":"ephemeral"}}""";
        foreach (
            var result in new FunctionResultContent[]
            {
                new FunctionResultContent("c", "Long").WithQwenCacheControl(),
                new("c", new TextContent("Long").WithQwenCacheControl()),
                new("c", new List<AIContent> { new TextContent("Long").WithQwenCacheControl() }),
            }
        )
        {
            var messages = JsonAssert.Element(
                Requests.MapMessages(
                    new(ChatRole.User, "Hi"),
                    new(ChatRole.Assistant, [call]),
                    new(ChatRole.Tool, [result])
                )
            );

            JsonAssert.Equal($"[{Marked}]", messages[2].GetProperty("content").GetRawText());
        }
    }

    [Fact]
    public void MarkedResultWithAPicture_TheMarkerStandsAtItsEnd()
    {
        var result = new FunctionResultContent(
            "c",
            new List<AIContent> { new TextContent("Seen:"), new UriContent("https://h/a.png", "image/png") }
        ).WithQwenCacheControl();

        var messages = JsonAssert.Element(
            Requests.MapMessages(
                new(ChatRole.User, "Hi"),
                new(ChatRole.Assistant, [new FunctionCallContent("c", "f")]),
                new(ChatRole.Tool, [result])
            )
        );

        JsonAssert.Equal(
            """
            [{"type":"text","text":"Seen:"},
             {"type":"text","text":"(The content is in the next user message.)","cache_control":{"type":"ephemeral"}}]
            """,
            messages[2].GetProperty("content").GetRawText()
        );
    }

    [Fact]
    public void NotesOnResultsAndFiles_AreNotForTheModel()
    {
        var result = new FunctionResultContent("c", new List<AIContent> { Noted(new TextContent("Long")) });

        JsonAssert.Equal(
            """
            [{"role":"system","content":[{"type":"text","text":"fileid://f-1,fileid://f-2","cache_control":{"type":"ephemeral"}}]},
             {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},
             {"role":"tool","content":"Long","tool_call_id":"c"}]
            """,
            Requests.MapMessages(
                new(
                    ChatRole.User,
                    [new HostedFileContent("f-1").WithQwenCacheControl(), Noted(new HostedFileContent("f-2"))]
                ),
                new(ChatRole.Assistant, [new FunctionCallContent("c", "f")]),
                new(ChatRole.Tool, [Noted(result)])
            )
        );

        static T Noted<T>(T content)
            where T : AIContent
        {
            content.AdditionalProperties = new() { ["duration"] = TimeSpan.FromSeconds(1), ["source"] = "crm" };
            return content;
        }
    }

    [Fact]
    public void MarkedFiles_AreAPartWithTheMarker()
    {
        JsonAssert.Equal(
            """
            [{"role":"system","content":[{"type":"text","text":"fileid://f-1","cache_control":{"type":"ephemeral"}}],"seen":true},
             {"role":"user","content":"Sum up."}]
            """,
            Requests.MapMessages(
                new(ChatRole.User, [new HostedFileContent("f-1").WithQwenCacheControl()])
                {
                    AdditionalProperties = new() { ["seen"] = true },
                },
                new(ChatRole.User, "Sum up.")
            )
        );
    }

    [Fact]
    public void WhatNoMarkerCanStandBehind_IsRefusedAtOnce()
    {
        Assert.Throws<ArgumentException>(
            "content",
            static () => new FunctionCallContent("c", "f").WithQwenCacheControl()
        );
        Assert.Throws<ArgumentException>(
            "content",
            static () => new TextReasoningContent("Hm.").WithQwenCacheControl()
        );
        Assert.Throws<ArgumentException>("content", static () => new UsageContent().WithQwenCacheControl());
    }

    [Fact]
    public void MarkedRequest_ToolsInTheOrderOfTheirNames()
    {
        var marked = new ChatMessage(ChatRole.System, [new TextContent("Rules").WithQwenCacheControl()]);
        var options = new ChatOptions { Tools = [Requests.Tool("b"), Requests.Tool("C"), Requests.Tool("a")] };

        Assert.Equal(["C", "a", "b"], Names(Requests.Map(options, marked, new(ChatRole.User, "Hi"))));
        Assert.Equal(["b", "C", "a"], Names(Requests.Map(options, new ChatMessage(ChatRole.User, "Hi"))));
    }

    [Fact]
    public void MarkedTool_TheMarkerStandsBehindTheLast()
    {
        var options = new ChatOptions { Tools = [Marked("b"), Requests.Tool("a")] };

        var tools = JsonAssert.Element(Requests.MapOptions(options)).GetProperty("tools");

        Assert.Equal("b", tools[1].GetProperty("function").GetProperty("name").GetString());
        Assert.Equal("ephemeral", tools[1].GetProperty("cache_control").GetProperty("type").GetString());
        Assert.False(tools[0].TryGetProperty("cache_control", out _));
    }

    [Fact]
    public void WithQwenCacheControl_Null_IsRefused()
    {
        Assert.Throws<ArgumentNullException>("content", static () => ((TextContent)null!).WithQwenCacheControl());
    }

    private static AIFunction Marked(string name)
    {
        return AIFunctionFactory.Create(
            static () => "",
            new AIFunctionFactoryOptions
            {
                Name = name,
                AdditionalProperties = new Dictionary<string, object?>
                {
                    ["cache_control"] = new Dictionary<string, object?> { ["type"] = "ephemeral" },
                },
                SerializerOptions = Connectors.Qwen.Wire.QwenJsonContext.Wire.Options,
            }
        );
    }

    private static IEnumerable<string?> Names(string request)
    {
        return JsonAssert
            .Element(request)
            .GetProperty("tools")
            .EnumerateArray()
            .Select(static tool => tool.GetProperty("function").GetProperty("name").GetString());
    }
}
