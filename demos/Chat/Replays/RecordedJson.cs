using System.Text.Json;

namespace Connectors.Qwen.Demos.Chat.Replays;

/// <summary>Reads the little that this program has to know about recorded JSON.</summary>
internal static class RecordedJson
{
    /// <summary>The object in a text; of kind undefined when there is none.</summary>
    public static JsonElement Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : default;
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>Whether it is a chunk or a completion.</summary>
    public static bool HasChoices(JsonElement answer)
    {
        return Member(answer, "choices").ValueKind == JsonValueKind.Array;
    }

    /// <summary>A text in the first choice of a chunk (<c>delta</c>) or a completion (<c>message</c>).</summary>
    public static string Text(JsonElement answer, string holder, string name)
    {
        if (!HasChoices(answer) || Member(answer, "choices").GetArrayLength() == 0)
        {
            return "";
        }

        var text = Member(Member(Member(answer, "choices")[0], holder), name);
        return text.ValueKind == JsonValueKind.String ? text.GetString() ?? "" : "";
    }

    public static bool HasMessage(JsonElement answer)
    {
        return HasChoices(answer)
            && Member(answer, "choices").GetArrayLength() > 0
            && Member(Member(answer, "choices")[0], "message").ValueKind == JsonValueKind.Object;
    }

    private static JsonElement Member(JsonElement element, string name)
    {
        return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member)
            ? member
            : default;
    }
}
