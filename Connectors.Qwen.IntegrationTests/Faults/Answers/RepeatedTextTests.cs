using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Answers;

/// <summary>
/// Row T25: servers that send with each event all the text so far. Only streams have deltas; the simulator's address is not
/// one of the service's own, so they are looked at here.
/// </summary>
public sealed class RepeatedTextTests
{
    public static TheoryData<string[]> LegitimateRepeats =>
        new([
            ["ha", "haha", " funny"],
            ["1", "10", "\n", "100", "\n", "1000"],
            ["  x = 1;\n", "  x = 1;\n", "  x = 1;\n", "}\n"],
            ["好", "好好", "学习，", "天天向上"],
            ["-", "-", "-", "-", "-"],
            ["\n", "\n", "Hello"],
        ]);

    [Theory, InlineData(1), InlineData(8), InlineData(16)]
    public async Task T25_CumulativeTextAndReasoning_ArriveExactlyOnce(int size)
    {
        const string Thought = "先想一想。 Let me think about it, 再想一想 🚀, and about it again.";
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Stream([
                .. Growing(Thought, size).Select(Chunk.Reasoning),
                .. Growing(Setup.Text, size).Select(Chunk.Text),
                Chunk.Finish(),
                Chunk.Usage(40),
            ])
        );

        var response = await Ask.Async(setup.Pipeline(), streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        var contents = Assert.Single(response.Messages).Contents;
        Assert.Equal(Thought, Assert.IsType<TextReasoningContent>(contents[0]).Text);
        Assert.Equal(2, contents.Count);
        Assert.Equal(40, response.Usage!.OutputTokenCount);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, MemberData(nameof(LegitimateRepeats))]
    public async Task T25_LegitimateRepeats_PassUntouchedAndExactlyOnce(string[] deltas)
    {
        await using var setup = await Setup.StartAsync();
        foreach (var finish in new[] { Chunk.Finish(), Chunk.Finish("length") })
        {
            setup.Qwen.Script.Enqueue(QwenBehavior.Stream([.. deltas.Select(Chunk.Text), finish]));

            var (text, failure) = await Ask.ReadAsync(setup.Pipeline());

            Assert.Null(failure);
            Assert.Equal(string.Concat(deltas), text);
        }
    }

    [Theory, InlineData(2, "10"), InlineData(3, "110")]
    public async Task T25_InDoubtAtTheEnd_TheServersCountOfTokensDecides(int tokens, string expected)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Stream([Chunk.Text("1"), Chunk.Text("10"), Chunk.Finish(), Chunk.Usage(tokens)])
        );

        var response = await Ask.Async(setup.Pipeline(), streaming: true);

        Assert.Equal((expected, ChatFinishReason.Stop), (response.Text, response.FinishReason!.Value));
        Assert.Equal(tokens, response.Usage!.OutputTokenCount);
    }

    [Fact]
    public async Task T25_CumulativeTextThatDoesNotContinue_IsNeverGlued()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(Contradiction());

        var (text, failure) = await Ask.ReadAsync(setup.Pipeline());

        var typed = Assert.IsType<QwenException>(failure);
        Assert.Equal((QwenFailureKind.Protocol, "Hello world"), (typed.Kind, typed.PartialText));
        Assert.Equal("Hello world", text);
        // What was undone may not have been repetition: then what was handed out is wrong, and must not be gone on with.
        Assert.Single(setup.Qwen.Journal.Exchanges);
    }

    [Fact]
    public async Task T25_CumulativeTextThatDoesNotContinueAndContinuationIsOff_IsATypedErrorWithThePartialText()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(Contradiction());

        var (text, failure) = await Ask.ReadAsync(setup.Pipeline(Setup.WithoutContinuation));

        var typed = Assert.IsType<QwenException>(failure);
        Assert.Equal((QwenFailureKind.Protocol, "Hello world"), (typed.Kind, typed.PartialText));
        Assert.Equal("Hello world", text);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task T25_LegitimateRepeatsTakenForCumulative_AreNotGoneOnWithInSilence()
    {
        await using var setup = await Setup.StartAsync();
        // Each happens to begin with all text so far; only the last one shows that they were parts.
        string[] deltas = ["1", "10", "100", "1000", " apples"];
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream([.. deltas.Select(Chunk.Text), Chunk.Finish()]));

        var (text, failure) = await Ask.ReadAsync(setup.Pipeline());

        Assert.Equal(QwenFailureKind.Protocol, Assert.IsType<QwenException>(failure).Kind);
        Assert.Equal("1000", text);
        Assert.Single(setup.Qwen.Journal.Exchanges);
    }

    [Fact]
    public async Task T25_CumulativeTextThatIsCutShortlyBeforeItsEnd_IsContinuedExactlyOnce()
    {
        await using var setup = await Setup.StartAsync();
        // Alone, the short rest would not show that it repeats.
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Stream(new[] { "The", "The last", "The last full", "The last full s" }.Select(Chunk.Text)),
            QwenBehavior.Stream([Chunk.Text("to"), Chunk.Text("top."), Chunk.Finish()])
        );

        var (text, failure) = await Ask.ReadAsync(setup.Pipeline());

        Assert.Null(failure);
        Assert.Equal("The last full stop.", text);
    }

    // The server repeats, in the answer that goes on, only what it says there, or also what it was sent.
    [Theory, InlineData(true), InlineData(false)]
    public async Task T25_CumulativeTextThatIsCut_IsContinuedExactlyOnce(bool withPrefix)
    {
        const int Said = 66;
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Stream([.. Growing(Setup.Text[..Said], 8).Select(Chunk.Text)]),
            QwenBehavior.Stream([
                .. Growing(withPrefix ? Setup.Text : Setup.Text[Said..], 7).Select(Chunk.Text),
                Chunk.Finish(),
                Chunk.Usage(40),
            ])
        );

        var answer = await StreamedAnswer.ReadAsync(setup.Pipeline());

        answer.AssertIsOne();
        string?[] asked = withPrefix ? [null, Setup.Text[..Said], null] : [null, Setup.Text[..Said]];
        Assert.Equal(asked, setup.Qwen.Journal.Chats.Select(static chat => chat.Request.Prefix));
    }

    [Fact]
    public async Task T25_CumulativeTextThatIsCut_LeavesTheTextOnceInTheError()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Stream([.. Growing(Setup.Text, 5).Select(Chunk.Text)]));

        var (text, failure) = await Ask.ReadAsync(setup.Raw());

        Assert.Equal(Setup.Text, text);
        Assert.Equal(text, Assert.IsType<QwenException>(failure).PartialText);
    }

    private static QwenBehavior Contradiction()
    {
        return QwenBehavior.Stream([
            .. Growing("Hello world", 2).Select(Chunk.Text),
            Chunk.Text("Another answer"),
            Chunk.Finish(),
        ]);
    }

    private static IEnumerable<string> Growing(string text, int size)
    {
        for (var length = size; length < text.Length; length += size)
        {
            yield return text[..length];
        }

        yield return text;
    }
}
