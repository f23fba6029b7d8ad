using System.Text.Json;
using System.Text.Json.Serialization;
using Connectors.Qwen.Wire;

namespace Connectors.Qwen.Transport;

/// <summary>One page of the native catalogue of models. Only what is looked at; lists are read element by element, so that a
/// strange entry costs itself and not the page.</summary>
internal sealed class ModelPage
{
    [JsonPropertyName("output")]
    public ModelPageOutput? Output { get; set; }
}

/// <summary>The models of a page, and how many there are on all pages.</summary>
internal sealed class ModelPageOutput
{
    [JsonPropertyName("total")]
    [JsonConverter(typeof(LenientNumberConverter))]
    public long? Total { get; set; }

    [JsonPropertyName("models")]
    public JsonElement Models { get; set; }
}

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ModelPage))]
internal sealed partial class ModelPageJsonContext : JsonSerializerContext;
