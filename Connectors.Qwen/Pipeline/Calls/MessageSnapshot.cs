using System.Collections.ObjectModel;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>
/// The messages of a call as they were when it began: each attempt sends the same ones, though the caller's list may change
/// meanwhile or be enumerable only once.
/// </summary>
internal sealed class MessageSnapshot : ReadOnlyCollection<ChatMessage>
{
    private MessageSnapshot(ChatMessage[] messages)
        : base(messages) { }

    /// <exception cref="ArgumentException">There is no message, or one is null.</exception>
    public static MessageSnapshot Of(IEnumerable<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (messages is MessageSnapshot snapshot)
        {
            return snapshot;
        }

        var copy = messages.ToArray();
        return copy.Length == 0 ? throw new ArgumentException("There is no message to send.", nameof(messages))
            : copy.Contains(null) ? throw new ArgumentException("A message is null.", nameof(messages))
            : new MessageSnapshot(copy);
    }

    /// <summary>Texts that are to be embedded, as one message: limits and sizes are then counted as those of a prompt.</summary>
    public static MessageSnapshot OfTexts(IEnumerable<string> texts)
    {
        return new MessageSnapshot([new ChatMessage(ChatRole.User, [.. texts.Select(static t => new TextContent(t))])]);
    }
}
