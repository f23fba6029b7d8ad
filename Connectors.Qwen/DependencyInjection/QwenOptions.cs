using Connectors.Qwen.DependencyInjection;
using Connectors.Qwen.Errors;

namespace Connectors.Qwen;

/// <summary>The whole configuration section of a Qwen client: where it is, and how the pipeline behaves.</summary>
/// <remarks>
/// Example, in JSON: <c>"Qwen": { "ModelId": "qwen3-max", "TimeoutRetry": { "IdleTimeout": "00:01:00" } }</c>. Durations are
/// <see cref="TimeSpan"/> texts. Keep the key out of files: set <c>Qwen__ApiKey</c> or <c>DASHSCOPE_API_KEY</c> in the environment.
/// </remarks>
public sealed class QwenOptions : QwenClientOptions, IPipelineOptions
{
    /// <summary>An OAuth login in place of an API key; used when <see cref="QwenOAuthOptions.CredentialsPath"/> is set.</summary>
    public QwenOAuthOptions OAuth { get; set; } = new();

    /// <summary>Clocks and retries.</summary>
    public TimeoutRetryOptions TimeoutRetry { get; set; } = new();

    /// <summary>The change from streaming to non-streaming.</summary>
    public StreamingFallbackOptions StreamingFallback { get; set; } = new();

    OptionFaults IPipelineOptions.Faults()
    {
        return PipelineRules.Faults(this).Within(nameof(StreamingFallback), StreamingFallback?.Faults());
    }
}
