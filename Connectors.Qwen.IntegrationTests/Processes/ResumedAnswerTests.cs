// The tokens are an evaluation feature of Microsoft.Extensions.AI.
#pragma warning disable MEAI001

using System.Text.Json;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Processes;

/// <summary>Row C17, the other way round: a process that dies in the middle of an answer, and another one that goes on from what it has stored.</summary>
public sealed class ResumedAnswerTests
{
    [Fact]
    public async Task C17_ProcessIsKilledInTheMiddleOfAnAnswer_AnotherGoesOnFromWhatItStored()
    {
        await using var setup = await Setup.StartAsync();
        using var folder = new CredentialFolder();
        var file = folder.File;
        setup.Qwen.Script.Enqueue(QwenBehavior.StallAfter(3));
        await using (
            var child = Child.Worker(
                "ask",
                "--endpoint",
                setup.Qwen.Endpoint.ToString(),
                "--key",
                QwenSimulatorOptions.DefaultApiKey,
                "--model",
                "qwen3-max",
                "--question",
                Ask.Question[0].Text,
                "--file",
                file
            )
        )
        {
            // Three chunks of eight characters; the role goes before them.
            await child.LineAsync("stored 8");
            await child.LineAsync("stored 8");
            await child.LineAsync("stored 8");
            await child.KillAsync();
        }

        var (text, token) = Stored(file);
        Assert.Equal(Setup.Text[..24], text);
        var updates = await ResumeAsync(setup.Pipeline(), text, token);

        Assert.Equal(Setup.Text, text + string.Concat(updates.Select(static update => update.Text)));
        Assert.Single(updates, static update => update.FinishReason == ChatFinishReason.Stop);
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
        // Of the other process's request nothing is known; this one told its cost, once.
        var usage = Assert.Single(updates.SelectMany(static update => update.Contents).OfType<UsageContent>());
        Assert.Equal(usage.Details.InputTokenCount, usage.Details.AdditionalCounts!["qwen.last_input_tokens"]);
        var resumed = setup.Qwen.Journal.Chats[1].Request;
        Assert.Equal((true, text), (resumed.IsPartial, resumed.Prefix));
        var first = Assert.Single(updates.Select(static update => update.ResponseId).Distinct());
        Assert.Equal(setup.Qwen.Journal.Chats[0].RequestId, first?.Replace("chatcmpl-", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task C17_ResumedAnswerBreaksOffAgain_IsGoneOnWithAndResumedOnceMore()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(2), QwenBehavior.ResetAfter(1));
        var client = setup.Pipeline(static options => options.StreamingFallback.Continuation = QwenContinuation.Off);
        var stored = new List<ChatResponseUpdate>();

        await Assert.ThrowsAsync<QwenException>(() => ReadAsync(client, Ask.Question, null, stored));
        var text = Text(stored);
        var rest = await ResumeAsync(setup.Pipeline(), text, stored[^1].ContinuationToken!);

        Assert.Equal(Setup.Text, text + Text(rest));
        Assert.NotNull(rest[0].ContinuationToken);
        Assert.Null(rest[^1].ContinuationToken);
        Assert.Equal(3, setup.Qwen.Journal.Chats.Count);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task C17_OnlyReasoningHadCome_TheAnswerComes(bool isEmptyTextStored)
    {
        await using var setup = await Setup.StartAsync(static options =>
            options.Answer = static _ => new QwenSimulatedAnswer { Reasoning = new('r', 60), Text = Setup.Text }
        );
        setup.Qwen.Script.Enqueue(QwenBehavior.ResetAfter(3));
        var client = setup.Pipeline(static options =>
        {
            options.StreamingFallback.Continuation = QwenContinuation.Off;
            options.TimeoutRetry.MaxRetries = 0;
            options.StreamingFallback.Enabled = false;
        });
        var stored = new List<ChatResponseUpdate>();
        await Assert.ThrowsAsync<QwenException>(() => ReadAsync(client, Ask.Question, null, stored));
        Assert.Equal("", Text(stored));

        var rest = new List<ChatResponseUpdate>();
        await ReadAsync(
            setup.Pipeline(),
            isEmptyTextStored ? [.. Ask.Question, new(ChatRole.Assistant, "")] : Ask.Question,
            new() { AllowBackgroundResponses = true, ContinuationToken = stored[^1].ContinuationToken },
            rest
        );

        Assert.Equal(Setup.Text, Text(rest));
    }

    [Fact]
    public async Task C17_WholeAnswerWithAToken_IsTheRestInOnePiece()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(2));
        var off = setup.Pipeline(static options => options.StreamingFallback.Continuation = QwenContinuation.Off);
        var stored = new List<ChatResponseUpdate>();
        await Assert.ThrowsAsync<QwenException>(() => ReadAsync(off, Ask.Question, null, stored));

        var response = await setup
            .Pipeline()
            .GetResponseAsync(
                [.. Ask.Question, new(ChatRole.Assistant, Text(stored))],
                new ChatOptions { ContinuationToken = stored[^1].ContinuationToken },
                TestContext.Current.CancellationToken
            );

        Assert.Equal(Setup.Text[Text(stored).Length..], response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Fact]
    public async Task C17_ForeignTokenOrAnotherConversation_IsRefusedWithoutARequest()
    {
        await using var setup = await Setup.StartAsync();
        var client = setup.Pipeline();
        var foreign = ResponseContinuationToken.FromBytes("resp_1"u8.ToArray());

        await Assert.ThrowsAsync<ArgumentException>(() => ResumeAsync(client, "Hello", foreign));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            client.GetResponseAsync(
                Ask.Question,
                new ChatOptions { ContinuationToken = foreign },
                TestContext.Current.CancellationToken
            )
        );

        Assert.Empty(setup.Qwen.Journal.Exchanges);
    }

    [Fact]
    public async Task C17_NobodyAskedForTokens_NoneAreMade()
    {
        await using var setup = await Setup.StartAsync();
        var updates = new List<ChatResponseUpdate>();

        await ReadAsync(setup.Pipeline(), Ask.Question, new ChatOptions(), updates);

        Assert.All(updates, static update => Assert.Null(update.ContinuationToken));
    }

    private static async Task<List<ChatResponseUpdate>> ResumeAsync(
        IChatClient client,
        string text,
        ResponseContinuationToken token
    )
    {
        var updates = new List<ChatResponseUpdate>();
        var options = new ChatOptions { AllowBackgroundResponses = true, ContinuationToken = token };
        await ReadAsync(client, [.. Ask.Question, new(ChatRole.Assistant, text)], options, updates);
        return updates;
    }

    private static async Task ReadAsync(
        IChatClient client,
        IEnumerable<ChatMessage> messages,
        ChatOptions? options,
        List<ChatResponseUpdate> updates
    )
    {
        options ??= new ChatOptions { AllowBackgroundResponses = true };
        await foreach (
            var update in client.GetStreamingResponseAsync(messages, options, TestContext.Current.CancellationToken)
        )
        {
            updates.Add(update);
        }
    }

    private static string Text(IEnumerable<ChatResponseUpdate> updates)
    {
        return string.Concat(updates.Select(static update => update.Text));
    }

    // As any process would read what another one has written: the last line that is whole.
    private static (string Text, ResponseContinuationToken Token) Stored(string file)
    {
        var lines = File.ReadAllLines(file).Select(static line => JsonDocument.Parse(line).RootElement).ToArray();
        return (
            string.Concat(lines.Select(static line => line.GetProperty("Text").GetString())),
            ResponseContinuationToken.FromBytes(lines[^1].GetProperty("Token").GetBytesFromBase64())
        );
    }
}
