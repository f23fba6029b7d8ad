using Connectors.Qwen.Wire;

namespace Connectors.Qwen.Mapping;

/// <summary>
/// The service answers a user or a result of a tool; where a conversation ends with a system message it fails with "list index out of
/// range". Who puts an instruction there wants it followed now (chat reducers ask for a summary so): it is sent as the user's. Where
/// nobody has spoken yet the messages are left alone, and so is one that only names files.
/// </summary>
internal static class LastMessage
{
    public static void Settle(IList<WireMessage> messages)
    {
        // The beginning of the answer may stand behind it. When a broken answer is gone on with, what is before must stay as it was sent.
        var last = messages.Count - 1;
        if (last > 0 && messages[last].Role == "assistant")
        {
            last--;
        }

        if (
            last > 0
            && messages[last] is { Role: "system" } message
            && !HostedFiles.IsOf(message)
            && messages.Take(last).Any(static earlier => earlier.Role != "system")
        )
        {
            messages[last] = new WireMessage
            {
                Role = "user",
                Content = message.Content,
                Name = message.Name,
                Extra = message.Extra,
            };
        }
    }
}
