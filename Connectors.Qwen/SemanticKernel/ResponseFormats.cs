using System.Text.Json;
using System.Text.Json.Nodes;
using Connectors.Qwen.Mapping;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.SemanticKernel;

/// <summary>The ways in which people say what form an answer has, and the service's own.</summary>
internal static class ResponseFormats
{
    /// <param name="value">What says the form.</param>
    /// <param name="strict">Whether the answer must obey a schema to the letter; yes unless the caller says no.</param>
    /// <exception cref="ArgumentException">The value says no form.</exception>
    public static JsonElement? ToWire(object? value, bool? strict = null)
    {
        return value switch
        {
            null or JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => null,
            "text" or "json_object" => LooseJson.ToElement(
                new Dictionary<string, object?> { ["type"] = value },
                "response_format"
            ),
            JsonElement { ValueKind: JsonValueKind.String } text => ToWire(text.GetString(), strict),
            // Anything else that is an object is a schema: so Semantic Kernel takes it, too.
            JsonElement { ValueKind: JsonValueKind.Object } json => ResponseFormatMapper.IsResponseFormat(json)
                ? json.Clone()
                : ResponseFormatMapper.ToWire(ChatResponseFormat.ForJsonSchema(json.Clone()), strict),
            ChatResponseFormatText => ToWire("text"),
            ChatResponseFormat format => ResponseFormatMapper.ToWire(format, strict),
            Type type => ResponseFormatMapper.ToWire(ChatResponseFormat.ForJsonSchema(type), strict),
            JsonNode or System.Collections.IDictionary => ToWire(LooseJson.ToElement(value, "response_format"), strict),
            _ => throw new ArgumentException(
                $"A {value.GetType().Name} says no form of an answer{(value is string ? $" ('{value}')" : "")}. "
                    + "Use \"text\", \"json_object\", a Type, a ChatResponseFormat, or the service's own form as JSON.",
                nameof(value)
            ),
        };
    }

    public static ChatResponseFormat? ToPortable(JsonElement? format)
    {
        if (format is not { ValueKind: JsonValueKind.Object } wire)
        {
            return null;
        }

        return Text(wire, "type") switch
        {
            "text" => ChatResponseFormat.Text,
            "json_object" => ChatResponseFormat.Json,
            "json_schema"
                when wire.TryGetProperty("json_schema", out var named)
                    && named.ValueKind == JsonValueKind.Object
                    && named.TryGetProperty("schema", out var schema) => ChatResponseFormat.ForJsonSchema(
                schema,
                Text(named, "name"),
                Text(named, "description")
            ),
            _ => null,
        };
    }

    private static string? Text(JsonElement json, string name)
    {
        return json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
    }
}
