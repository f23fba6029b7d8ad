using Connectors.Qwen.DependencyInjection;
using Connectors.Qwen.Errors;

namespace Connectors.Qwen;

/// <summary>The whole configuration section of a generator of embeddings: where it is, what it makes, and how the pipeline behaves.</summary>
/// <remarks>
/// Example, in JSON: <c>"QwenEmbeddings": { "ModelId": "text-embedding-v4", "Dimensions": 512 }</c>. What is about streams in
/// the inherited options has no meaning here.
/// </remarks>
public sealed class QwenEmbeddingOptions : QwenClientOptions, IPipelineOptions
{
    /// <summary>The length of the vectors where a call does not say it; more than zero.</summary>
    /// <value>The default is null: the model's own, for example 1024 for <c>text-embedding-v4</c>.</value>
    public int? Dimensions { get; set; }

    /// <summary>How many texts one request holds at most; more than zero.</summary>
    /// <value>The default is null: the documented limit of the model, 10 where none is known, or a lower one that the server has named.</value>
    public int? MaxBatchSize { get; set; }

    /// <summary>How many requests of one call are on their way at the same time; more than zero.</summary>
    /// <value>The default is 2. <see cref="RequestLimitOptions.MaxConcurrentRequests"/> counts over all calls.</value>
    public int MaxParallelRequests { get; set; } = QwenEmbeddingGenerator.DefaultParallelRequests;

    /// <summary>An OAuth login in place of an API key; used when <see cref="QwenOAuthOptions.CredentialsPath"/> is set.</summary>
    public QwenOAuthOptions OAuth { get; set; } = new();

    /// <summary>Clocks and retries of each request; those of streams have no meaning here.</summary>
    /// <value>As for chat, except that <see cref="TimeoutRetryOptions.RequestTimeout"/> is 120 seconds: no words are waited for.</value>
    public TimeoutRetryOptions TimeoutRetry { get; set; } = new() { RequestTimeout = TimeSpan.FromSeconds(120) };

    OptionFaults IPipelineOptions.Faults()
    {
        return PipelineRules
            .Faults(this)
            .MoreThan(Dimensions ?? 1, 0, nameof(Dimensions))
            .MoreThan(MaxBatchSize ?? 1, 0, nameof(MaxBatchSize))
            .MoreThan(MaxParallelRequests, 0);
    }
}
