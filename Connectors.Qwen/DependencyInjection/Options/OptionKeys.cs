using Microsoft.Extensions.Configuration;

namespace Connectors.Qwen.DependencyInjection;

/// <summary>The keys that a section may hold, so that a misspelt one is told instead of passed over.</summary>
/// <remarks>Written down, because reflection would not survive native compilation; a test compares them with the options.</remarks>
internal sealed class OptionKeys
{
    private static readonly OptionKeys Retry = new(
        [
            nameof(TimeoutRetryOptions.MaxRetries),
            nameof(TimeoutRetryOptions.MaxAttempts),
            nameof(TimeoutRetryOptions.BaseDelay),
            nameof(TimeoutRetryOptions.MaxDelay),
            nameof(TimeoutRetryOptions.RateLimitDelay),
            nameof(TimeoutRetryOptions.MaxRetryAfter),
            nameof(TimeoutRetryOptions.RequestTimeout),
            nameof(TimeoutRetryOptions.FirstTokenTimeout),
            nameof(TimeoutRetryOptions.FirstTokenTimeoutPerKilobyte),
            nameof(TimeoutRetryOptions.IdleTimeout),
            nameof(TimeoutRetryOptions.TotalTimeout),
        ],
        new()
        {
            [nameof(TimeoutRetryOptions.RetryBudget)] = new([
                nameof(RetryBudgetOptions.Enabled),
                nameof(RetryBudgetOptions.Ratio),
                nameof(RetryBudgetOptions.Capacity),
                nameof(RetryBudgetOptions.RefillTime),
            ]),
            [nameof(TimeoutRetryOptions.Circuit)] = new([
                nameof(CircuitOptions.Enabled),
                nameof(CircuitOptions.FailureRatio),
                nameof(CircuitOptions.MinimumThroughput),
                nameof(CircuitOptions.SamplingDuration),
                nameof(CircuitOptions.BreakDuration),
            ]),
            [nameof(TimeoutRetryOptions.Limits)] = new([
                nameof(RequestLimitOptions.MaxConcurrentRequests),
                nameof(RequestLimitOptions.MaxQueuedRequests),
            ]),
        }
    );

    private static readonly OptionKeys Login = new([
        nameof(QwenOAuthOptions.CredentialsPath),
        nameof(QwenOAuthOptions.TokenEndpoint),
        nameof(QwenOAuthOptions.DeviceCodeEndpoint),
        nameof(QwenOAuthOptions.ClientId),
        nameof(QwenOAuthOptions.Scope),
        nameof(QwenRefreshOptions.RefreshBuffer),
        nameof(QwenRefreshOptions.RefreshAhead),
        nameof(QwenRefreshOptions.RefreshTimeout),
    ]);

    private static readonly OptionKeys Fallback = new([
        nameof(StreamingFallbackOptions.Enabled),
        nameof(StreamingFallbackOptions.UpgradeToStreaming),
        nameof(StreamingFallbackOptions.Continuation),
        nameof(StreamingFallbackOptions.MaxContinuations),
        nameof(StreamingFallbackOptions.ContinuationModels),
        nameof(StreamingFallbackOptions.FailureThreshold),
        nameof(StreamingFallbackOptions.FailureWindow),
        nameof(StreamingFallbackOptions.BreakDuration),
    ]);

    // Lists: a value in the place of one is read by nobody.
    private static readonly string[] Lists = [nameof(StreamingFallbackOptions.ContinuationModels)];

    private static readonly string[] Client =
    [
        nameof(QwenClientOptions.Endpoint),
        nameof(QwenClientOptions.ModelId),
        nameof(QwenClientOptions.ApiKey),
        nameof(QwenClientOptions.MaxEventBytes),
        nameof(QwenClientOptions.MaxResponseBytes),
        nameof(QwenClientOptions.KeepRawRepresentation),
        nameof(QwenClientOptions.ThinkTagsAsReasoning),
        nameof(QwenClientOptions.TrustDone),
    ];

    private readonly HashSet<string> _values;
    private readonly Dictionary<string, OptionKeys> _parts;

    private OptionKeys(string[] values, Dictionary<string, OptionKeys>? parts = null)
    {
        _values = new(values, StringComparer.OrdinalIgnoreCase);
        _parts = new(parts ?? [], StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The keys of <see cref="QwenOptions"/>.</summary>
    public static OptionKeys OfChat { get; } =
        new(
            Client,
            new()
            {
                [nameof(QwenOptions.OAuth)] = Login,
                [nameof(QwenOptions.TimeoutRetry)] = Retry,
                [nameof(QwenOptions.StreamingFallback)] = Fallback,
            }
        );

    /// <summary>The keys of <see cref="QwenEmbeddingOptions"/>.</summary>
    public static OptionKeys OfEmbeddings { get; } =
        new(
            [
                .. Client,
                nameof(QwenEmbeddingOptions.Dimensions),
                nameof(QwenEmbeddingOptions.MaxBatchSize),
                nameof(QwenEmbeddingOptions.MaxParallelRequests),
            ],
            new() { [nameof(QwenEmbeddingOptions.OAuth)] = Login, [nameof(QwenEmbeddingOptions.TimeoutRetry)] = Retry }
        );

    /// <summary>All keys, by their paths.</summary>
    public IEnumerable<string> Paths =>
        _values.Concat(_parts.SelectMany(part => part.Value.Paths.Select(path => $"{part.Key}:{path}")));

    /// <summary>The keys of a section that mean nothing, with those that would have been known in their place.</summary>
    public IEnumerable<(string Path, string Known)> UnknownOf(IConfiguration section)
    {
        foreach (var child in section.GetChildren())
        {
            if (_parts.TryGetValue(child.Key, out var part))
            {
                if (!string.IsNullOrEmpty(child.Value))
                {
                    yield return (child.Path, string.Join(", ", part.Paths.Select(path => $"{child.Key}:{path}")));
                }

                foreach (var unknown in part.UnknownOf(child))
                {
                    yield return unknown;
                }
            }
            else if (Lists.Contains(child.Key, StringComparer.OrdinalIgnoreCase) && !string.IsNullOrEmpty(child.Value))
            {
                yield return (child.Path, $"{child.Key}:0, {child.Key}:1, ...");
            }
            else if (!_values.Contains(child.Key))
            {
                yield return (child.Path, string.Join(", ", _values.Concat(_parts.Keys)));
            }
        }
    }
}
