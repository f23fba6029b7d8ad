using System.Text.Json;
using System.Text.Json.Serialization;

namespace Connectors.Qwen;

/// <summary>
/// The parameters of Qwen's embeddings: what you may set is what is sent, under the JSON name of each property.
/// </summary>
/// <remarks>
/// <para>Three ways lead here: return one from <c>EmbeddingGenerationOptions.RawRepresentationFactory</c>; name a parameter in
/// <c>EmbeddingGenerationOptions.AdditionalProperties</c> by its JSON name (<c>text_type</c>); or use the portable members. What
/// is set here wins; portable members, then additional properties, fill only what is null.</para>
/// <para>Null means: not sent, the service's default applies. Values are not clamped: the service says what it refuses.
/// Not thread-safe.</para>
/// <para>Facts are those of the vendor's pages "Embeddings compatible with OpenAI" and "Text embedding synchronous API" of Model Studio, 2026.</para>
/// </remarks>
public sealed class QwenEmbeddingRequest
{
    /// <summary>The model id, for example <c>text-embedding-v4</c>.</summary>
    [JsonPropertyName("model")]
    public string? Model { get; set; }

    /// <summary>The length of the vectors; each model from <c>text-embedding-v3</c> on has a few to choose from.</summary>
    [JsonPropertyName("dimensions")]
    public int? Dimensions { get; set; }

    /// <summary>How vectors are sent: <c>float</c>, or <c>base64</c> where a server has it. Both are read.</summary>
    [JsonPropertyName("encoding_format")]
    public string? EncodingFormat { get; set; }

    /// <summary>What the texts are for: <c>query</c> or <c>document</c>. Documented for the native API only.</summary>
    [JsonPropertyName("text_type")]
    public string? TextType { get; set; }

    /// <summary>What the vectors are for, in a sentence of English. Documented for the native API only.</summary>
    [JsonPropertyName("instruct")]
    public string? Instruct { get; set; }

    /// <summary>Parameters without a property of their own, by their JSON name.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? AdditionalProperties { get; set; }

    // What the client adds for each request.

    [JsonInclude]
    [JsonPropertyName("input")]
    internal IReadOnlyList<string>? Input { get; set; }

    /// <summary>A copy that may be filled: the caller's own instance is never written to.</summary>
    internal QwenEmbeddingRequest Copy()
    {
        var copy = (QwenEmbeddingRequest)MemberwiseClone();
        copy.AdditionalProperties = AdditionalProperties is { } extra
            ? new Dictionary<string, JsonElement>(extra)
            : null;
        return copy;
    }

    /// <summary>The same for these texts. The parameters are shared: nobody writes to them any more.</summary>
    internal QwenEmbeddingRequest For(IReadOnlyList<string> texts)
    {
        var copy = (QwenEmbeddingRequest)MemberwiseClone();
        copy.Input = texts;
        return copy;
    }
}
