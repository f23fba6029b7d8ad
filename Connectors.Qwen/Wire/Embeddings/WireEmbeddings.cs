using System.Text.Json.Serialization;

namespace Connectors.Qwen.Wire;

/// <summary>The answer to a request for embeddings.</summary>
internal sealed class WireEmbeddings
{
    [JsonPropertyName("model")]
    [JsonConverter(typeof(LenientTextConverter))]
    public string? Model { get; set; }

    [JsonPropertyName("data")]
    public IList<WireEmbedding?>? Data { get; set; }

    [JsonPropertyName("usage")]
    public WireUsage? Usage { get; set; }
}

/// <summary>The vector of one text.</summary>
internal sealed class WireEmbedding
{
    /// <summary>Which text of the request it belongs to, from 0.</summary>
    [JsonPropertyName("index")]
    [JsonConverter(typeof(LenientNumberConverter))]
    public long? Index { get; set; }

    [JsonPropertyName("embedding")]
    [JsonConverter(typeof(VectorConverter))]
    public float[]? Vector { get; set; }
}
