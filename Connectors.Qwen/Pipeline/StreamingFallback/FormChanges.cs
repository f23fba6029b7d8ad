using Connectors.Qwen.Diagnostics;

namespace Connectors.Qwen.Pipeline;

/// <summary>Pays for the requests of a change of form, and tells of them. Thread-safe.</summary>
internal sealed class FormChanges(OutageLogger logger)
{
    /// <summary>Begins a change; false when the call may send no more.</summary>
    public bool Begin(QwenCall call, Failure failure, Exception exception, string from, string to, bool isFree = false)
    {
        // That a model only streams says nothing of an outage, and is asked once.
        if (call.TakePermit(isFree || failure.NeedsStream) is not null)
        {
            QwenMetrics.PermitRefused(from);
            return false;
        }

        if (!call.Has(Stage.TimeoutRetry))
        {
            call.Ledger.Add(from, failure.Kind, null, failure.RequestId);
            call.Ledger.Usage.Add(failure.Usage);
        }

        call.Ledger.Discard(exception);
        logger.ChangingForm(from, failure.Kind, to);
        QwenMetrics.FellBack(failure.Kind, from);
        return true;
    }

    /// <summary>Begins the change from a stream to the whole answer; who cannot pay for it may all the same, where whole answers come.</summary>
    public async ValueTask<bool> BeginWholeAsync(
        FormRequest ask,
        Failure failure,
        Exception exception,
        WholeAnswers? whole
    )
    {
        return Begin(ask.Call, failure, exception, RetryRun.Streaming, RetryRun.NonStreaming)
            || (
                whole is not null
                && ask.Call.Attempts < ask.Call.MaxAttempts
                && await whole.MayAskAsync(ask.Call, ask.CancellationToken).ConfigureAwait(false)
                && Begin(ask.Call, failure, exception, RetryRun.Streaming, RetryRun.NonStreaming, isFree: true)
            );
    }

    /// <summary>Begins the stream of a whole answer anew; false when the call may send no more.</summary>
    public bool BeginAgain(QwenCall call, Failure failure, Exception exception)
    {
        if (call.TakePermit() is not null)
        {
            QwenMetrics.PermitRefused(RetryRun.Streaming);
            return false;
        }

        call.Ledger.Discard(exception);
        logger.Retrying(call.Attempts - 1, RetryRun.Streaming, failure.Kind, 0, 0, failure.RequestId);
        return true;
    }

    /// <summary>The answer came in the other form.</summary>
    public void Came(QwenCall call, string form)
    {
        call.Ledger.RecoveredBy = form;
        logger.FormChanged(form, call.Attempts);
    }
}
