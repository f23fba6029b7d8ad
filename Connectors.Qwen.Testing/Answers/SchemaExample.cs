using System.Text.Json;
using System.Text.Json.Nodes;
using Connectors.Qwen.Testing.Json;

namespace Connectors.Qwen.Testing.Answers;

/// <summary>Makes up a value that fits a JSON schema; the same schema gives the same value.</summary>
internal static class SchemaExample
{
    private const int MaxDepth = 16;

    public static JsonNode Of(JsonElement schema, bool requiredOnly) =>
        Of(schema, "value", requiredOnly, depth: 0) ?? new JsonObject();

    private static JsonNode? Of(JsonElement schema, string name, bool requiredOnly, int depth)
    {
        if (schema.Member("const") is { ValueKind: not JsonValueKind.Undefined } constant)
        {
            return JsonNode.Parse(constant.GetRawText());
        }

        if (schema.Member("enum").Items().FirstOrDefault() is { ValueKind: not JsonValueKind.Undefined } first)
        {
            return JsonNode.Parse(first.GetRawText());
        }

        var alternatives = schema.Member("anyOf").Items().Concat(schema.Member("oneOf").Items());
        var alternative = alternatives.FirstOrDefault(one => TypeOf(one) != "null");
        if (alternative.IsPresent())
        {
            return depth < MaxDepth ? Of(alternative, name, requiredOnly, depth + 1) : null;
        }

        return TypeOf(schema) switch
        {
            "object" => Object(schema, requiredOnly, depth),
            "array" => Array(schema, name, requiredOnly, depth),
            "integer" => JsonValue.Create((long)Math.Ceiling(schema.Number("minimum") ?? 1)),
            "number" => JsonValue.Create(schema.Number("minimum") ?? 1.5),
            "boolean" => JsonValue.Create(true),
            "null" => null,
            _ => JsonValue.Create(Text(schema, name)),
        };
    }

    private static JsonObject Object(JsonElement schema, bool requiredOnly, int depth)
    {
        var required = schema.Member("required").Items().Select(name => name.ToString()).ToHashSet();
        var value = new JsonObject();
        foreach (var property in schema.Member("properties").Properties())
        {
            if (depth < MaxDepth && (required.Contains(property.Name) || !requiredOnly))
            {
                value[property.Name] = Of(property.Value, property.Name, requiredOnly, depth + 1);
            }
        }

        return value;
    }

    private static JsonArray Array(JsonElement schema, string name, bool requiredOnly, int depth) =>
        depth < MaxDepth ? [Of(schema.Member("items"), name, requiredOnly, depth + 1)] : [];

    private static string Text(JsonElement schema, string name) =>
        schema.Text("format") switch
        {
            "date-time" => "2026-01-31T12:00:00Z",
            "date" => "2026-01-31",
            "time" => "12:00:00Z",
            "uuid" => MadeUpId.Uuid(name),
            "uri" => "https://example.com/" + Uri.EscapeDataString(name),
            "email" => "someone@example.com",
            _ => "some " + name,
        };

    private static string? TypeOf(JsonElement schema)
    {
        var type = schema.Member("type");
        var name =
            type.ValueKind == JsonValueKind.Array
                ? type.Items().Select(item => item.ToString()).FirstOrDefault(item => item != "null")
                : schema.Text("type");
        return name ?? (schema.Member("properties").IsPresent() ? "object" : null);
    }
}
