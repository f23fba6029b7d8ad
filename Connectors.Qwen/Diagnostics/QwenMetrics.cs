using System.Diagnostics.Metrics;

namespace Connectors.Qwen.Diagnostics;

/// <summary>What the library counts. The meter is named <c>Connectors.Qwen</c>; nothing is allocated while nobody listens.</summary>
internal static partial class QwenMetrics
{
    private static readonly Meter Meter = new(QwenProduct.Name, QwenProduct.Version);

    private static readonly Counter<long> RetryCounter = Meter.CreateCounter<long>(
        "qwen.client.retries",
        "{retry}",
        "Requests sent again in the same form, by the kind of the failure before."
    );

    private static readonly Counter<long> FallbackCounter = Meter.CreateCounter<long>(
        "qwen.client.fallbacks",
        "{fallback}",
        "Calls that changed from streaming to non-streaming, by the kind of the failure before."
    );

    private static readonly Counter<long> FailureCounter = Meter.CreateCounter<long>(
        "qwen.client.failures",
        "{call}",
        "Calls that ended with an error, by kind."
    );

    public static void Retried(QwenFailureKind kind, string form)
    {
        if (RetryCounter.Enabled)
        {
            RetryCounter.Add(1, new("error.type", kind.ToString()), new("qwen.form", form));
        }
    }

    public static void FellBack(QwenFailureKind kind)
    {
        if (FallbackCounter.Enabled)
        {
            FallbackCounter.Add(1, new KeyValuePair<string, object?>("error.type", kind.ToString()));
        }
    }

    public static void Failed(QwenFailureKind kind)
    {
        if (FailureCounter.Enabled)
        {
            FailureCounter.Add(1, new KeyValuePair<string, object?>("error.type", kind.ToString()));
        }
    }
}
