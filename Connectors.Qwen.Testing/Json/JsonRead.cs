using System.Text.Json;

namespace Connectors.Qwen.Testing.Json;

/// <summary>Lenient reading of JSON: a wrong shape is the same as an absent member.</summary>
internal static class JsonRead
{
    public static JsonElement ParseOrUndefined(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }

    public static JsonElement Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    public static bool IsPresent(this JsonElement element) =>
        element.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    public static string? Text(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } value ? value.ToText() : null;

    public static bool? Flag(this JsonElement element, string name) =>
        element.Member(name).ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        };

    public static double? Number(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : null;

    public static IEnumerable<JsonElement> Items(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];

    public static IEnumerable<JsonProperty> Properties(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : [];

    /// <summary>The text of a message's content: the string, or its text parts joined.</summary>
    public static string PlainText(this JsonElement content) =>
        content.ValueKind switch
        {
            JsonValueKind.String => content.ToText(),
            JsonValueKind.Array => string.Concat(content.EnumerateArray().Select(part => part.Text("text"))),
            _ => "",
        };

    private static string ToText(this JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate escape is legal JSON text that no string can hold; the raw text still is something to compare.
            return value.GetRawText();
        }
    }
}
