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
        setup.Qwen.Script.Always(
            QwenBehavior.Stream([
                .. Growing("Hello world", 2).Select(Chunk.Text),
                Chunk.Text("Another answer"),
                Chunk.Finish(),
            ])
        );

        var (text, failure) = await Ask.ReadAsync(setup.Pipeline());

        var typed = Assert.IsType<QwenException>(failure);
        Assert.Equal((QwenFailureKind.Protocol, "Hello world"), (typed.Kind, typed.PartialText));
        Assert.Equal("Hello world", text);
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

    private static IEnumerable<string> Growing(string text, int size)
    {
        for (var length = size; length < text.Length; length += size)
        {
            yield return text[..length];
        }

        yield return text;
    }
}
