using System.Text.Json;
using Connectors.Qwen.Client;
using Connectors.Qwen.Errors;

namespace Connectors.Qwen.UnitTests.Client.Models;

public sealed class AdaptationPlanTests
{
    private static readonly JsonElement Required = JsonElement.Parse("\"required\"");
    private static readonly JsonElement ByName = JsonElement.Parse("""{"type":"function","function":{"name":"f"}}""");
    private static readonly JsonElement Auto = JsonElement.Parse("\"auto\"");
    private static readonly JsonElement JsonMode = JsonElement.Parse("""{"type":"json_object"}""");

    [Fact]
    public void Adapt_ModelThatAlwaysThinks_IsNotToldNotTo()
    {
        var request = new QwenChatRequest { EnableThinking = false, ToolChoice = Auto };

        Assert.Equal(["enable_thinking"], Adapt(request, new() { AlwaysThinks = true }));
        Assert.Null(request.EnableThinking);
    }

    // The rest of an answer with thought is refused, too: there is no such request.
    [Fact]
    public void Adapt_RestOfAnAnswerOfAModelThatAlwaysThinks_IsLeftToTheRefusal()
    {
        var request = new QwenChatRequest { EnableThinking = false };

        Assert.Empty(AdaptationPlan.Adapt(new() { AlwaysThinks = true }, request, static _ => false, mayThink: false));
        Assert.False(request.EnableThinking);
    }

    [Fact]
    public void Adapt_ModelThatAlwaysThinksAndIsToThink_IsTold()
    {
        var request = new QwenChatRequest { EnableThinking = true };

        Assert.Empty(Adapt(request, new() { AlwaysThinks = true }));
        Assert.True(request.EnableThinking);
    }

    // Without the parameter it would refuse the tool choice instead: no request of the kind is taken.
    [Fact]
    public void Adapt_ModelThatAlwaysThinksAndAForcedTool_IsLeftToTheRefusal()
    {
        foreach (var choice in (JsonElement[])[Required, ByName])
        {
            var request = new QwenChatRequest { EnableThinking = false, ToolChoice = choice };

            Assert.Empty(Adapt(request, new() { AlwaysThinks = true, NoForcedToolInThought = true }));
            Assert.False(request.EnableThinking);
        }
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(true, "high")]
    [InlineData(true, null)]
    public void Adapt_ForcedTool_SwitchesThinkingOff(bool? thinking, string? effort)
    {
        foreach (var choice in (JsonElement[])[Required, ByName])
        {
            var request = new QwenChatRequest
            {
                EnableThinking = thinking,
                ReasoningEffort = effort,
                ToolChoice = choice,
            };

            Assert.Equal(["enable_thinking"], Adapt(request, new() { NoForcedToolInThought = true }));
            Assert.Equal((false, null), (request.EnableThinking, request.ReasoningEffort));
        }
    }

    [Fact]
    public void Adapt_JsonMode_SwitchesThinkingOff()
    {
        var request = new QwenChatRequest { ResponseFormat = JsonMode };

        Assert.Equal(["enable_thinking"], Adapt(request, new() { FormsWithoutThought = ["json_object"] }));
        Assert.False(request.EnableThinking);
    }

    [Fact]
    public void Adapt_FormThatWasNotRefused_Thinks()
    {
        var request = new QwenChatRequest { ResponseFormat = JsonElement.Parse("""{"type":"json_schema"}""") };

        Assert.Empty(Adapt(request, new() { FormsWithoutThought = ["json_object"] }));
        Assert.Equal(
            ["enable_thinking"],
            Adapt(request, new() { FormsWithoutThought = ["json_object", "json_schema"] })
        );
    }

    [Fact]
    public void Adapt_NeitherForcedNorJson_Thinks()
    {
        var request = new QwenChatRequest
        {
            EnableThinking = true,
            ToolChoice = Auto,
            ResponseFormat = JsonElement.Parse("""{"type":"text"}"""),
        };

        Assert.Empty(Adapt(request, new() { NoForcedToolInThought = true, FormsWithoutThought = ["json_object"] }));
        Assert.True(request.EnableThinking);
    }

    [Fact]
    public void Adapt_WhatOneExclusionIs_IsNotTheOther()
    {
        Assert.Empty(Adapt(new() { ResponseFormat = JsonMode }, new() { NoForcedToolInThought = true }));
        Assert.Empty(Adapt(new() { ToolChoice = Required }, new() { FormsWithoutThought = ["json_object"] }));
    }

    [Fact]
    public void Adapt_ThinkingThatIsOffAlready_IsNoChange()
    {
        var request = new QwenChatRequest { EnableThinking = false, ToolChoice = Required };

        Assert.Empty(Adapt(request, new() { NoForcedToolInThought = true }));
    }

    [Fact]
    public void Adapt_ForcedToolOfAModelWithoutTheSwitch_IsLeftToTheRefusal()
    {
        var request = new QwenChatRequest { ToolChoice = Required };

        Assert.Empty(Adapt(request, new() { NoForcedToolInThought = true, Unknown = ["enable_thinking"] }));
        Assert.Null(request.EnableThinking);
    }

