using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>One form of one call on its way through the retries: what every attempt needs, and what the last one taught.</summary>
internal sealed class RetryRun(QwenCall call, CircuitKey key, MessageSnapshot messages, ChatOptions? options)
{
    public const string Streaming = "streaming";
    public const string NonStreaming = "non-streaming";

    public const string Embeddings = QwenTracing.Embeddings;

    public QwenCall Call { get; } = call;

    public CircuitKey Key { get; } = key;

    public string Form => Key.Form;

    public MessageSnapshot Messages { get; } = messages;

    public ChatOptions? Options { get; } = options;

    public int Retries { get; set; }

    /// <summary>Whether the model refused something that was left out of the next request.</summary>
    public bool IsAdapted { get; set; }

    public RetryDecision Decision { get; set; }

    /// <summary>Whether a retry was paid for and is not sent yet.</summary>
    public bool IsWaiting { get; set; }

    public long AttemptStartedAt { get; set; }
}
