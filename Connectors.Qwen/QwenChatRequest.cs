using System.Text.Json;
using System.Text.Json.Serialization;
using Connectors.Qwen.Wire;

namespace Connectors.Qwen;

/// <summary>
/// The parameters of Qwen's chat completions: what you may set is what is sent, under the JSON name of each property.
/// </summary>
/// <remarks>
/// <para>Three ways lead here: return one from <c>ChatOptions.RawRepresentationFactory</c>; name a parameter in
/// <c>ChatOptions.AdditionalProperties</c> by its JSON name (<c>enable_thinking</c>); or use the portable members of
/// <c>ChatOptions</c>. What is set here wins; portable members, then additional properties, fill only what is null; but
/// what additional properties say of thinking goes before <c>ChatOptions.Reasoning</c>, which only says it in other words. A
/// parameter without a property of its own travels in <see cref="AdditionalProperties"/>.</para>
/// <para>Null means: not sent, the service's default applies. Values are not clamped: the service says what it refuses.
/// The factory must return a new instance for each call. Not thread-safe.</para>
/// <para>Ranges are those of the vendor's page "Qwen API via OpenAI chat completions" of Model Studio, 2026.</para>
/// </remarks>
public sealed class QwenChatRequest
{
    /// <summary>The model id, for example <c>qwen3-max</c>.</summary>
    [JsonPropertyName("model")]
    public string? Model { get; set; }

    /// <summary>Sampling temperature, [0, 2).</summary>
    [JsonPropertyName("temperature")]
    public float? Temperature { get; set; }

    /// <summary>Nucleus sampling, (0, 1]. Set this or <see cref="Temperature"/>, not both.</summary>
    [JsonPropertyName("top_p")]
    public float? TopP { get; set; }

    /// <summary>Candidates considered per token, at least 0; above 100 switches it off.</summary>
    [JsonPropertyName("top_k")]
    public int? TopK { get; set; }

    /// <summary>Penalty for repeating, above 0; 1 is none.</summary>
    [JsonPropertyName("repetition_penalty")]
    public float? RepetitionPenalty { get; set; }

    /// <summary>Penalty for what was already said, [-2, 2].</summary>
    [JsonPropertyName("presence_penalty")]
    public float? PresencePenalty { get; set; }

    /// <summary>OpenAI's frequency penalty. Not documented by the vendor; newer models accept it.</summary>
    [JsonPropertyName("frequency_penalty")]
    public float? FrequencyPenalty { get; set; }

    /// <summary>Seed of the sampling, [0, 2^31-1]; best effort.</summary>
    [JsonPropertyName("seed")]
    public long? Seed { get; set; }

    /// <summary>Texts at which the model stops.</summary>
    [JsonPropertyName("stop")]
    public IList<string>? Stop { get; set; }

    /// <summary>Number of answers, 1 to 4; above 1 only without tools and without thinking.</summary>
    [JsonPropertyName("n")]
    public int? N { get; set; }

    /// <summary>Limit of the visible answer in tokens; the chain of thought is not counted.</summary>
    [JsonPropertyName("max_tokens")]
    public int? MaxTokens { get; set; }

    /// <summary>Limit of answer and chain of thought together, in tokens; newer models only.</summary>
    [JsonPropertyName("max_completion_tokens")]
    public int? MaxCompletionTokens { get; set; }

    /// <summary>Whether to return log probabilities.</summary>
    [JsonPropertyName("logprobs")]
    public bool? Logprobs { get; set; }

    /// <summary>Alternatives per token, 0 to 5; needs <see cref="Logprobs"/>.</summary>
    [JsonPropertyName("top_logprobs")]
    public int? TopLogprobs { get; set; }

    /// <summary>Whether the model thinks first; each model family has its own default.</summary>
    [JsonPropertyName("enable_thinking")]
    public bool? EnableThinking { get; set; }

    /// <summary>Longest chain of thought in tokens, above 0. Conflicts with <see cref="ReasoningEffort"/>.</summary>
    [JsonPropertyName("thinking_budget")]
    public int? ThinkingBudget { get; set; }

    /// <summary>How hard to think; the accepted words differ by model family (<c>none</c>, <c>low</c>, <c>high</c>, ...).</summary>
    [JsonPropertyName("reasoning_effort")]
    public string? ReasoningEffort { get; set; }

    /// <summary>Whether reasoning in the history becomes input of the model; the reasoning is then sent back, and billed.</summary>
    [JsonPropertyName("preserve_thinking")]
    public bool? PreserveThinking { get; set; }

    /// <summary>Whether the model may call several tools in one turn; the service's default is false.</summary>
    [JsonPropertyName("parallel_tool_calls")]
    public bool? ParallelToolCalls { get; set; }

    /// <summary>Whether glm models stream tool arguments piece by piece.</summary>
    [JsonPropertyName("tool_stream")]
    public bool? ToolStream { get; set; }

    /// <summary><c>"auto"</c>, <c>"none"</c>, <c>"required"</c> or an object that names a function, as JSON.</summary>
    [JsonPropertyName("tool_choice")]
    public JsonElement? ToolChoice { get; set; }

    /// <summary>The form of the answer (<c>json_object</c>, <c>json_schema</c>), as JSON.</summary>
    [JsonPropertyName("response_format")]
    public JsonElement? ResponseFormat { get; set; }

    /// <summary>Whether the model searches the web first.</summary>
    [JsonPropertyName("enable_search")]
    public bool? EnableSearch { get; set; }

    /// <summary>How it searches (<c>forced_search</c>, <c>search_strategy</c>, ...), as JSON.</summary>
    [JsonPropertyName("search_options")]
    public JsonElement? SearchOptions { get; set; }

    /// <summary>Whether the model may run code; thinking models only.</summary>
    [JsonPropertyName("enable_code_interpreter")]
    public bool? EnableCodeInterpreter { get; set; }

    /// <summary>Whether images are read at high resolution (up to 16384 tokens each).</summary>
    [JsonPropertyName("vl_high_resolution_images")]
    public bool? HighResolutionImages { get; set; }

    /// <summary>What to answer with: <c>text</c>, <c>audio</c>; omni models only.</summary>
    [JsonPropertyName("modalities")]
    public IList<string>? Modalities { get; set; }

    /// <summary>Voice and format of a spoken answer, as JSON; omni models only.</summary>
    [JsonPropertyName("audio")]
    public JsonElement? Audio { get; set; }

    /// <summary>Languages, terms and domain of a translation, as JSON; Qwen-MT only.</summary>
    [JsonPropertyName("translation_options")]
    public JsonElement? TranslationOptions { get; set; }

    /// <summary>Parameters without a property of their own, by their JSON name.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? AdditionalProperties { get; set; }

    // What the mapper adds for each call.

    [JsonInclude]
    [JsonPropertyName("messages")]
    internal IList<WireMessage>? Messages { get; set; }

    [JsonInclude]
    [JsonPropertyName("tools")]
    internal IList<WireTool>? Tools { get; set; }

    [JsonInclude]
    [JsonPropertyName("stream")]
    internal bool? Stream { get; set; }

    [JsonInclude]
    [JsonPropertyName("stream_options")]
    internal WireStreamOptions? StreamOptions { get; set; }

    /// <summary>A copy that the mapper may fill: the caller's own instance is never written to.</summary>
    internal QwenChatRequest Copy()
    {
        var copy = (QwenChatRequest)MemberwiseClone();
        copy.AdditionalProperties = AdditionalProperties is { } extra
            ? new Dictionary<string, JsonElement>(extra)
            : null;
        return copy;
    }
}
