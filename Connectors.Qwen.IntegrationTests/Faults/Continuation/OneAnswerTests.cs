using System.Text.Json;
using Connectors.Qwen.IntegrationTests.Faults.Answers;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Continuation;

/// <summary>Rows C15, C16, C17 and C21: however many requests it took, the caller has one answer to what was asked at first.</summary>
public sealed class OneAnswerTests
{
    private static readonly string Said = Setup.Text[..24];

    [Fact]
    public async Task C15_Updates_AllHaveTheFirstIdsTimeAndModel()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream([Chunk.Text(Said)]), QwenBehavior.EndAfter(3));

        var heard = (await Heard.FromAsync(setup.Pipeline())).IsWhole();

        Assert.Equal(3, setup.Qwen.Journal.Chats.Count);
        var message = heard.Updates.Where(static update => update.Text.Length > 0 || update.FinishReason is not null);
        Assert.All(
            message,
            static update =>
            {
                Assert.Equal(("chatcmpl-1", "chatcmpl-1"), (update.ResponseId, update.MessageId));
                Assert.Equal(("m", ChatRole.Assistant), (update.ModelId, update.Role));
                Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1), update.CreatedAt);
            }
        );
        Assert.All(
            heard.Updates,
            static update =>
            {
                Assert.Contains(update.ResponseId, new[] { "chatcmpl-1", null });
                Assert.Contains(update.MessageId, new[] { "chatcmpl-1", null });
                Assert.Contains(update.ModelId, new[] { "m", null });
            }
        );
        var response = heard.Updates.ToChatResponse();
        Assert.Single(response.Messages);
        Assert.Equal(("chatcmpl-1", "m"), (response.ResponseId, response.ModelId));
        // Another model went on; that is told once, whatever number of requests it takes.
        var (_, _, text) = Assert.Single(setup.Logs.Entries, static entry => entry.Id == 317);
        Assert.Contains("qwen3-max", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task C15_RequestIds_AreAllTold()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3), QwenBehavior.EndAfter(3));

        var heard = (await Heard.FromAsync(setup.Pipeline())).IsWhole();

        var ids = setup.Qwen.Journal.Chats.Select(static chat => chat.RequestId).ToArray();
        Assert.Equal(3, ids.Length);
        Assert.Equal($"{ids[0]}, {ids[1]}", heard.Facts[QwenResponseProperties.FailedRequestIds]);
        Assert.Equal(ids[2], heard.Facts[QwenResponseProperties.RequestId]);
        Assert.False(setup.Logs.Has(317));
    }

    [Fact]
    public async Task C16_Usage_IsToldOnceAtTheEnd()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3), QwenBehavior.EndAfter(3));

        var heard = (await Heard.FromAsync(setup.Pipeline())).IsWhole();

        var usage = Assert.Single(heard.Contents.OfType<UsageContent>()).Details;
        Assert.Contains(heard.Updates[^1].Contents, static content => content is UsageContent);
        Assert.Null(heard.Updates[^1].MessageId);
        Assert.Equal(2, usage.AdditionalCounts!["qwen.unreported_attempts"]);
        Assert.Equal(usage.InputTokenCount, usage.AdditionalCounts["qwen.last_input_tokens"]);
        Assert.Equal(usage.InputTokenCount + usage.OutputTokenCount, usage.TotalTokenCount);
    }

    [Fact]
    public async Task C16_Facts_AreOnAnUpdateWithoutAMessageAndOfSimpleTypes()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3));

        var heard = (await Heard.FromAsync(setup.Pipeline())).IsWhole();

        Assert.All(
            heard.Updates.Where(static update => update.AdditionalProperties is { Count: > 0 }),
            static update => Assert.Null(update.MessageId)
        );
        Assert.All(
            heard.Facts.Values,
            static value => Assert.True(value is string or int or long, $"{value?.GetType()}")
        );
        Assert.Equal(2, heard.Facts[QwenResponseProperties.Attempts]);
        Assert.Equal(1, heard.Facts[QwenResponseProperties.Continuations]);
        // 24 characters at 4.8 a token.
        Assert.Equal(5L, heard.Facts[QwenResponseProperties.ResentTokens]);
        Assert.Equal("continuation", heard.Facts[QwenResponseProperties.RecoveredBy]);
        Assert.StartsWith(
            "streaming StreamInterrupted",
            (string?)heard.Facts[QwenResponseProperties.Failures],
            StringComparison.Ordinal
        );
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task C17_ConversationId_IsRefusedAndNothingIsSent(bool streaming)
    {
        await using var setup = await Setup.StartAsync();

        await Assert.ThrowsAsync<ArgumentException>(() =>
            Ask.Async(setup.Pipeline(), streaming, new() { ConversationId = "conversation" })
        );

        Assert.Empty(setup.Qwen.Journal.Exchanges);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task C17_ForeignContinuationToken_IsRefusedAndNothingIsSent(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var options = new ChatOptions
        {
            ContinuationToken = ResponseContinuationToken.FromBytes("foreign"u8.ToArray()),
        };

        await Assert.ThrowsAsync<ArgumentException>(() => Ask.Async(setup.Pipeline(), streaming, options));

        Assert.Empty(setup.Qwen.Journal.Exchanges);
    }

    [Fact]
    public async Task C17_Answer_NeverHasAConversationId()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3));

        var heard = (await Heard.FromAsync(setup.Pipeline())).IsWhole();

        Assert.All(heard.Updates, static update => Assert.Null(update.ConversationId));
        Assert.Null(heard.Updates.ToChatResponse().ConversationId);
    }

    [Fact]
    public async Task C21_MessagesThatCanBeReadOnce_AreReadOnce()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Error(503, "x", "Busy."), QwenBehavior.EndAfter(3));
        var reads = 0;

        (await Heard.FromAsync(setup.Pipeline(), null, Once())).IsWhole();

        Assert.Equal((1, 3), (reads, setup.Qwen.Journal.Chats.Count));

        IEnumerable<ChatMessage> Once()
        {
            Assert.Equal(1, ++reads);
            yield return new ChatMessage(ChatRole.System, "Be brief.");
            yield return Ask.Question[0];
        }
    }

    [Fact]
    public async Task C21_MessagesAndOptionsChangedDuringTheCall_HaveNoEffect()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3));
        var messages = new List<ChatMessage> { new(ChatRole.System, "Be brief."), Ask.Question[0] };
        var options = new ChatOptions
        {
            Temperature = 0.3f,
            StopSequences = ["never said"],
            Tools = [AIFunctionFactory.Create(static () => "x", "find")],
            AdditionalProperties = new() { ["made_up"] = 1 },
        };

        var heard = await Heard.FromAsync(
            setup.Pipeline(),
            options,
            messages,
            count =>
            {
                if (count > 1)
                {
                    return;
                }

                messages.Clear();
                messages.Add(new ChatMessage(ChatRole.User, "Something else."));
                options.ModelId = "qwen-plus";
                options.Temperature = 1;
                options.StopSequences.Add("seam");
                options.Tools.Clear();
                options.AdditionalProperties["made_up"] = 2;
                options.ResponseFormat = ChatResponseFormat.Json;
            }
        );

        heard.IsWhole();
        var (first, second) = (setup.Qwen.Journal.Chats[0].Request, Requests.Continuing(setup));
        Assert.Equal(3, second.Messages.GetArrayLength());
        Assert.StartsWith(
            first.Messages.GetRawText()[..^1] + ",",
            second.Messages.GetRawText(),
            StringComparison.Ordinal
        );
        Assert.Equal(first.Tools.GetRawText(), second.Tools.GetRawText());
        Assert.All(
            new[] { "model", "temperature", "stop", "made_up" },
            name => Assert.Equal(Raw(first.Body, name), Raw(second.Body, name))
        );
    }

    private static string Raw(JsonElement body, string name)
    {
        return body.GetProperty(name).GetRawText();
    }
}
