using System.Diagnostics.Metrics;

namespace Connectors.Qwen.Diagnostics;

/// <summary>What the library counts. The meter is named <c>Connectors.Qwen</c>; nothing is allocated while nobody listens.</summary>
internal static partial class QwenMetrics
{
    private const string ErrorType = "error.type";
    private const string FormName = "qwen.form";

    private static readonly Meter Meter = new(QwenProduct.Name, QwenProduct.Version);

    private static readonly Counter<long> AttemptCounter = Meter.CreateCounter<long>(
        "qwen.client.attempts",
        "{request}",
        "Requests sent, by form and, where they failed, by the kind of the failure."
    );

    private static readonly Counter<long> RetryCounter = Meter.CreateCounter<long>(
        "qwen.client.retries",
        "{retry}",
        "Requests sent again in the same form, by the kind of the failure before."
    );

    private static readonly Histogram<double> RetryDelay = Meter.CreateHistogram<double>(
        "qwen.client.retry.delay",
        "s",
        "Waits before retries."
    );

    private static readonly Counter<long> RefusedPermitCounter = Meter.CreateCounter<long>(
        "qwen.client.retry_budget.refusals",
        "{request}",
        "Further requests that were not sent because the call or the client had sent enough."
    );

    private static readonly Counter<long> CircuitCounter = Meter.CreateCounter<long>(
        "qwen.client.circuit.changes",
        "{change}",
        "Changes of circuits, by form and by the state that began: open, half-open, closed."
    );

    private static readonly Counter<long> FallbackCounter = Meter.CreateCounter<long>(
        "qwen.client.fallbacks",
        "{fallback}",
        "Calls that changed their form, by the form they had and by the kind of the failure before."
    );

    private static readonly Counter<long> ContinuationCounter = Meter.CreateCounter<long>(
        "qwen.client.continuations",
        "{request}",
        "Requests that went on with an answer that broke off, by form, by the kind of the failure before, and by whether the answer was asked for anew."
    );

    private static readonly Counter<long> FailureCounter = Meter.CreateCounter<long>(
        "qwen.client.failures",
        "{call}",
        "Calls that ended with an error, by kind."
    );

    private static readonly Histogram<double> FirstToken = Meter.CreateHistogram<double>(
        "qwen.client.time_to_first_token",
        "s",
        "From the beginning of a streaming call, with its retries, to its first word."
    );

    private static readonly Counter<long> DiscardedTokens = Meter.CreateCounter<long>(
        "qwen.client.tokens.discarded",
        "{token}",
        "Tokens of answers that came and could not be used, estimated."
    );

    public static void Attempted(string form, QwenFailureKind? kind)
    {
        if (!AttemptCounter.Enabled)
        {
            return;
        }

        if (kind is null)
        {
            AttemptCounter.Add(1, new KeyValuePair<string, object?>(FormName, form));
        }
        else
        {
            AttemptCounter.Add(1, new(FormName, form), new(ErrorType, kind.ToString()));
        }
    }

    public static void Retried(QwenFailureKind kind, string form, TimeSpan delay)
    {
        if (RetryCounter.Enabled)
        {
            RetryCounter.Add(1, new(ErrorType, kind.ToString()), new(FormName, form));
        }

        if (RetryDelay.Enabled)
        {
            RetryDelay.Record(delay.TotalSeconds, new KeyValuePair<string, object?>(ErrorType, kind.ToString()));
        }
    }

    public static void PermitRefused(string form)
    {
        RefusedPermitCounter.Add(1, new KeyValuePair<string, object?>(FormName, form));
    }

    public static void CircuitChanged(string form, string state)
    {
        CircuitCounter.Add(1, new(FormName, form), new("qwen.circuit.state", state));
    }

    public static void FellBack(QwenFailureKind kind, string form)
    {
        if (FallbackCounter.Enabled)
        {
            FallbackCounter.Add(1, new(ErrorType, kind.ToString()), new(FormName, form));
        }
    }

    public static void Continued(QwenFailureKind kind, string form, bool isAnew)
    {
        if (ContinuationCounter.Enabled)
        {
            ContinuationCounter.Add(1, new(ErrorType, kind.ToString()), new(FormName, form), new("qwen.anew", isAnew));
        }
    }

    public static void Failed(QwenFailureKind kind)
    {
        if (FailureCounter.Enabled)
        {
            FailureCounter.Add(1, new KeyValuePair<string, object?>(ErrorType, kind.ToString()));
        }
    }

    public static void FirstTokenCame(TimeSpan elapsed)
    {
        FirstToken.Record(elapsed.TotalSeconds);
    }

    public static void Discarded(long tokens)
    {
        DiscardedTokens.Add(tokens);
    }
}