    [Theory]
    [InlineData("medium", "low high max", "high")]
    [InlineData("xhigh", "low high max", "max")]
    [InlineData("xhigh", "none minimal low", "low")]
    [InlineData("low", "high medium", "medium")]
    [InlineData("low", "none", null)]
    [InlineData("low", "", null)]
    [InlineData("deep", "low", null)]
    public void Adapt_Effort_TakesTheNextWord(string effort, string words, string? expected)
    {
        var request = new QwenChatRequest { EnableThinking = true, ReasoningEffort = effort };
        var lessons = new ModelLessons { EffortWords = words.Split(' ', StringSplitOptions.RemoveEmptyEntries) };

        Assert.Equal(["reasoning_effort"], Adapt(request, lessons));
        Assert.Equal((true, expected), (request.EnableThinking, request.ReasoningEffort));
    }

    [Fact]
    public void Adapt_EffortThatIsTaken_Stays()
    {
        var request = new QwenChatRequest { ReasoningEffort = "low" };

        Assert.Empty(Adapt(request, new() { EffortWords = ["low", "high"] }));
        Assert.Empty(Adapt(new(), new() { EffortWords = ["low", "high"] }));
        Assert.Equal("low", request.ReasoningEffort);
    }

    [Fact]
    public void Adapt_UnknownParameters_AreLeftOut()
    {
        var request = Whole();

        Assert.Equal(ModelLessons.Dispensable, Adapt(request, new() { Unknown = ModelLessons.Dispensable }));
        Assert.Equal(
            (null, null, null, null),
            (request.EnableThinking, request.ReasoningEffort, request.ParallelToolCalls, request.StreamOptions)
        );
        Assert.Empty(Adapt(request, new() { Unknown = ModelLessons.Dispensable }));
    }

    // What the caller says by its own name is never changed.
    [Theory]
    [InlineData("enable_thinking", "")]
    [InlineData("reasoning_effort", "")]
    [InlineData("thinking_budget", "")]
    [InlineData("", "enable_thinking, reasoning_effort, parallel_tool_calls, stream_options")]
    public void Adapt_WhatTheCallerGave_Stays(string given, string changed)
    {
        var forced = new QwenChatRequest { EnableThinking = true, ToolChoice = Required };
        var without = given.Length > 0 ? (bool?)true : false;

        Adapt(forced, new() { NoForcedToolInThought = true }, given);
        Assert.Equal(without, forced.EnableThinking);

        var request = Whole();
        var names = Adapt(request, new() { Unknown = ModelLessons.Dispensable }, given);
        Assert.DoesNotContain(given, names);
        Assert.True(changed.Length == 0 || string.Join(", ", names) == changed);
    }

    [Fact]
    public void Adapt_EnableThinkingAndEffortOfTheCaller_Stay()
    {
        var off = new QwenChatRequest { EnableThinking = false };
        var effort = new QwenChatRequest { ReasoningEffort = "medium" };

        Assert.Empty(Adapt(off, new() { AlwaysThinks = true }, "enable_thinking"));
        Assert.Empty(Adapt(effort, new() { EffortWords = ["low"] }, "reasoning_effort"));
        Assert.Equal((false, "medium"), (off.EnableThinking, effort.ReasoningEffort));
    }

    [Fact]
    public void With_EachLesson_IsAddedOnce()
    {
        var lessons = ModelLessons.None;
        foreach (
            var refusal in (ModelRefusal[])
                [
                    new(ModelLesson.AlwaysThinks, ""),
                    new(ModelLesson.NoForcedToolInThought, ""),
                    new(ModelLesson.NoJsonInThought, "", "json_object"),
                    new(ModelLesson.EffortWords, "", "reasoning_effort", ["low", "high"]),
                    new(ModelLesson.UnknownParameter, "", "parallel_tool_calls"),
                ]
        )
        {
            var more = lessons.With(refusal);
            Assert.NotSame(lessons, more);
            Assert.Same(more, more.With(refusal));
            lessons = more;
        }

        Assert.Equal(
            (true, true, true, "low high", "parallel_tool_calls"),
            (
                lessons.AlwaysThinks,
                lessons.NoForcedToolInThought,
                lessons.FormsWithoutThought.Contains("json_object"),
                string.Join(' ', lessons.EffortWords!),
                string.Join(' ', lessons.Unknown)
            )
        );
    }

    [Fact]
    public void With_ListsInTurn_LeavesWhatBothTake()
    {
        var lessons = ModelLessons
            .None.With(new(ModelLesson.EffortWords, "", "reasoning_effort", ["low", "high", "max"]))
            .With(new(ModelLesson.EffortWords, "", "reasoning_effort", ["low", "medium", "high"]));

        Assert.Equal(["low", "high"], lessons.EffortWords);
    }

    [Fact]
    public void With_WhatIsNobodysToLeaveOut_TeachesNothing()
    {
        Assert.Same(ModelLessons.None, ModelLessons.None.With(new(ModelLesson.UnknownParameter, "", "enable_search")));
        Assert.Same(ModelLessons.None, ModelLessons.None.With(new(ModelLesson.None, "")));
    }

    private static QwenChatRequest Whole()
    {
        return new QwenChatRequest
        {
            EnableThinking = true,
            ReasoningEffort = "high",
            ParallelToolCalls = true,
            StreamOptions = new() { IncludeUsage = true },
        };
    }

    private static IReadOnlyList<string> Adapt(QwenChatRequest request, ModelLessons lessons, string given = "")
    {
        return AdaptationPlan.Adapt(lessons, request, name => name == given);
    }
}
