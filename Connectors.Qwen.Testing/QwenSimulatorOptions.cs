namespace Connectors.Qwen.Testing;

/// <summary>Settings of a <see cref="QwenSimulator"/>.</summary>
/// <remarks>
/// <see cref="QwenSimulator.StartAsync"/> checks the settings and takes a copy: later changes have no effect on a running
/// simulator. Not thread-safe.
/// </remarks>
public sealed class QwenSimulatorOptions
{
    /// <summary>The API key that a simulator accepts unless told otherwise.</summary>
    public const string DefaultApiKey = "sk-simulated";

    /// <summary>Gets the static API keys that are accepted.</summary>
    /// <value>The default is one key, <see cref="DefaultApiKey"/>.</value>
    /// <remarks>While the simulator runs, keys are added and taken away through <see cref="QwenSimulator.Tokens"/>.</remarks>
    public IList<string> ApiKeys { get; } = [DefaultApiKey];

    /// <summary>Gets or sets the clock that governs token expiry, every delay, and <c>created</c> in the answers.</summary>
    /// <value>The default is <see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Gets or sets how long a token lives that a refresh or a device login has minted.</summary>
    /// <value>The default is one hour. Must be positive.</value>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Gets or sets a value indicating whether each refresh returns a new refresh token and burns the old one.</summary>
    /// <value>The default is <see langword="true"/>. When off, the same refresh token is returned each time.</value>
    public bool RotateRefreshTokens { get; set; } = true;

    /// <summary>
    /// Gets or sets a value indicating whether presenting a burned refresh token also kills everything that was minted from it.
    /// </summary>
    /// <value>The default is <see langword="false"/>.</value>
    /// <remarks>Only meaningful while <see cref="RotateRefreshTokens"/> is on.</remarks>
    public bool DetectRefreshTokenReuse { get; set; }

    /// <summary>Gets or sets a value indicating whether a refresh or login also names the simulator's endpoint as <c>resource_url</c>.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool IncludeResourceUrl { get; set; } = true;

    /// <summary>Gets or sets how long a person may take to confirm a device login, by the simulator's clock.</summary>
    /// <value>The default is 15 minutes. Must be positive.</value>
    public TimeSpan DeviceCodeLifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Gets or sets the pause between polls that a device code asks for as <c>interval</c>.</summary>
    /// <value>
    /// The default is <see langword="null"/>: nothing is asked for, as the service does, and no poll is too early. Otherwise
    /// whole seconds, at least one.
    /// </value>
    /// <remarks>
    /// When set, a poll that follows the one before it sooner (by more than 50 ms: timers are not exact) is answered
    /// <c>slow_down</c>. The demand does not grow.
    /// </remarks>
    public TimeSpan? DevicePollInterval { get; set; }

    /// <summary>Gets or sets the HTTP status of the <c>slow_down</c> that an early poll is answered with.</summary>
    /// <value>The default is 429, which the service sends; the other choice is 400, which RFC 8628 says.</value>
    public int DeviceSlowDownStatus { get; set; } = 429;

    /// <summary>Gets or sets after how many pending polls a device login is approved by itself, without a person.</summary>
    /// <value>
    /// The default is <see langword="null"/>: never. Zero or more; with zero the first poll is answered with tokens. Polls that
    /// are answered <c>slow_down</c>, or as scripted, do not count.
    /// </value>
    public int? AutoApproveAfterPolls { get; set; }

    /// <summary>Gets or sets a value indicating whether the simulator speaks HTTP/2, and nothing else.</summary>
    /// <value>The default is <see langword="false"/>: HTTP/1.1.</value>
    /// <remarks>Without TLS nothing is negotiated: the client has to know (version 2.0, exact).</remarks>
    public bool UseHttp2 { get; set; }

    /// <summary>Gets or sets the pause between two events of a stream.</summary>
    /// <value>The default is zero. Must not be negative.</value>
    public TimeSpan ChunkDelay { get; set; }

    /// <summary>Gets or sets the length of a text chunk in UTF-16 characters.</summary>
    /// <value>The default is 8. Must be at least 1. A surrogate pair is never split: such a chunk is one character longer.</value>
    public int ChunkLength { get; set; } = 8;

    /// <summary>Gets or sets what the model says.</summary>
    /// <value>
    /// The default is <see langword="null"/>: a text of about 50 words derived from the last user message, the same for the same
    /// message; JSON when a JSON response format is asked for; reasoning first when the model thinks; a tool call when the last
    /// user message mentions a tool's name.
    /// </value>
    /// <remarks>
    /// Called once per answered request, possibly by several threads at once. A request in partial mode is handed over
    /// <em>without</em> its partial message; the simulator then sends what <see cref="PartialMode"/> says. An exception becomes
    /// an HTTP 500.
    /// </remarks>
    public Func<QwenSimulatedRequest, QwenSimulatedAnswer>? Answer { get; set; }

    /// <summary>Gets or sets what becomes of a request in partial mode.</summary>
    /// <value>The default is <see cref="QwenPartialMode.Continue"/>: exactly what follows the prefix, as the service does.</value>
    /// <remarks>The catalogue of models is not changed by it: a server may promise what it does not do.</remarks>
    public QwenPartialMode PartialMode { get; set; }

    /// <summary>Gets the models that the simulator knows.</summary>
    /// <value>
    /// The default holds common chat models, which are ordinary, and four with habits of their own: <c>qwq-plus</c> and
    /// <c>qvq-max</c> (think always and only stream), <c>qwen3-8b</c> and <c>qwen3-30b-a3b</c> (think unless told not to, and
    /// refuse to do so without a stream).
    /// </value>
    /// <remarks>
    /// Ids are compared ordinally. An id that is not listed is an ordinary hybrid model whose thinking is off by default. The
    /// catalogue at <see cref="QwenSimulator.ModelCatalogueEndpoint"/> lists these models, and of an id the last entry counts.
    /// </remarks>
    public IList<QwenSimulatedModel> Models { get; } = QwenSimulatedModel.CreateDefaults();

    /// <summary>Gets the models for embeddings that the simulator knows.</summary>
    /// <value>The default holds the documented ones with their limits and dimensions.</value>
    /// <remarks>Of an id the last entry counts. An id that is not listed is a model like <c>text-embedding-v4</c>.</remarks>
    public IList<QwenSimulatedEmbeddingModel> EmbeddingModels { get; } = QwenSimulatedEmbeddingModel.CreateDefaults();

    /// <summary>
    /// Gets or sets a value indicating whether a model that <see cref="Models"/>, or for embeddings <see cref="EmbeddingModels"/>, does not
    /// list is answered with 404.
    /// </summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool RejectUnknownModels { get; set; }
}
