using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Pipeline;

/// <summary>Pays for the requests that go on with an answer, and tells of them. Thread-safe.</summary>
internal sealed class Continuations(OutageLogger outages, ILogger logger)
{
    /// <summary>What saved the answer, on the response.</summary>
    public const string RecoveredBy = "continuation";

    // A stream that ran so long was worth its request: gateways that cut every stream after a minute must not use the budget up that is kept
    // for outages, in which nothing runs long.
    private static readonly TimeSpan WorthARequest = TimeSpan.FromSeconds(10);

    /// <summary>A stream broke off after its first word.</summary>
    public void Broke(QwenCall call, string form, Failure failure, TimeSpan elapsed, long characters)
    {
        call.Ledger.Add(form, failure.Kind, elapsed, failure.RequestId);
        call.Ledger.Usage.Add(failure.Usage);
        outages.StreamBroke(failure.Kind, characters, failure.RequestId);
    }

    /// <summary>Begins a request that goes on; false when the call may send no more.</summary>
    /// <param name="call">The call.</param>
    /// <param name="decision">What is asked for.</param>
    /// <param name="kind">Why the answer broke off.</param>
    /// <param name="ran">How long the request before it ran.</param>
    /// <param name="resent">The estimated tokens that are sent back, or asked for once more.</param>
    public bool Begin(QwenCall call, ContinuationDecision decision, QwenFailureKind kind, TimeSpan ran, long resent)
    {
        var form = decision.IsWhole ? RetryRun.NonStreaming : RetryRun.Streaming;
        if (call.TakePermit(isFree: ran >= WorthARequest) is not null)
        {
            QwenMetrics.PermitRefused(form);
            return false;
        }

        call.Ledger.Continuations++;
        if (decision.Step == ContinuationStep.Restart)
        {
            call.Ledger.Discard(resent);
        }
        else
        {
            call.Ledger.ResentTokens += resent;
        }

        QwenMetrics.Continued(kind, form, decision.Step == ContinuationStep.Restart);
        logger.Continuing(call.Ledger.Continuations, form, decision.Step.ToString(), resent);
        return true;
    }

    /// <summary>The request was held back here.</summary>
    public static void Unsent(QwenCall call, ContinuationDecision decision, long resent)
    {
        call.Ledger.Continuations--;
        call.Ledger.ResentTokens -= decision.Step == ContinuationStep.Restart ? 0 : resent;
    }

    /// <summary>The answer is whole after all.</summary>
    public void Saved(QwenCall call)
    {
        if (call.Ledger.Continuations > 0)
        {
            call.Ledger.RecoveredBy = RecoveredBy;
            logger.ContinuationSucceeded(call.Ledger.Continuations, call.Attempts);
        }
    }

    /// <summary>It is not gone on with.</summary>
    public void GaveUp(QwenFailureKind kind, string reason)
    {
        outages.NotContinued(kind, reason);
    }

    /// <summary>It would be gone on with, were it not for the option.</summary>
    public void Reported(QwenFailureKind kind, ContinuationDecision decision)
    {
        logger.WouldContinue(
            kind,
            decision.Step.ToString(),
            decision.IsWhole ? RetryRun.NonStreaming : RetryRun.Streaming
        );
    }

    /// <summary>Another model answers than before.</summary>
    public void ModelChanged(string? before, string? now)
    {
        logger.ModelChanged(before, now);
    }
}
