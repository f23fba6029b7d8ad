using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Answers;

/// <summary>Row T50: the placeholder of a degraded upstream, and tags of the model's own format that leak into the text.</summary>
public sealed class DegradedAnswerTests
{
    private const string Leaked =
        "<tool_call>\n<function=pay>\n<parameter=amount>100</parameter>\n</function>\n</tool_call>";

    [
        Theory,
        InlineData(true, "(request timeout)"),
        InlineData(true, "(req|uest timeout|)\n"),
        InlineData(true, "\n| |(request timeout)"),
        InlineData(false, "(request timeout)"),
        InlineData(false, " (request timeout)\n")
    ]
    public async Task T50_PlaceholderOnce_IsAskedAgain(bool streaming, string pieces)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Answer(pieces));

        var response = await Ask.Async(setup.Pipeline(), streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T50_PlaceholderAlways_IsAnEmptyResponseAndNothingOfItIsHandedOut(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(Answer("(request| timeout)"));
        var text = "";

        var failure = await Assert.ThrowsAsync<QwenException>(async () =>
        {
            if (!streaming)
            {
                await Ask.Async(setup.Pipeline(), streaming: false);
                return;
            }

            (text, var thrown) = await Ask.ReadAsync(setup.Pipeline());
            throw thrown!;
        });

        Assert.Equal((QwenFailureKind.EmptyResponse, null), (failure.Kind, failure.PartialText));
        Assert.Equal("", text);
    }

    [
        Theory,
        InlineData(true, "(request timeout)| is what the log says."),
        InlineData(true, "(|req"),
        InlineData(false, "(request timeout) is what the log says.")
    ]
    public async Task T50_TextThatOnlyBeginsLikeThePlaceholder_ArrivesWhole(bool streaming, string pieces)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Answer(pieces));

        var response = await Ask.Async(setup.Pipeline(), streaming);

        Assert.Equal(pieces.Replace("|", "", StringComparison.Ordinal), response.Text);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [
        Theory,
        InlineData(true, "<think>Hm, |so.</think>|Hello", "Hm, so.", "Hello"),
        InlineData(true, "<|t|hink>Hm</|think>\n|Hello", "Hm", "\nHello"),
        InlineData(true, "<think>Hm, so", "Hm, so", ""),
        InlineData(true, "Not <think>a tag</think>", "", "Not <think>a tag</think>"),
        InlineData(false, "<think>Hm</think>Hello", "Hm", "Hello"),
        InlineData(false, "<think>Hm, so", "Hm, so", ""),
        InlineData(false, "Not <think>a tag</think>", "", "Not <think>a tag</think>")
    ]
    public async Task T50_ThinkTags_AreReasoningWhenAskedForAndTextOtherwise(
        bool streaming,
        string pieces,
        string reasoning,
        string text
    )
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(Answer(pieces));

        var asked = await Ask.Async(setup.Pipeline(static options => options.ThinkTagsAsReasoning = true), streaming);
        var plain = await Ask.Async(setup.Pipeline(), streaming);

        Assert.Equal(text, asked.Text);
        var thoughts = asked.Messages.SelectMany(static m => m.Contents).OfType<TextReasoningContent>();
        Assert.Equal(reasoning, string.Concat(thoughts.Select(static thought => thought.Text)));
        Assert.Equal(pieces.Replace("|", "", StringComparison.Ordinal), plain.Text);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T50_LeakedToolCallTags_AreTextAndNeverExecuted(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Answer("I will pay.\n|<tool|_call>" + Leaked["<tool_call>".Length..]));
        var paid = 0;
        using var client = setup
            .Pipeline(static options => options.ThinkTagsAsReasoning = true)
            .AsBuilder()
            .UseFunctionInvocation()
            .Build();
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create((int amount) => paid += amount, "pay")] };

        var response = await Ask.Async(client, streaming, options);

        Assert.Equal("I will pay.\n" + Leaked, response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Empty(response.Messages.SelectMany(static m => m.Contents).OfType<FunctionCallContent>());
        Assert.Equal(0, paid);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    /// <summary>An answer of this text; a bar is where one delta ends and the next begins.</summary>
    private static QwenBehavior Answer(string pieces)
    {
        return QwenBehavior.Replay(
            [.. pieces.Split('|').Select(Chunk.Text), Chunk.Finish(), Chunk.Usage(3)],
            Chunk.WholeText(pieces.Replace("|", "", StringComparison.Ordinal))
        );
    }
}
