using System.Collections.ObjectModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Connectors.Qwen.SemanticKernel;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace Connectors.Qwen;

/// <summary>Qwen's parameters for Semantic Kernel: what you set is what is sent, under the JSON name of each property.</summary>
/// <remarks>
/// <para>The properties are those of <see cref="QwenChatRequest"/>, which also says their ranges. Set them in code, read them from JSON, or write
/// them into prompt files by their JSON names. Parameters without a property here travel in
/// <see cref="PromptExecutionSettings.ExtensionData"/>, also by JSON name. Null means: not sent, the service's default applies.</para>
/// <para>Tools are chosen by <see cref="PromptExecutionSettings.FunctionChoiceBehavior"/>, not by a parameter. Not thread-safe until
/// frozen.</para>
/// </remarks>
[JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
public sealed class QwenPromptExecutionSettings : PromptExecutionSettings
{
    // The one vocabulary of parameters: it holds the values, so that none can be forgotten on the way.
    private QwenChatRequest _request = new();

    /// <inheritdoc cref="QwenChatRequest.Temperature"/>
    [JsonPropertyName("temperature")]
    public float? Temperature
    {
        get => _request.Temperature;
        set => Writable.Temperature = value;
    }

    /// <inheritdoc cref="QwenChatRequest.TopP"/>
    [JsonPropertyName("top_p")]
    public float? TopP
    {
        get => _request.TopP;
        set => Writable.TopP = value;
    }

    /// <inheritdoc cref="QwenChatRequest.TopK"/>
    [JsonPropertyName("top_k")]
    public int? TopK
    {
        get => _request.TopK;
        set => Writable.TopK = value;
    }

    /// <inheritdoc cref="QwenChatRequest.MaxTokens"/>
    [JsonPropertyName("max_tokens")]
    public int? MaxTokens
    {
        get => _request.MaxTokens;
        set => Writable.MaxTokens = value;
    }

    /// <inheritdoc cref="QwenChatRequest.MaxCompletionTokens"/>
    [JsonPropertyName("max_completion_tokens")]
    public int? MaxCompletionTokens
    {
        get => _request.MaxCompletionTokens;
        set => Writable.MaxCompletionTokens = value;
    }

    /// <inheritdoc cref="QwenChatRequest.Stop"/>
    [JsonPropertyName("stop")]
    public IList<string>? Stop
    {
        get => _request.Stop;
        set => Writable.Stop = value;
    }

    /// <inheritdoc cref="QwenChatRequest.Seed"/>
    [JsonPropertyName("seed")]
    public long? Seed
    {
        get => _request.Seed;
        set => Writable.Seed = value;
    }

    /// <inheritdoc cref="QwenChatRequest.PresencePenalty"/>
    [JsonPropertyName("presence_penalty")]
    public float? PresencePenalty
    {
        get => _request.PresencePenalty;
        set => Writable.PresencePenalty = value;
    }

    /// <inheritdoc cref="QwenChatRequest.FrequencyPenalty"/>
    [JsonPropertyName("frequency_penalty")]
    public float? FrequencyPenalty
    {
        get => _request.FrequencyPenalty;
        set => Writable.FrequencyPenalty = value;
    }

    /// <inheritdoc cref="QwenChatRequest.RepetitionPenalty"/>
    [JsonPropertyName("repetition_penalty")]
    public float? RepetitionPenalty
    {
        get => _request.RepetitionPenalty;
        set => Writable.RepetitionPenalty = value;
    }

    /// <inheritdoc cref="QwenChatRequest.N"/>
    [JsonPropertyName("n")]
    public int? N
    {
        get => _request.N;
        set => Writable.N = value;
    }

    /// <inheritdoc cref="QwenChatRequest.Logprobs"/>
    [JsonPropertyName("logprobs")]
    public bool? Logprobs
    {
        get => _request.Logprobs;
        set => Writable.Logprobs = value;
    }

    /// <inheritdoc cref="QwenChatRequest.TopLogprobs"/>
    [JsonPropertyName("top_logprobs")]
    public int? TopLogprobs
    {
        get => _request.TopLogprobs;
        set => Writable.TopLogprobs = value;
    }

    /// <inheritdoc cref="QwenChatRequest.EnableThinking"/>
    [JsonPropertyName("enable_thinking")]
    public bool? EnableThinking
    {
        get => _request.EnableThinking;
        set => Writable.EnableThinking = value;
    }

    /// <inheritdoc cref="QwenChatRequest.ThinkingBudget"/>
    [JsonPropertyName("thinking_budget")]
    public int? ThinkingBudget
    {
        get => _request.ThinkingBudget;
        set => Writable.ThinkingBudget = value;
    }

    /// <inheritdoc cref="QwenChatRequest.ReasoningEffort"/>
    [JsonPropertyName("reasoning_effort")]
    public string? ReasoningEffort
    {
        get => _request.ReasoningEffort;
        set => Writable.ReasoningEffort = value;
    }

    /// <inheritdoc cref="QwenChatRequest.PreserveThinking"/>
    [JsonPropertyName("preserve_thinking")]
    public bool? PreserveThinking
    {
        get => _request.PreserveThinking;
        set => Writable.PreserveThinking = value;
    }

    /// <inheritdoc cref="QwenChatRequest.ParallelToolCalls"/>
    [JsonPropertyName("parallel_tool_calls")]
    public bool? ParallelToolCalls
    {
        get => _request.ParallelToolCalls;
        set => Writable.ParallelToolCalls = value;
    }

    /// <summary>The form of the answer. Set <c>"text"</c> or <c>"json_object"</c>, a <see cref="Type"/> (its JSON schema), a
    /// <see cref="ChatResponseFormat"/>, or the service's own form as JSON; what is read is the service's form, a <see cref="JsonElement"/>.</summary>
    /// <exception cref="ArgumentException">The value is none of these.</exception>
    [JsonPropertyName("response_format")]
    public object? ResponseFormat
    {
        get => _request.ResponseFormat;
        set => Writable.ResponseFormat = ResponseFormats.ToWire(value);
    }

    /// <inheritdoc cref="QwenChatRequest.EnableSearch"/>
    [JsonPropertyName("enable_search")]
    public bool? EnableSearch
    {
        get => _request.EnableSearch;
        set => Writable.EnableSearch = value;
    }

    /// <inheritdoc cref="QwenChatRequest.SearchOptions"/>
    [JsonPropertyName("search_options")]
    public JsonElement? SearchOptions
    {
        get => _request.SearchOptions;
        set => Writable.SearchOptions = value;
    }

    /// <inheritdoc cref="QwenChatRequest.EnableCodeInterpreter"/>
    [JsonPropertyName("enable_code_interpreter")]
    public bool? EnableCodeInterpreter
    {
        get => _request.EnableCodeInterpreter;
        set => Writable.EnableCodeInterpreter = value;
    }

    /// <inheritdoc cref="QwenChatRequest.HighResolutionImages"/>
    [JsonPropertyName("vl_high_resolution_images")]
    public bool? HighResolutionImages
    {
        get => _request.HighResolutionImages;
        set => Writable.HighResolutionImages = value;
    }

    /// <inheritdoc cref="QwenChatRequest.Modalities"/>
    [JsonPropertyName("modalities")]
    public IList<string>? Modalities
    {
        get => _request.Modalities;
        set => Writable.Modalities = value;
    }

    /// <inheritdoc cref="QwenChatRequest.Audio"/>
    [JsonPropertyName("audio")]
    public JsonElement? Audio
    {
        get => _request.Audio;
        set => Writable.Audio = value;
    }

    /// <inheritdoc cref="QwenChatRequest.TranslationOptions"/>
    [JsonPropertyName("translation_options")]
    public JsonElement? TranslationOptions
    {
        get => _request.TranslationOptions;
        set => Writable.TranslationOptions = value;
    }

    private QwenChatRequest Writable
    {
        get
        {
            ThrowIfFrozen();
            return _request;
        }
    }

    /// <summary>Settings of any kind as settings for Qwen.</summary>
    /// <param name="settings">Qwen's, which are returned as they are; plain ones, as prompt files bring them; another connector's, of which those
    /// are kept that Semantic Kernel knows itself, and those that have the same name here; null for new ones.</param>
    /// <returns>The settings.</returns>
    /// <exception cref="ArgumentException">A parameter has a value of another kind than its own.</exception>
    public static QwenPromptExecutionSettings FromExecutionSettings(PromptExecutionSettings? settings)
    {
        return settings as QwenPromptExecutionSettings ?? SettingsReader.Read(settings);
    }

    /// <inheritdoc/>
    public override void Freeze()
    {
        base.Freeze();
        _request.Stop = _request.Stop is { } stop ? new ReadOnlyCollection<string>([.. stop]) : null;
        _request.Modalities = _request.Modalities is { } kinds ? new ReadOnlyCollection<string>([.. kinds]) : null;
    }

    /// <inheritdoc/>
    public override PromptExecutionSettings Clone()
    {
        return new QwenPromptExecutionSettings
        {
            ModelId = ModelId,
            ServiceId = ServiceId,
            FunctionChoiceBehavior = FunctionChoiceBehavior,
            ExtensionData = ExtensionData is { } extra ? new Dictionary<string, object>(extra) : null,
            _request = Snapshot(),
        };
    }

    /// <summary>Puts the request with all that is set here in place: what Semantic Kernel has made of it on its way is less exact.</summary>
    /// <param name="options">What Semantic Kernel has made of these settings.</param>
    protected override void PrepareChatOptionsForRequest(ChatOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var request = SettingsReader.WithExtensionData(Snapshot(), ExtensionData);
        options.RawRepresentationFactory = _ => request.Copy();
        options.ResponseFormat = ResponseFormats.ToPortable(request.ResponseFormat);
        SettingsReader.Restore(options.AdditionalProperties, ExtensionData);
    }

    internal static QwenPromptExecutionSettings Of(QwenChatRequest request)
    {
        return new QwenPromptExecutionSettings { _request = request };
    }

    private QwenChatRequest Snapshot()
    {
        var copy = _request.Copy();
        copy.Stop = _request.Stop?.ToList();
        copy.Modalities = _request.Modalities?.ToList();
        return copy;
    }
}
