using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Testing;

/// <summary>A streamed answer as its consumer has it in the end, update by update.</summary>
internal sealed class StreamedAnswer
{
    private readonly List<ChatResponseUpdate> _updates = [];

    private StreamedAnswer() { }

    /// <summary>What the call says of itself.</summary>
    public AdditionalPropertiesDictionary Facts => _updates.ToChatResponse().AdditionalProperties ?? [];

    public static async Task<StreamedAnswer> ReadAsync(IChatClient client, ChatOptions? options = null)
    {
        var answer = new StreamedAnswer();
        await foreach (
            var update in client.GetStreamingResponseAsync(Ask.Question, options, TestContext.Current.CancellationToken)
        )
        {
            answer._updates.Add(update);
        }

        return answer;
    }

    /// <summary>Nobody sees that it took several requests: each word once, one end, one message of one response, one sum of usage.</summary>
    public void AssertIsOne(string text = Setup.Text)
    {
        var (response, messages) = (_updates.ToChatResponse(), _updates.Where(static u => u.MessageId is not null));

        Assert.Equal(text, string.Concat(_updates.Select(static update => update.Text)));
        Assert.Equal([ChatFinishReason.Stop], _updates.Select(static u => u.FinishReason).OfType<ChatFinishReason>());
        Assert.Single(_updates.SelectMany(static update => update.Contents).OfType<UsageContent>());
        Assert.All(_updates.Where(static u => u.Text.Length > 0), static u => Assert.NotNull(u.MessageId));
        Assert.Single(messages.DistinctBy(static u => (u.MessageId, u.ResponseId, u.ModelId, u.CreatedAt, u.Role)));
        Assert.Equal([response.ResponseId], _updates.Select(static u => u.ResponseId).OfType<string>().Distinct());
        Assert.Single(response.Messages);
    }

    /// <summary>It broke off once, the server was asked to go on behind what had come, and the call tells so.</summary>
    /// <param name="setup">Where it was asked for: by this call alone.</param>
    /// <param name="kind">Why it broke off.</param>
    /// <param name="said">How many characters had come; they do not end with white space.</param>
    public void AssertIsContinued(Setup setup, QwenFailureKind kind, int said)
    {
        AssertIsOne();
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
        var (first, second) = (setup.Qwen.Journal.Chats[0], setup.Qwen.Journal.Chats[1]);

        Assert.Equal((false, true), (first.Request.IsPartial, second.Request.IsPartial));
        Assert.Equal((true, true), (first.IsStream, second.IsStream));
        Assert.Equal(Setup.Text[..said], second.Request.Prefix);
        Assert.Equal(Messages(first), Messages(second).SkipLast(1));

        Assert.Equal("continuation", Facts[QwenResponseProperties.RecoveredBy]);
        Assert.Equal(1, Facts[QwenResponseProperties.Continuations]);
        Assert.Equal(2, Facts[QwenResponseProperties.Attempts]);
        // The time differs from run to run.
        Assert.Matches(@$"^streaming {kind} \([0-9.]+ s\)$", (string)Facts[QwenResponseProperties.Failures]!);
        if (kind != QwenFailureKind.IdleTimeout)
        {
            // A clock does not know which request it ended.
            Assert.Equal(first.RequestId, Facts[QwenResponseProperties.FailedRequestIds]);
        }

        Assert.Equal(second.RequestId, Facts[QwenResponseProperties.RequestId]);
        Assert.InRange((long)Facts[QwenResponseProperties.ResentTokens]!, 1, said);
        // 311 it broke off, 312 going on, 313 whole after all; 314 would be: not gone on with.
        Assert.Equal(
            (1, 1, 1, 0),
            (setup.Logs.Count(311), setup.Logs.Count(312), setup.Logs.Count(313), setup.Logs.Count(314))
        );
    }

    private static IEnumerable<string> Messages(QwenExchange exchange)
    {
        return exchange.Request.Messages.EnumerateArray().Select(static message => message.GetRawText());
    }
}
