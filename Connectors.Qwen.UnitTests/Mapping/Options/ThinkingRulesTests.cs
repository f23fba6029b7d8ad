using System.Text.Json;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Mapping.Options;

public class ThinkingRulesTests
{
    [Theory]
    [InlineData("qwen3.8-max", ReasoningEffort.Low, "low")]
    [InlineData("qwen3.8-max", ReasoningEffort.ExtraHigh, "xhigh")]
    [InlineData("deepseek-v4-pro", ReasoningEffort.Medium, "medium")]
    [InlineData("glm-5.3", ReasoningEffort.Medium, "high")]
    [InlineData("ZhipuAI/GLM-5.3", ReasoningEffort.ExtraHigh, "max")]
    [InlineData("glm-4.5-air", ReasoningEffort.High, null)]
    public void Effort_IsSaidInTheWordsOfTheFamily(string model, ReasoningEffort effort, string? word)
    {
        var sent = Sent(
            new ChatOptions
            {
                ModelId = model,
                Reasoning = new() { Effort = effort },
            }
        );

        Assert.Equal("true", Member(sent, "enable_thinking"));
        Assert.Equal(word is null ? null : $"\"{word}\"", Member(sent, "reasoning_effort"));
    }

    [Fact]
    public void EffortNone_SwitchesThinkingOff()
    {
        var sent = Sent(new ChatOptions { Reasoning = new() { Effort = ReasoningEffort.None } });

        Assert.Equal("false", Member(sent, "enable_thinking"));
        Assert.Null(Member(sent, "reasoning_effort"));
    }

    [Theory]
    [InlineData(null, "high", ReasoningEffort.None, null)]
    [InlineData(100, null, ReasoningEffort.High, "true")]
    [InlineData(null, "high", ReasoningEffort.Low, "true")]
    // A limit is no wish: a forced choice excludes thinking where nobody asks for it.
    [InlineData(100, null, ReasoningEffort.None, "false")]
    [InlineData(100, null, null, "false")]
    public void WhatTheRawRequestSays_Stands(int? budget, string? word, ReasoningEffort? effort, string? expected)
    {
        var options = new ChatOptions
        {
            Reasoning = new() { Effort = effort },
            Tools = [Requests.Tool()],
            ToolMode = ChatToolMode.RequireAny,
            RawRepresentationFactory = _ => new QwenChatRequest { ThinkingBudget = budget, ReasoningEffort = word },
        };

        var sent = Sent(options);

        Assert.Equal(expected, Member(sent, "enable_thinking"));
        Assert.Equal(budget is null ? null : "100", Member(sent, "thinking_budget"));
        Assert.Equal(word is null ? null : "\"high\"", Member(sent, "reasoning_effort"));
    }

    [Theory]
    [InlineData(ReasoningEffort.High, "enable_thinking", false, "false", null)]
    [InlineData(ReasoningEffort.None, "enable_thinking", true, "true", null)]
    [InlineData(ReasoningEffort.High, "enable_thinking", true, "true", "\"high\"")]
    [InlineData(ReasoningEffort.High, "reasoning_effort", "low", "true", "\"low\"")]
    [InlineData(ReasoningEffort.None, "reasoning_effort", "low", null, "\"low\"")]
    public void WhatIsGivenByName_GoesBeforeThePortableWish(
        ReasoningEffort effort,
        string name,
        object value,
        string? thinking,
        string? word
    )
    {
        var sent = Sent(
            new ChatOptions
            {
                Reasoning = new() { Effort = effort },
                AdditionalProperties = new() { [name] = value },
            }
        );

        Assert.Equal(thinking, Member(sent, "enable_thinking"));
        Assert.Equal(word, Member(sent, "reasoning_effort"));
    }

    [Fact]
    public void EffortNone_BesideABudgetGivenByName_SwitchesThinkingOff()
    {
        var sent = Sent(
            new ChatOptions
            {
                Reasoning = new() { Effort = ReasoningEffort.None },
                AdditionalProperties = new() { ["thinking_budget"] = 100 },
            }
        );

        Assert.Equal("false", Member(sent, "enable_thinking"));
    }

    // What the service refuses with thinking, and where open models think unless they are told not to.
    [Theory]
    [InlineData("qwen3-max", "none", false, null)]
    [InlineData("qwen3-max", "required", false, "false")]
    [InlineData("qwen3-max", "named", true, "false")]
    [InlineData("qwen3-max", "n", false, "false")]
    [InlineData("qwen3-max", "json", true, null)]
    [InlineData("qwen3-8b", "none", false, null)]
    [InlineData("qwen3-8b", "json", false, "false")]
    [InlineData("qwen3-0.6b", "json", true, "false")]
    [InlineData("Qwen/Qwen3-235B-A22B", "json", false, "false")]
    [InlineData("qwen3-235b-a22b", "json", true, "false")]
    [InlineData("qwen3-235b-a22b-thinking-2507", "json", false, null)]
    [InlineData("qwen3-30b-a3b-instruct-2507", "json", false, null)]
    public void NobodySaidWhether_IsSaidOnlyWhereTheServiceWouldRefuse(
        string model,
        string what,
        bool isStream,
        string? expected
    )
    {
        var options = new ChatOptions
        {
            ModelId = model,
            Tools = what is "required" or "named" ? [Requests.Tool()] : null,
            ToolMode =
                what == "required" ? ChatToolMode.RequireAny
                : what == "named" ? ChatToolMode.RequireSpecific("f")
                : null,
            AdditionalProperties = what == "n" ? new() { ["n"] = 2 } : null,
            ResponseFormat = what == "json" ? ChatResponseFormat.Json : null,
        };

        Assert.Equal(expected, Member(Sent(options, isStream), "enable_thinking"));
    }

    [Fact]
    public void APrefixToGoOnWith_IsNotThoughtAbout()
    {
        var prefix = new ChatMessage(ChatRole.Assistant, "Once")
        {
            AdditionalProperties = new() { ["partial"] = true },
        };

        using var sent = JsonDocument.Parse(Requests.Map(null, isStream: true, new(ChatRole.User, "Hi"), prefix));

        Assert.Equal("false", Member(sent.RootElement, "enable_thinking"));
        Assert.True(sent.RootElement.GetProperty("messages")[1].GetProperty("partial").GetBoolean());
    }

    public static TheoryData<string, object> Said =>
        new()
        {
            { "enable_thinking", true },
            { "reasoning_effort", "high" },
            {
                "thinking",
                new Dictionary<string, object?> { ["type"] = "enabled" }
            },
            {
                "chat_template_kwargs",
                new Dictionary<string, object?> { ["enable_thinking"] = true }
            },
        };

    [Theory, MemberData(nameof(Said))]
    public void WhatTheCallerSaid_IsNotChanged(string name, object value)
    {
        var sent = Sent(
            new ChatOptions
            {
                ModelId = "qwen3-8b",
                Tools = [Requests.Tool()],
                ToolMode = ChatToolMode.RequireAny,
                AdditionalProperties = new() { [name] = value },
            }
        );

        Assert.Equal(name == "enable_thinking" ? "true" : null, Member(sent, "enable_thinking"));
        Assert.NotNull(Member(sent, name));
    }

    private static JsonElement Sent(ChatOptions options, bool isStream = false)
    {
        using var request = JsonDocument.Parse(Requests.Map(options, isStream, new ChatMessage(ChatRole.User, "Hi")));
        return request.RootElement.Clone();
    }

    private static string? Member(JsonElement json, string name)
    {
        return json.TryGetProperty(name, out var value) ? value.GetRawText() : null;
    }
}
