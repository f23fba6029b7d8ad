using System.Text.Json;
using Connectors.Qwen.Continuation;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>Makes the request that goes on with an answer: the first one, and the text that came as the beginning of its answer. Pure.</summary>
internal static class ContinuationRequest
{
    private const string Partial = "partial";

    /// <summary>The beginning that the caller itself gave its answer; empty when it gave none.</summary>
    public static string OwnBeginning(MessageSnapshot messages)
    {
        return IsPartial(messages[^1]) ? messages[^1].Text : "";
    }

    /// <summary>The messages of the call and the text that came. A beginning that the caller itself gave is made longer.</summary>
    /// <param name="messages">The messages of the call.</param>
    /// <param name="said">The text that came.</param>
    /// <param name="isOwnRepeated">Whether the server said the caller's own beginning too, so that it is part of the text.</param>
    public static MessageSnapshot Messages(MessageSnapshot messages, string said, bool isOwnRepeated = false)
    {
        var prefix = said[..Seam.PrefixOf(said)];
        var last = messages[^1];
        var isOwn = IsPartial(last);
        var message = isOwn ? last.Clone() : new ChatMessage { Role = ChatRole.Assistant };
        message.Contents = isOwn
            ? Longer(last, isOwnRepeated ? prefix : last.Text + prefix)
            : [new TextContent(prefix)];
        message.AdditionalProperties = isOwn ? message.AdditionalProperties : new() { [Partial] = true };
        return MessageSnapshot.Of([.. isOwn ? messages.SkipLast(1) : messages, message]);
    }

    /// <summary>The options of the call with what must be otherwise.</summary>
    public static ContinuationOptions Options(ChatOptions? options, long tokens, long reasoningTokens)
    {
        return new ContinuationOptions(options, tokens, reasoningTokens);
    }

    private static bool IsPartial(ChatMessage message)
    {
        return message.Role == ChatRole.Assistant
            && message.AdditionalProperties?.GetValueOrDefault(Partial)
                is true
                    or JsonElement { ValueKind: JsonValueKind.True };
    }

    private static List<AIContent> Longer(ChatMessage message, string text)
    {
        var contents = message.Contents.Where(static content => content is not TextContent).ToList();
        // A cache marker stays on it.
        var extra = message.Contents.OfType<TextContent>().LastOrDefault()?.AdditionalProperties;
        contents.Add(new TextContent(text) { AdditionalProperties = extra });
        return contents;
    }
}
