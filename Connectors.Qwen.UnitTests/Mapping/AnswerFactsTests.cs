using Connectors.Qwen.Mapping;
using Connectors.Qwen.UnitTests.Testing;

namespace Connectors.Qwen.UnitTests.Mapping;

public class AnswerFactsTests
{
    [Theory]
    [InlineData(null, false, null)]
    [InlineData("", false, null)]
    [InlineData(" ", false, null)]
    [InlineData("\n", true, null)]
    [InlineData("null", false, null)]
    [InlineData("null", true, null)]
    [InlineData("stop", false, "stop")]
    [InlineData("stop", true, "tool_calls")]
    [InlineData("length", false, "length")]
    [InlineData("length", true, "length")]
    [InlineData("tool_calls", false, "tool_calls")]
    [InlineData("function_call", true, "tool_calls")]
    [InlineData("content_filter", false, "content_filter")]
    [InlineData("new_reason", false, "new_reason")]
    public void FinishReason_OfTheServer_IsThePortableOne(string? reason, bool hasToolCalls, string? expected)
    {
        Assert.Equal(expected, AnswerFacts.FinishReason(reason, hasToolCalls)?.Value);
    }

    [Fact]
    public void Usage_AllMembers_AreCounted()
    {
        const string Json = """
            {"choices":[],"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,
             "prompt_tokens_details":{"cached_tokens":30,"cache_creation_input_tokens":20,"image_tokens":10,
              "video_tokens":11,"audio_tokens":12,"text_tokens":13},
             "completion_tokens_details":{"reasoning_tokens":40,"audio_tokens":5,"text_tokens":6},
             "plugins":{"search":{"count":2}}}}
            """;

        var usage = AnswerFacts.Usage(Chunks.Read(Json).Rare!.Usage)!;

        Assert.Equal((100L, 50L, 150L), (usage.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount));
        Assert.Equal((30L, 40L), (usage.CachedInputTokenCount, usage.ReasoningTokenCount));
        Assert.Equal(
            new SortedDictionary<string, long>
            {
                ["cache_creation_input_tokens"] = 20,
                ["input_text_tokens"] = 13,
                ["output_text_tokens"] = 6,
                ["searches"] = 2,
                ["image_tokens"] = 10,
                ["input_audio_tokens"] = 12,
                ["output_audio_tokens"] = 5,
                ["video_tokens"] = 11,
            },
            new SortedDictionary<string, long>(usage.AdditionalCounts!)
        );
    }

    [Fact]
    public void Usage_FewMembers_InventsNothing()
    {
        var usage = AnswerFacts.Usage(Chunks.Read("""{"usage":{"prompt_tokens":7,"cached_tokens":3}}""").Rare!.Usage)!;

        Assert.Equal((7L, null, null), (usage.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount));
        Assert.Equal((3L, null), (usage.CachedInputTokenCount, usage.ReasoningTokenCount));
        Assert.Null(usage.AdditionalCounts);
    }

    [Fact]
    public void Usage_TotalLeftOut_IsTheSum()
    {
        var usage = AnswerFacts.Usage(
            Chunks.Read("""{"usage":{"prompt_tokens":7,"completion_tokens":3}}""").Rare!.Usage
        )!;

        Assert.Equal(10, usage.TotalTokenCount);
    }

    [Fact]
    public void Usage_CountsOfZero_AreNotListed()
    {
        var usage = AnswerFacts.Usage(
            Chunks.Read("""{"usage":{"prompt_tokens_details":{"cached_tokens":0,"image_tokens":0}}}""").Rare!.Usage
        )!;

        Assert.Equal(0, usage.CachedInputTokenCount);
        Assert.Null(usage.AdditionalCounts);
    }

    [Fact]
    public void Usage_None_IsNull()
    {
        Assert.Null(AnswerFacts.Usage(null));
    }
}
