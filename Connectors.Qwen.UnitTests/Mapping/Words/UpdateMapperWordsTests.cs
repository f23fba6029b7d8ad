using Connectors.Qwen.Mapping;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Mapping.Words;

/// <summary>What becomes of repeated text, reasoning in tags and placeholders on the way through a whole answer.</summary>
public class UpdateMapperWordsTests
{
    private const string Stop = """{"choices":[{"delta":{"content":""},"finish_reason":"stop","index":0}]}""";
    private const string Call =
        """{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c1","function":{"name":"f","arguments":"{}"}}]}}]}""";

    [Fact]
    public void Map_CumulativeReasoningAndText_AreHandedOutOnce()
    {
        var mapper = new UpdateMapper(mayRepeat: true);
        string[] chunks =
        [
            Reasoning("Let"),
            Reasoning("Let me"),
            Reasoning("Let me think"),
            Reasoning("Let me think."),
            // Known by now: the text needs no proof of its own.
            Text("Hel"),
            Text("Hello"),
            Stop,
        ];

        var response = Play(mapper, chunks).ToChatResponse();

        Assert.Equal("Hello", response.Text);
        Assert.Equal("Let me think.", Assert.IsType<TextReasoningContent>(response.Messages[0].Contents[0]).Text);
    }

    [Fact]
    public void Map_EachEventCarriesAllReasoningAndAllText_AreHandedOutOnce()
    {
        var mapper = new UpdateMapper(mayRepeat: true);
        string[] thoughts = ["a", "ab", "abc", "abcd", "abcd", "abcd"];
        string[] texts = ["", "", "", "", "Hel", "Hello"];
        var chunks = thoughts.Zip(
            texts,
            static (thought, text) =>
                $$"""{"choices":[{"delta":{"content":"{{text}}","reasoning_content":"{{thought}}"},"index":0}]}"""
        );

        var response = Play(mapper, [.. chunks, Stop]).ToChatResponse();

        Assert.Equal("Hello", response.Text);
        Assert.Equal("abcd", Assert.IsType<TextReasoningContent>(response.Messages[0].Contents[0]).Text);
    }

    [Fact]
    public void Map_ServerThatIsKnown_IsNeverSuspected()
    {
        var updates = Play(new UpdateMapper(mayRepeat: false), Text("a"), Text("ab"), Text("abc"), Text("abcd"), Stop);

        Assert.Equal("aababcabcd", updates.Text());
    }

    [Fact]
    public void Map_HeldDelta_IsProgressWithoutContent()
    {
        var mapper = new UpdateMapper(mayRepeat: true);
        mapper.Map(Chunks.Read(Text("ha")));

        Assert.Empty(mapper.Map(Chunks.Read(Text("haha")))!.Contents);
    }

    [Fact]
    public void Map_TextAfterHeldReasoning_ComesAfterIt()
    {
        var mapper = new UpdateMapper(mayRepeat: true);
        mapper.Map(Chunks.Read(Reasoning("\\n")));
        mapper.Map(Chunks.Read(Reasoning("\\n")));

        var update = mapper.Map(Chunks.Read(Text("Hello")))!;

        Assert.Equal("\n", Assert.IsType<TextReasoningContent>(update.Contents[0]).Text);
        Assert.Equal("Hello", Assert.IsType<TextContent>(update.Contents[1]).Text);
    }

    [Theory]
    [InlineData(2, "10")]
    [InlineData(3, "110")]
    public void IsReadyToFinish_InDoubt_WaitsForTheUsage(int tokens, string expected)
    {
        var mapper = new UpdateMapper(mayRepeat: true);
        var updates = new[] { Text("1"), Text("10"), Stop }.Select(c => mapper.Map(Chunks.Read(c))).ToList();
        Assert.True(mapper.IsFinished);
        Assert.False(mapper.IsReadyToFinish);

        mapper.Map(Chunks.Read($$$"""{"choices":[],"usage":{"completion_tokens":{{{tokens}}}}}"""));
        Assert.True(mapper.IsReadyToFinish);
        updates.Add(mapper.Finish());

        Assert.Equal(expected, updates.OfType<ChatResponseUpdate>().Text());
        Assert.Equal(ChatFinishReason.Stop, updates[^1]!.FinishReason);
        Assert.False(mapper.IsEmpty);
    }

    [Theory]
    [InlineData("""{"completion_tokens":40,"completion_tokens_details":{"reasoning_tokens":38}}""", "10")]
    [InlineData("""{"completion_tokens":41,"completion_tokens_details":{"reasoning_tokens":38}}""", "110")]
    [InlineData("""{"completion_tokens":40}""", "110")]
    public void Finish_InDoubtAfterReasoning_CountsTheTextsTokensOnly(string usage, string expected)
    {
        var mapper = new UpdateMapper(mayRepeat: true);
        string[] chunks = [Reasoning("Which one?"), Text("1"), Text("10"), Stop];

        Assert.Equal(expected, Play(mapper, [.. chunks, $$"""{"choices":[],"usage":{{usage}}}"""]).Text());
    }

