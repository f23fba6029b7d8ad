using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Continuation;

/// <summary>What the caller of a stream has of it in the end.</summary>
internal sealed record Heard(IReadOnlyList<ChatResponseUpdate> Updates, Exception? Failure)
{
    public string Text => string.Concat(Updates.Select(static update => update.Text));

    public string Reasoning =>
        string.Concat(Contents.OfType<TextReasoningContent>().Select(static reasoning => reasoning.Text));

    public IEnumerable<AIContent> Contents => Updates.SelectMany(static update => update.Contents);

    /// <summary>Each finish reason that was told.</summary>
    public ChatFinishReason[] Finishes =>
        [.. Updates.Select(static update => update.FinishReason).OfType<ChatFinishReason>()];

    /// <summary>What the call says of itself.</summary>
    public AdditionalPropertiesDictionary Facts
    {
        get
        {
            var response = Updates.ToChatResponse();
            return Assert.IsType<AdditionalPropertiesDictionary>(response.AdditionalProperties);
        }
    }

    public static async Task<Heard> FromAsync(
        IChatClient client,
        ChatOptions? options = null,
        IEnumerable<ChatMessage>? messages = null,
        Action<int>? afterUpdate = null
    )
    {
        var updates = new List<ChatResponseUpdate>();
        try
        {
            await foreach (
                var update in client.GetStreamingResponseAsync(
                    messages ?? Ask.Question,
                    options,
                    TestContext.Current.CancellationToken
                )
            )
            {
                updates.Add(update);
                afterUpdate?.Invoke(updates.Count);
            }

            return new Heard(updates, null);
        }
        catch (Exception e)
        {
            return new Heard(updates, e);
        }
    }

    /// <summary>All of the text, once, and one end.</summary>
    public Heard IsWhole(string text = Setup.Text, ChatFinishReason? reason = null)
    {
        Assert.Null(Failure);
        Assert.Equal(text, Text);
        Assert.Equal([reason ?? ChatFinishReason.Stop], Finishes);
        Assert.Single(Updates.ToChatResponse().Messages);
        Assert.InRange(Contents.OfType<UsageContent>().Count(), 0, 1);
        return this;
    }

    /// <summary>The typed error: with the text that was heard, and not told finished.</summary>
    public QwenException Broke(QwenFailureKind kind = QwenFailureKind.StreamInterrupted)
    {
        var failure = Assert.IsType<QwenException>(Failure);
        Assert.Equal(kind, failure.Kind);
        Assert.Equal(Text, failure.PartialText);
        Assert.NotEmpty(Text);
        Assert.Empty(Finishes);
        return failure;
    }
}

/// <summary>Looks at what was sent.</summary>
internal static class Requests
{
    public static IReadOnlyList<QwenExchange> Of(Setup setup)
    {
        return setup.Qwen.Journal.Chats;
    }

    /// <summary>The second of exactly two requests, which goes on with the answer to the first.</summary>
    public static QwenSimulatedRequest Continuing(Setup setup)
    {
        var chats = setup.Qwen.Journal.Chats;
        Assert.Equal(2, chats.Count);
        Assert.False(chats[0].Request.IsPartial);
        Assert.True(chats[1].Request.IsPartial);
        Assert.True(chats[1].IsStream);
        return chats[1].Request;
    }

    /// <summary>What each request was, such as <c>stream</c>, <c>stream+partial</c> or <c>whole</c>.</summary>
    public static string[] Kinds(Setup setup)
    {
        return
        [
            .. setup.Qwen.Journal.Chats.Select(static chat =>
                (chat.IsStream ? "stream" : "whole") + (chat.Request.IsPartial ? "+partial" : "")
            ),
        ];
    }

    /// <summary>The kinds of a failure and of what it comes from, outermost first.</summary>
    public static QwenFailureKind[] KindsOf(Exception? failure)
    {
        var kinds = new List<QwenFailureKind>();
        for (var inner = failure; inner is not null; inner = inner.InnerException)
        {
            if (inner is QwenException known)
            {
                kinds.Add(known.Kind);
            }
        }

        return [.. kinds];
    }
}
