using System.Text.Json;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>The form that the answer is to have.</summary>
internal static class ResponseFormatMapper
{
    /// <summary>Of a portable format.</summary>
    /// <param name="format">The format.</param>
    /// <param name="strict">Whether the answer must obey the schema to the letter; yes unless the caller says no.</param>
    public static JsonElement? ToWire(ChatResponseFormat? format, bool? strict = null)
    {
        // Semantic Kernel takes each object in a prompt file for a schema.
        if (format is ChatResponseFormatJson { Schema: { } whole } && IsResponseFormat(whole))
        {
            return whole;
        }

        var wire = format switch
        {
            ChatResponseFormatJson { Schema: not null } json => new WireResponseFormat
            {
                Type = "json_schema",
                JsonSchema = new WireJsonSchema
                {
                    Name = json.SchemaName ?? "answer",
                    Description = json.SchemaDescription,
                    Strict = strict ?? true,
                    Schema = SchemaDialect.Of(json, strict ?? true),
                },
            },
            ChatResponseFormatJson => new WireResponseFormat { Type = "json_object" },
            _ => null,
        };
        return wire is null ? null : JsonSerializer.SerializeToElement(wire, QwenJsonContext.Wire.WireResponseFormat);
    }

    /// <summary>Whether JSON is the service's own form of <c>response_format</c>, not a schema: no schema has a type of these names.</summary>
    public static bool IsResponseFormat(JsonElement json)
    {
        return TypeOf(json) is "text" or "json_object" or "json_schema";
    }

    /// <summary>The <c>type</c> of an object, if it says one.</summary>
    public static string? TypeOf(JsonElement? json)
    {
        return
            json is { ValueKind: JsonValueKind.Object } value
            && value.TryGetProperty("type", out var type)
            && type.ValueKind == JsonValueKind.String
            ? type.GetString()
            : null;
    }

    /// <summary>Whether a <c>tool_choice</c> leaves the model no choice.</summary>
    public static bool IsForcedChoice(JsonElement? choice)
    {
        return choice is { ValueKind: JsonValueKind.Object }
            || choice is { ValueKind: JsonValueKind.String } word && word.ValueEquals("required");
    }
}