    [Fact]
    public void Finish_InDoubtWithACall_TheTokensSayNothingOfTheText()
    {
        var mapper = new UpdateMapper(mayRepeat: true);

        var updates = Play(
            mapper,
            Text("1"),
            Text("10"),
            Call,
            Stop,
            """{"choices":[],"usage":{"completion_tokens":2}}"""
        );

        Assert.Equal("110", updates.Text());
        Assert.Single(updates.SelectMany(static u => u.Contents).OfType<FunctionCallContent>());
    }

    [Fact]
    public void Facts_WholeTextOnceMoreAfterTheEnd_IsNotHandedOutAgain()
    {
        var mapper = new UpdateMapper(mayRepeat: true);
        string[] chunks = [Text("The answer "), Text("is yes."), Stop, Text("The answer is yes.")];

        var updates = Play(mapper, [.. chunks, """{"choices":[],"usage":{"completion_tokens":5}}"""]);

        Assert.Equal("The answer is yes.", updates.Text());
    }

    [Fact]
    public void IsContradicted_CumulativeServerSaysSomethingElse_IsTrue()
    {
        var mapper = new UpdateMapper(mayRepeat: true);
        foreach (var text in new[] { "a", "ab", "abc", "abcd" })
        {
            mapper.Map(Chunks.Read(Text(text)));
        }

        Assert.False(mapper.IsContradicted);
        Assert.Empty(mapper.Map(Chunks.Read(Text("xyz")))!.Contents);
        Assert.True(mapper.IsContradicted);
    }

    [Theory]
    [InlineData("(request timeout)")]
    [InlineData("\\n(request", " timeout)", " ")]
    public void IsEmpty_NothingButThePlaceholder_IsTrueAndNothingIsHandedOut(params string[] texts)
    {
        var mapper = new UpdateMapper();

        var updates = Play(mapper, [.. texts.Select(Text), Stop]);

        Assert.True(mapper.IsEmpty);
        Assert.True(mapper.IsPlaceholder);
        Assert.Equal("", updates.Text());
    }

    [Theory]
    [InlineData(Call, Stop)]
    [InlineData("""{"choices":[{"delta":{},"finish_reason":"length","index":0}]}""")]
    public void IsEmpty_PlaceholderWithACallOrCutByALimit_IsText(params string[] end)
    {
        var mapper = new UpdateMapper();

        var updates = Play(mapper, [Text("(request timeout)"), .. end]);

        Assert.False(mapper.IsEmpty);
        Assert.Equal("(request timeout)", updates.Text());
    }

    [Theory]
    [InlineData(true, "hm", "Hi")]
    [InlineData(false, "", "<think>hm</think>Hi")]
    public void Map_ThinkTags_AreReasoningWhenAskedFor(bool thinkTags, string reasoning, string text)
    {
        var mapper = new UpdateMapper(thinkTags: thinkTags);

        var updates = Play(mapper, Text("<th"), Text("ink>hm</thi"), Text("nk>Hi"), Stop);

        Assert.Equal(text, updates.Text());
        Assert.Equal(
            reasoning,
            string.Concat(updates.SelectMany(u => u.Contents).OfType<TextReasoningContent>().Select(r => r.Text))
        );
    }

    [Fact]
    public void IsEmpty_NothingButUnclosedThinkTags_IsReasoning()
    {
        var mapper = new UpdateMapper(thinkTags: true);

        var updates = Play(mapper, Text("<think>hm</"), Stop);

        Assert.False(mapper.IsEmpty);
        Assert.Equal("", updates.Text());
        Assert.Equal(
            "hm</",
            updates.ToChatResponse().Messages[0].Contents.OfType<TextReasoningContent>().Single().Text
        );
    }

    private static string Text(string text)
    {
        return $$"""{"choices":[{"delta":{"content":"{{text}}"},"index":0}]}""";
    }

    private static string Reasoning(string text)
    {
        return $$"""{"choices":[{"delta":{"content":null,"reasoning_content":"{{text}}"},"index":0}]}""";
    }

    private static List<ChatResponseUpdate> Play(UpdateMapper mapper, params string[] chunks)
    {
        var updates = new List<ChatResponseUpdate>();
        var isFinished = false;
        foreach (var chunk in chunks)
        {
            if (mapper.Map(Chunks.Read(chunk)) is { } update)
            {
                updates.Add(update);
            }

            if (mapper.IsReadyToFinish && !isFinished)
            {
                isFinished = true;
                updates.Add(mapper.Finish());
            }
        }

        if (!isFinished)
        {
            updates.Add(mapper.Finish());
        }

        updates.Add(mapper.Facts());
        return updates;
    }
}
