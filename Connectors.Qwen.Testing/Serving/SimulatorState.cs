using Connectors.Qwen.Testing.Answers;

namespace Connectors.Qwen.Testing.Serving;

/// <summary>What a running simulator knows: a checked copy of its options, and what its owner can look at and steer.</summary>
internal sealed class SimulatorState
{
    private readonly Dictionary<string, QwenSimulatedModel> _models;

    private SimulatorState(QwenSimulatorOptions options)
    {
        TimeProvider = options.TimeProvider;
        ChunkDelay = options.ChunkDelay;
        ChunkLength = options.ChunkLength;
        UsesHttp2 = options.UseHttp2;
        IncludesResourceUrl = options.IncludeResourceUrl;
        RejectsUnknownModels = options.RejectUnknownModels;
        RefusesPartialMode = options.PartialMode == QwenPartialMode.Refuse;
        Answers = new AnswerSource(options.Answer, options.PartialMode);
        Tokens = new QwenTokenAuthority(options);
        DevicePollInterval = options.DevicePollInterval;
        SlowDownStatus = options.DeviceSlowDownStatus;
        Devices = new QwenDeviceAuthority(options, Tokens);

        // The last entry of an id wins, so that a caller can override a default by adding to the list.
        _models = new Dictionary<string, QwenSimulatedModel>(StringComparer.Ordinal);
        foreach (var model in options.Models)
        {
            _models[model.Id] = model;
        }

        EmbeddingModels = new Dictionary<string, QwenSimulatedEmbeddingModel>(StringComparer.Ordinal);
        foreach (var model in options.EmbeddingModels)
        {
            EmbeddingModels[model.Id] = model;
        }

        Models = [.. options.Models.Select(model => model.Id).Distinct().Select(id => _models[id])];
    }

    public TimeProvider TimeProvider { get; }

    public TimeSpan ChunkDelay { get; }

    public int ChunkLength { get; }

    public bool UsesHttp2 { get; }

    public bool IncludesResourceUrl { get; }

    public bool RejectsUnknownModels { get; }

    public bool RefusesPartialMode { get; }

    public IReadOnlyList<QwenSimulatedModel> Models { get; }

    public Dictionary<string, QwenSimulatedEmbeddingModel> EmbeddingModels { get; }

    public TimeSpan? DevicePollInterval { get; }

    public int SlowDownStatus { get; }

    public AnswerSource Answers { get; }

    public QwenTokenAuthority Tokens { get; }

    public QwenDeviceAuthority Devices { get; }

    public QwenScript Script { get; } = new();

    public QwenScript EmbeddingScript { get; } = new();

    public QwenScript TokenScript { get; } = new();

    public QwenScript DeviceScript { get; } = new();

    public QwenScript TemporaryKeyScript { get; } = new();

    public QwenScript ModelCatalogueScript { get; } = new();

    public QwenJournal Journal { get; } = new();

    public static SimulatorState From(QwenSimulatorOptions options)
    {
        if (options.TimeProvider is null)
        {
            throw new ArgumentException($"{nameof(options.TimeProvider)} must not be null.", nameof(options));
        }

        var complaint = options switch
        {
            { TokenLifetime.Ticks: <= 0 } =>
                $"{nameof(options.TokenLifetime)} must be positive, not {options.TokenLifetime}.",
            { ChunkDelay.Ticks: < 0 } =>
                $"{nameof(options.ChunkDelay)} must be zero or more, not {options.ChunkDelay}.",
            { ChunkLength: < 1 } => $"{nameof(options.ChunkLength)} must be at least 1, not {options.ChunkLength}.",
            { DeviceCodeLifetime.Ticks: <= 0 } =>
                $"{nameof(options.DeviceCodeLifetime)} must be positive, not {options.DeviceCodeLifetime}.",
            { DevicePollInterval: { } interval } when !IsWholeSeconds(interval) =>
                $"{nameof(options.DevicePollInterval)} must be whole seconds, at least one, not {interval}.",
            { DeviceSlowDownStatus: not (400 or 429) } =>
                $"{nameof(options.DeviceSlowDownStatus)} must be 400 or 429, not {options.DeviceSlowDownStatus}.",
            { AutoApproveAfterPolls: < 0 } =>
                $"{nameof(options.AutoApproveAfterPolls)} must be zero or more, not {options.AutoApproveAfterPolls}.",
            { PartialMode: var mode } when !Enum.IsDefined(mode) =>
                $"{nameof(options.PartialMode)} must be a mode that there is, not {mode}.",
            { EmbeddingModels: var models }
                when models.FirstOrDefault(static model => !model.IsPossible) is { } model =>
                $"The model '{model.Id}' of {nameof(options.EmbeddingModels)} needs an id, a limit of one text and one token or more, and dimensions that are positive.",
            _ => null,
        };
        return complaint is null
            ? new SimulatorState(options)
            : throw new ArgumentOutOfRangeException(nameof(options), complaint);
    }

    public bool IsKnown(string? model) => model is not null && _models.ContainsKey(model);

    public QwenSimulatedModel FindModel(string? id) =>
        id is not null && _models.TryGetValue(id, out var model) ? model : new QwenSimulatedModel { Id = id ?? "" };

    private static bool IsWholeSeconds(TimeSpan interval) =>
        interval >= TimeSpan.FromSeconds(1) && interval.Ticks % TimeSpan.TicksPerSecond == 0;
}
