namespace Connectors.Qwen.Testing;

/// <summary>A model that the simulator knows, with the habits that tell it from an ordinary hybrid model. Immutable.</summary>
public sealed class QwenSimulatedModel
{
    /// <summary>Gets the id that requests name, compared ordinally.</summary>
    public required string Id { get; init; }

    /// <summary>Gets a value indicating whether the model refuses requests that do not ask for a stream.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool StreamOnly { get; init; }

    /// <summary>Gets a value indicating whether the model thinks when <c>enable_thinking</c> is absent.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool ThinksByDefault { get; init; }

    /// <summary>Gets a value indicating whether the model always thinks and refuses <c>enable_thinking: false</c>.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool ThinkingOnly { get; init; }

    /// <summary>Gets a value indicating whether the model refuses to think when no stream is asked for.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool RefusesNonStreamingThinking { get; init; }

    /// <summary>Gets a value indicating whether the model refuses partial mode, and the catalogue does not list the ability.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    /// <remarks>A model that thinks about a request refuses it in partial mode in any case.</remarks>
    public bool RefusesPartialMode { get; init; }

    /// <summary>Gets a value indicating whether the model knows no <c>enable_thinking</c> and refuses it, whatever its value.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool RefusesEnableThinking { get; init; }

    /// <summary>Gets a value indicating whether the model refuses <c>json_object</c> while it thinks, as older ones do.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool RefusesJsonWhileThinking { get; init; }

    /// <summary>Gets the words that the model takes for <c>reasoning_effort</c>; it refuses others and names these.</summary>
    /// <value>The default is <see langword="null"/>: it takes any.</value>
    public IReadOnlyList<string>? ReasoningEfforts { get; init; }

    /// <summary>Gets the context window that the catalogue names, in tokens.</summary>
    /// <value>The default is <see langword="null"/>: the catalogue does not say.</value>
    public long? ContextWindow { get; init; }

    /// <summary>Gets the longest input that the catalogue names, in tokens.</summary>
    /// <value>The default is <see langword="null"/>: the catalogue does not say.</value>
    public long? MaxInputTokens { get; init; }

    /// <summary>Gets the longest answer that the catalogue names, in tokens.</summary>
    /// <value>The default is <see langword="null"/>: the catalogue does not say.</value>
    public long? MaxOutputTokens { get; init; }

    internal bool ContinuesPrefix => !RefusesPartialMode && !ThinkingOnly;

    internal bool Thinks(bool? enableThinking) => ThinkingOnly || (enableThinking ?? ThinksByDefault);

    internal static List<QwenSimulatedModel> CreateDefaults()
    {
        string[] ordinary =
        [
            "qwen-plus",
            "qwen-flash",
            "qwen-turbo",
            "qwen-max",
            "qwen3-max",
            "qwen3.5-plus",
            "qwen3.6-plus",
            "qwen3.7-plus",
            "qwen3.7-max",
            "qwen3.8-max",
            "qwen3-coder-plus",
            "qwen3-coder-flash",
            "coder-model",
        ];
        string[] reasoners = ["qwq-plus", "qvq-max"];
        string[] openSource = ["qwen3-8b", "qwen3-30b-a3b"];

        return
        [
            .. ordinary.Select(id => new QwenSimulatedModel { Id = id }),
            .. reasoners.Select(id => new QwenSimulatedModel
            {
                Id = id,
                StreamOnly = true,
                ThinkingOnly = true,
            }),
            .. openSource.Select(id => new QwenSimulatedModel
            {
                Id = id,
                ThinksByDefault = true,
                RefusesNonStreamingThinking = true,
            }),
        ];
    }
}
