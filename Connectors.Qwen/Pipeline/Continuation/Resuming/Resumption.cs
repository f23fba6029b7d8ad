// The tokens are an evaluation feature of Microsoft.Extensions.AI: used only for callers who switch it on.
#pragma warning disable MEAI001

using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>An answer that another process, or another call, had begun: what was asked, and what it has stored of the answer.</summary>
internal sealed record Resumption(FormRequest Ask, ChatResponseUpdate Said)
{
    /// <summary>
    /// What a request with a token asks for: its last message is the answer as far as it was stored, the ones before are those of the first
    /// request. Null for a request without a token.
    /// </summary>
    /// <exception cref="ArgumentException">The token does not fit.</exception>
    public static Resumption? Of(FormRequest ask, DateTimeOffset now)
    {
        if (ask.Options?.ContinuationToken is not { } given)
        {
            return null;
        }

        var token = ResumeToken.Parse(given.ToBytes(), now);
        if (token.Model != ask.Model.Name)
        {
            throw ResumeToken.Refused($"the answer was begun by {token.Model}, and {ask.Model.Name} is asked");
        }

        var said = token.Length > 0 || IsStoredNothing(ask.Messages) ? ask.Messages[^1] : null;
        if (said is not null && (said.Role != ChatRole.Assistant || ask.Messages.Count == 1))
        {
            throw ResumeToken.Refused(
                "the last message must be the answer as far as it was stored, after the messages of the first request"
            );
        }

        var text = said?.Text ?? "";
        var asked = said is null ? ask.Messages : MessageSnapshot.Of(ask.Messages.SkipLast(1));
        if (Fingerprint.Of(ask.Options.Instructions, asked) != token.Conversation)
        {
            throw ResumeToken.Refused("the messages are not those of the first request");
        }

        var print = new Fingerprint();
        print.Add(text);
        if (print.Value != token.Text)
        {
            throw ResumeToken.Refused(
                FormattableString.Invariant(
                    $"the stored answer is not the text of the update that brought it ({text.Length} characters, {token.Length} were handed out)"
                )
            );
        }

        var options = ask.Options.Clone();
        options.ContinuationToken = null;
        return new Resumption(
            ask with
            {
                Messages = asked,
                Options = options,
            },
            new ChatResponseUpdate(ChatRole.Assistant, text)
            {
                ResponseId = token.ResponseId,
                MessageId = token.MessageId,
            }
        );
    }

    // Only reasoning had come, and the caller stored what there was of text.
    private static bool IsStoredNothing(MessageSnapshot messages)
    {
        return messages.Count > 1
            && messages[^1] is { Role: var role } last
            && role == ChatRole.Assistant
            && last.Contents.All(static content => content is TextContent { Text: null or "" } or TextReasoningContent);
    }
}
