using System.Text.Json.Serialization;

namespace Connectors.Qwen.Wire;

/// <summary>What a call cost. Members vary by route and model; none may be relied upon.</summary>
internal sealed class WireUsage
{
    [JsonPropertyName("prompt_tokens")]
    [JsonConverter(typeof(LenientNumberConverter))]
    public long? PromptTokens { get; set; }

    [JsonPropertyName("completion_tokens")]
    [JsonConverter(typeof(LenientNumberConverter))]
    public long? CompletionTokens { get; set; }

    [JsonPropertyName("total_tokens")]
    [JsonConverter(typeof(LenientNumberConverter))]
    public long? TotalTokens { get; set; }

    // Some routes put it here instead of into the details.
    [JsonPropertyName("cached_tokens")]
    [JsonConverter(typeof(LenientNumberConverter))]
    public long? CachedTokens { get; set; }

    [JsonPropertyName("prompt_tokens_details")]
    public WirePromptTokens? PromptDetails { get; set; }

    [JsonPropertyName("completion_tokens_details")]
    public WireCompletionTokens? CompletionDetails { get; set; }

    [JsonPropertyName("plugins")]
    public WirePlugins? Plugins { get; set; }
}

internal sealed class WirePlugins
{
    [JsonPropertyName("search")]
    public WireSearchCount? Search { get; set; }
}

internal sealed class WireSearchCount
{
    [JsonPropertyName("count")]
    [JsonConverter(typeof(LenientNumberConverter))]
    public long? Count { get; set; }
}

internal sealed class WirePromptTokens
{
    [JsonPropertyName("cached_tokens")]
    [JsonConverter(typeof(LenientNumberConverter))]
    public long? Cached { get; set; }

    [JsonPropertyName("cache_creation_input_tokens")]
    [JsonConverter(typeof(LenientNumberConverter))]
    public long? CacheCreation { get; set; }

    [JsonPropertyName("text_tokens")]
    [JsonConverter(typeof(LenientNumberConverter))]
    public long? Text { get; set; }

    [JsonPropertyName("image_tokens")]
    [JsonConverter(typeof(LenientNumberConverter))]
    public long? Image { get; set; }

    [JsonPropertyName("video_tokens")]
    [JsonConverter(typeof(LenientNumberConverter))]
    public long? Video { get; set; }

    [JsonPropertyName("audio_tokens")]
    [JsonConverter(typeof(LenientNumberConverter))]
    public long? Audio { get; set; }
}

internal sealed class WireCompletionTokens
{
    [JsonPropertyName("reasoning_tokens")]
    [JsonConverter(typeof(LenientNumberConverter))]
    public long? Reasoning { get; set; }

    [JsonPropertyName("text_tokens")]
    [JsonConverter(typeof(LenientNumberConverter))]
    public long? Text { get; set; }

    [JsonPropertyName("audio_tokens")]
    [JsonConverter(typeof(LenientNumberConverter))]
    public long? Audio { get; set; }
}
