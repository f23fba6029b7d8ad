using System.Text.Json;
using System.Text.Json.Serialization;

namespace Connectors.Qwen.Wire;

/// <summary>A function the model may call.</summary>
internal sealed class WireTool
{
    [JsonPropertyName("type")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string Type { get; init; } = "function";

    [JsonPropertyName("function")]
    public required WireFunction Function { get; init; }

    [JsonPropertyName("cache_control")]
    public JsonElement? CacheControl { get; set; }
}

internal sealed class WireFunction
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("description")]
    public string? Description { get; init; }

    [JsonPropertyName("parameters")]
    public JsonElement Parameters { get; init; }

    [JsonPropertyName("strict")]
    public bool? Strict { get; init; }
}

internal sealed class WireStreamOptions
{
    [JsonPropertyName("include_usage")]
    public bool IncludeUsage { get; init; }
}

internal sealed class WireResponseFormat
{
    [JsonPropertyName("type")]
    public required string Type { get; init; }

    [JsonPropertyName("json_schema")]
    public WireJsonSchema? JsonSchema { get; init; }
}

internal sealed class WireJsonSchema
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("description")]
    public string? Description { get; init; }

    // The newest revisions of the vendor's page put it here, as OpenAI does.
    [JsonPropertyName("strict")]
    public bool? Strict { get; init; }

    [JsonPropertyName("schema")]
    public JsonElement Schema { get; init; }
}
