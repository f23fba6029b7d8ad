using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Answers;

/// <summary>Row C5: the service escapes the two halves of a character, and may send them in two events.</summary>
public sealed class HalfCharacterTests
{
    [Fact]
    public async Task C5_HalvesInTwoDeltas_ArriveAsOneCharacterAndNeverAlone()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Stream([
                Reasoning("""Hm \ud83d"""),
                Reasoning("""\ude80"""),
                Text("""Hi \ud83d"""),
                Text("""\ude80\ud83e"""),
                Text("""\udde9!"""),
                Chunk.Finish(),
                Chunk.Usage(4),
            ])
        );
        var updates = new List<ChatResponseUpdate>();

        await foreach (
            var update in setup
                .Pipeline()
                .GetStreamingResponseAsync(Ask.Question, cancellationToken: TestContext.Current.CancellationToken)
        )
        {
            updates.Add(update);
        }

        var contents = updates.SelectMany(static update => update.Contents).ToArray();
        Assert.Equal(["Hi ", "🚀", "🧩!"], contents.OfType<TextContent>().Select(static text => text.Text));
        Assert.Equal(["Hm ", "🚀"], contents.OfType<TextReasoningContent>().Select(static thought => thought.Text));
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task C5_HalfAtTheEnd_IsTheReplacementCharacter(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Replay(
                [Text("""Hi \ud83d"""), Chunk.Finish()],
                Chunk.Whole("""{"role":"assistant","content":"Hi \ud83d"}""")
            )
        );

        var response = await Ask.Async(setup.Pipeline(), streaming);

        Assert.Equal(("Hi \ufffd", ChatFinishReason.Stop), (response.Text, response.FinishReason!.Value));
    }

    [Fact]
    public async Task C5_CutWhileAHalfIsHeld_NobodyHasIt()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream([Text("""Hi \ud83d""")], done: false));

        var (text, failure) = await Ask.ReadAsync(setup.Raw());

        Assert.Equal("Hi ", text);
        Assert.Equal("Hi ", Assert.IsType<QwenException>(failure).PartialText);
    }

    private static string Text(string escaped)
    {
        return Chunk.Text("?").Replace("?", escaped, StringComparison.Ordinal);
    }

    private static string Reasoning(string escaped)
    {
        return Chunk.Reasoning("?").Replace("?", escaped, StringComparison.Ordinal);
    }
}
