using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Connectors.Qwen.IntegrationTests.Contract;

/// <summary>Fills a schema with what a text says: as far as the schema arrived, the values do.</summary>
internal static partial class SchemaFiller
{
    /// <summary>The words in quotes, in their order.</summary>
    public static IReadOnlyList<string> Quoted(string text)
    {
        return [.. Quotes().Matches(text).Select(static match => match.Groups[1].Value)];
    }

    public static JsonNode? Fill(JsonElement schema, string text, string name = "")
    {
        if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("enum", out var choices))
        {
            var words = choices.EnumerateArray().Select(static choice => $"{choice}").ToList();
            return words.Find(word => text.Contains(word, StringComparison.OrdinalIgnoreCase)) ?? words[0];
        }

        var said = Said(text, name);
        return TypeOf(schema) switch
        {
            "object" => Object(schema, text),
            "array" => Array(schema, text),
            "boolean" => Truth().Match(said ?? text).Value == "true",
            "integer" => long.Parse(Number().Match(said ?? text).Value, CultureInfo.InvariantCulture),
            "number" => double.Parse(Number().Match(said ?? text).Value, CultureInfo.InvariantCulture),
            _ => said?.Trim('\'') ?? Quoted(text).FirstOrDefault("nothing"),
        };
    }

    private static JsonObject Object(JsonElement schema, string text)
    {
        var required = Members(schema, "required").Select(static name => $"{name}").ToHashSet();
        var filled = new JsonObject();
        if (schema.TryGetProperty("properties", out var properties))
        {
            foreach (var property in properties.EnumerateObject())
            {
                // As models do: what need not be said and was not said is left out.
                if (required.Contains(property.Name) || Said(text, property.Name) is not null)
                {
                    filled[property.Name] = Fill(property.Value, text, property.Name);
                }
            }
        }

        return filled;
    }

    private static JsonArray Array(JsonElement schema, string text)
    {
        var items = schema.GetProperty("items");
        IEnumerable<string> each =
            TypeOf(items) == "string" ? Quoted(text) : Number().Matches(text).Select(static match => match.Value);
        return [.. each.Select(one => TypeOf(items) == "string" ? JsonValue.Create(one) : Fill(items, one))];
    }

    // "dish 'soup'", "days 4".
    private static string? Said(string text, string name)
    {
        var match = name.Length == 0 ? Match.Empty : Regex.Match(text, $@"\b{name}\s+('[^']*'|[\w.-]+\b)");
        return match.Success ? match.Groups[1].Value : null;
    }

    private static string TypeOf(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("type", out var type))
        {
            return "string";
        }

        return type.ValueKind == JsonValueKind.String
            ? type.GetString()!
            : type.EnumerateArray().Select(static one => $"{one}").First(static one => one != "null");
    }

    private static IEnumerable<JsonElement> Members(JsonElement json, string name)
    {
        return json.TryGetProperty(name, out var members) ? members.EnumerateArray() : [];
    }

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Quotes();

    [GeneratedRegex(@"-?\d+(\.\d+)?")]
    private static partial Regex Number();

    [GeneratedRegex("true|false")]
    private static partial Regex Truth();
}
