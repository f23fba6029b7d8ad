using System.Collections.Concurrent;
using Connectors.Qwen.Pipeline;

namespace Connectors.Qwen.DependencyInjection;

/// <summary>A pipeline that a host has made, for whoever asks how it is.</summary>
internal sealed record KnownPipeline(
    Type Options,
    string Name,
    object? ServiceKey,
    PipelineState State,
    IQwenCredentialProvider? Credentials
)
{
    /// <summary>What it is called: <c>chat</c>, <c>chat[fast]</c>, <c>embeddings</c>.</summary>
    public string Label
    {
        get
        {
            var what = Options == typeof(QwenEmbeddingOptions) ? "embeddings" : "chat";
            return Name.Length == 0 ? what : $"{what}[{Name}]";
        }
    }

    // A record prints what it holds.
    public override string ToString()
    {
        return Label;
    }
}

/// <summary>The pipelines that a host has made: one for each registration. Thread-safe.</summary>
internal sealed class KnownPipelines
{
    private readonly ConcurrentDictionary<(Type Options, string Name), KnownPipeline> _pipelines = new();

    public IEnumerable<KnownPipeline> All =>
        _pipelines.Values.OrderBy(static known => known.Label, StringComparer.Ordinal);

    public void Add(KnownPipeline known)
    {
        _pipelines[(known.Options, known.Name)] = known;
    }
}
