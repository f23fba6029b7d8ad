using Connectors.Qwen.Wire;

namespace Connectors.Qwen.Mapping;

/// <summary>
/// The service answers <c>json_object</c> only where a message has the word "json" in it, and refuses the request otherwise: then one
/// short sentence is added behind the system messages. A schema needs no such word.
/// </summary>
internal static class JsonWord
{
    /// <summary>The sentence.</summary>
    public const string Sentence = "Answer with one JSON object.";

    public static void Ensure(QwenChatRequest request)
    {
        if (
            ResponseFormatMapper.TypeOf(request.ResponseFormat) != "json_object"
            || request.Messages is not { } messages
            || messages.Any(IsIn)
        )
        {
            return;
        }

        var place = 0;
        while (place < messages.Count && messages[place].Role == "system")
        {
            place++;
        }

        messages.Insert(place, new WireMessage { Role = "system", Content = new(Sentence) });
    }

    // The beginning of the answer is none: where an answer is gone on with, the messages before it must be what they were.
    private static bool IsIn(WireMessage message)
    {
        return !message.IsPartial
            && (IsIn(message.Content.Text) || message.Content.Parts?.Any(static part => IsIn(part.Text)) == true);
    }

    private static bool IsIn(string? text)
    {
        return text?.Contains("json", StringComparison.OrdinalIgnoreCase) == true;
    }
}
