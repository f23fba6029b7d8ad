using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Mapping.Tools;

public class HostedToolsTests
{
    [Fact]
    public void WebSearch_IsASwitchAndItsOptions()
    {
        var search = new HostedWebSearchTool(
            new Dictionary<string, object?>
            {
                ["search_strategy"] = "max",
                ["assigned_site_list"] = new[] { "a.cn", "b.cn" },
                ["freshness"] = 30,
                ["ForeignNote"] = "not for the service",
            }
        );

        JsonAssert.Equal(
            """{"enable_search":true,"search_options":{"search_strategy":"max","assigned_site_list":["a.cn","b.cn"],"freshness":30}}""",
            Requests.MapOptions(new ChatOptions { Tools = [search] })
        );
    }

    [Fact]
    public void WebSearch_BesideFunctions_IsNoFunction()
    {
        var options = new ChatOptions
        {
            Tools = [new HostedWebSearchTool(), Requests.Tool()],
            ToolMode = ChatToolMode.Auto,
        };

        var sent = JsonAssert.Element(Requests.MapOptions(options));

        Assert.Equal(1, sent.GetProperty("tools").GetArrayLength());
        Assert.True(sent.GetProperty("enable_search").GetBoolean());
        Assert.Equal("auto", sent.GetProperty("tool_choice").GetString());
    }

    [Theory]
    [InlineData(null, """{"enable_search":true,"search_options":{"forced_search":true}}""")]
    [InlineData(
        "turbo",
        """{"enable_search":true,"search_options":{"search_strategy":"turbo","forced_search":true}}"""
    )]
    public void WebSearch_AloneAndRequired_IsForced(string? strategy, string expected)
    {
        var search = strategy is null
            ? new HostedWebSearchTool()
            : new HostedWebSearchTool(new Dictionary<string, object?> { ["search_strategy"] = strategy });

        JsonAssert.Equal(
            expected,
            Requests.MapOptions(new ChatOptions { Tools = [search], ToolMode = ChatToolMode.RequireAny })
        );
    }

    [Fact]
    public void WebSearch_Required_KeepsTheOptionsGivenByName()
    {
        var options = new ChatOptions
        {
            Tools = [new HostedWebSearchTool()],
            ToolMode = ChatToolMode.RequireAny,
            AdditionalProperties = new()
            {
                ["search_options"] = new Dictionary<string, object?> { ["search_strategy"] = "max" },
            },
        };

        JsonAssert.Equal(
            """{"enable_search":true,"search_options":{"search_strategy":"max","forced_search":true}}""",
            Requests.MapOptions(options)
        );
    }

    [Fact]
    public void WhatTheCallerSet_Stands()
    {
        var options = new ChatOptions
        {
            Tools = [new HostedWebSearchTool()],
            RawRepresentationFactory = static _ => new QwenChatRequest { EnableSearch = false },
        };

        JsonAssert.Equal("""{"enable_search":false}""", Requests.MapOptions(options));
    }

    [Fact]
    public void CodeInterpreter_IsASwitch()
    {
        JsonAssert.Equal(
            """{"enable_code_interpreter":true}""",
            Requests.MapOptions(new ChatOptions { Tools = [new HostedCodeInterpreterTool()] })
        );
    }

    [Fact]
    public void CodeInterpreter_WithFiles_IsRefused()
    {
        var tool = new HostedCodeInterpreterTool { Inputs = [new HostedFileContent("f")] };

        var e = Assert.Throws<NotSupportedException>(() => Requests.MapOptions(new ChatOptions { Tools = [tool] }));

        Assert.Contains("Inputs", e.Message, StringComparison.Ordinal);
    }
}
