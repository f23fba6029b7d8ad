using Connectors.Qwen.Mapping;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Mapping.Words;

/// <summary>Row C5 within one answer: what becomes of half a character on its way past repeated text, tags and placeholders.</summary>
public class UpdateMapperHalvesTests
{
    private const string Stop = """{"choices":[{"delta":{"content":""},"finish_reason":"stop","index":0}]}""";

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Map_HalfAtTheEndOfADelta_IsHeldAndProgress(bool mayRepeat)
    {
        var mapper = new UpdateMapper(mayRepeat);

        Assert.Equal("Hi ", mapper.Map(Chunks.Read(Text("""Hi \ud83d""")))!.Text);
        Assert.Equal("\U0001f680", mapper.Map(Chunks.Read(Text("""\ude80""")))!.Text);
        Assert.Empty(mapper.Map(Chunks.Read(Text("""\ud83d""")))!.Contents);
        Assert.Equal("\U0001f680!", mapper.Map(Chunks.Read(Text("""\ude80!""")))!.Text);
    }

    [Fact]
    public void Finish_HalfIsHeld_IsReplaced()
    {
        var updates = Play(new UpdateMapper(), Text("""Hi \ud83d"""), Stop);

        Assert.Equal("Hi \ufffd", updates.Text());
    }

    [Fact]
    public void Finish_NothingButAHalf_IsNotEmpty()
    {
        var mapper = new UpdateMapper();

        var updates = Play(mapper, Text("""\ud83d"""), Stop);

        Assert.False(mapper.IsEmpty);
        Assert.Equal("\ufffd", updates.Text());
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Map_HalvesOfReasoning_AreJoinedAndSettledWhenTheTextBegins(bool mayRepeat)
    {
        var mapper = new UpdateMapper(mayRepeat);
        mapper.Map(Chunks.Read(Reasoning("""a\ud83d""")));
        Assert.Equal("\U0001f680b", Thought(mapper.Map(Chunks.Read(Reasoning("""\ude80b\ud83d""")))!));

        var update = mapper.Map(Chunks.Read(Text("""\ude80c""")))!;

        // A first half of the reasoning and a second one of the text are no pair.
        Assert.Equal("\ufffd", Assert.IsType<TextReasoningContent>(update.Contents[0]).Text);
        Assert.Equal("\ufffdc", Assert.IsType<TextContent>(update.Contents[1]).Text);
    }

    [Fact]
    public void Finish_HalfOfReasoningIsHeld_IsReplaced()
    {
        var updates = Play(new UpdateMapper(), Reasoning("""a\ud83d"""), Stop);

        Assert.Equal(["a", "\ufffd"], updates.Select(Thought).Where(static thought => thought.Length > 0));
    }

    [Fact]
    public void Map_CumulativeTextCutInACharacter_IsHandedOutOnceAndWhole()
    {
        var mapper = new UpdateMapper(mayRepeat: true);
        string[] texts = ["a", "ab", "abc", """abc\ud83d""", """abc\ud83d\ude80""", """abc\ud83d\ude80d"""];

        var updates = Play(mapper, [.. texts.Select(Text), Stop]);

        Assert.Equal("abc\U0001f680d", updates.Text());
        Assert.False(mapper.IsContradicted);
    }

    [Fact]
    public void Map_HalfBeforeATag_StaysWithItsText()
    {
        var updates = Play(
            new UpdateMapper(thinkTags: true),
            Text("""<think>a\ud83d"""),
            Text("""\ude80</think>b\ud83d"""),
            Text("""\ude80"""),
            Stop
        );

        Assert.Equal("b\U0001f680", updates.Text());
        Assert.Equal("a\U0001f680", string.Concat(updates.Select(Thought)));
    }

    [Fact]
    public void Finish_PlaceholderAndAHalf_IsText()
    {
        var mapper = new UpdateMapper();

        var updates = Play(mapper, Text("""(request timeout)\ud83d"""), Stop);

        Assert.False(mapper.IsEmpty);
        Assert.Equal("(request timeout)\ufffd", updates.Text());
    }

    private static string Thought(ChatResponseUpdate update)
    {
        return string.Concat(update.Contents.OfType<TextReasoningContent>().Select(static thought => thought.Text));
    }

    private static string Text(string escaped)
    {
        return $$"""{"choices":[{"delta":{"content":"{{escaped}}"},"index":0}]}""";
    }

    private static string Reasoning(string escaped)
    {
        return $$"""{"choices":[{"delta":{"reasoning_content":"{{escaped}}"},"index":0}]}""";
    }

    private static List<ChatResponseUpdate> Play(UpdateMapper mapper, params string[] chunks)
    {
        List<ChatResponseUpdate> updates =
        [
            .. chunks.Select(chunk => mapper.Map(Chunks.Read(chunk))).OfType<ChatResponseUpdate>(),
            mapper.Finish(),
        ];
        Assert.All(
            updates,
            static update => Assert.All(update.Contents, static content => Assert.NotEqual("", $"{content}"))
        );
        return updates;
    }
}
