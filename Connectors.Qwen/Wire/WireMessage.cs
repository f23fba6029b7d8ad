using System.Text.Json;
using System.Text.Json.Serialization;

namespace Connectors.Qwen.Wire;

/// <summary>One message of a request.</summary>
internal sealed class WireMessage
{
    [JsonPropertyName("role")]
    public required string Role { get; init; }

    /// <summary>A string where no parts are needed: text-only models refuse arrays. Null with nothing but tool calls.</summary>
    [JsonPropertyName("content")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public WireContent Content { get; init; }

    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("reasoning_content")]
    public string? ReasoningContent { get; init; }

    // Never an empty list: the service refuses it.
    [JsonPropertyName("tool_calls")]
    public IList<WireToolCall>? ToolCalls { get; init; }

    [JsonPropertyName("tool_call_id")]
    public string? ToolCallId { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }

    /// <summary>Whether the model is to go on with this message.</summary>
    [JsonIgnore]
    public bool IsPartial =>
        Extra?.TryGetValue("partial", out var partial) == true && partial.ValueKind == JsonValueKind.True;
}

/// <summary>Message content: text, or parts, or nothing (JSON null).</summary>
[JsonConverter(typeof(WireContentConverter))]
internal readonly record struct WireContent(string? Text, IList<WireContentPart>? Parts = null);

internal sealed class WireContentPart
{
    [JsonPropertyName("type")]
    public required string Type { get; init; }

    [JsonPropertyName("text")]
    public string? Text { get; init; }

    [JsonPropertyName("image_url")]
    public WireUrl? ImageUrl { get; init; }

    [JsonPropertyName("video_url")]
    public WireUrl? VideoUrl { get; init; }

    [JsonPropertyName("video")]
    public IList<string>? Video { get; init; }

    [JsonPropertyName("input_audio")]
    public WireAudio? InputAudio { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}

internal sealed class WireUrl
{
    [JsonPropertyName("url")]
    public required string Url { get; init; }
}

internal sealed class WireAudio
{
    [JsonPropertyName("data")]
    public required string Data { get; init; }

    [JsonPropertyName("format")]
    public string? Format { get; init; }
}

internal sealed class WireContentConverter : JsonConverter<WireContent>
{
    public override WireContent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        return reader.TokenType switch
        {
            JsonTokenType.StartArray => new(
                null,
                JsonSerializer.Deserialize(ref reader, QwenJsonContext.Wire.IListWireContentPart)
            ),
            _ => new(LenientString.Read(ref reader)),
        };
    }

    public override void Write(Utf8JsonWriter writer, WireContent value, JsonSerializerOptions options)
    {
        if (value.Parts is { } parts)
        {
            JsonSerializer.Serialize(writer, parts, QwenJsonContext.Wire.IListWireContentPart);
        }
        else
        {
            writer.WriteStringValue(value.Text);
        }
    }
}
