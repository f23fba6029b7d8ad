using System.Diagnostics;
using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Pipeline;

/// <summary>What the outermost stage says of a call: to the trace, the log and the metrics, and to the caller of one that failed.</summary>
internal sealed class CallReport(ILogger logger, TimeProvider time)
{
    private readonly OutageLogger _logger = new(logger, time);

    /// <summary>Begins the span of the call; null while nobody listens.</summary>
    public static Activity? Begin(QwenCall call, Activity? parent, string form, string model)
    {
        call.Span = QwenTracing.StartCall(parent, form, model);
        return call.Span;
    }

    /// <summary>Says on the span how the call went.</summary>
    public static void Tell(QwenCall call)
    {
        call.Span.Tell(
            call.Attempts,
            call.Ledger.RecoveredBy,
            call.Ledger.Tried(),
            call.Ledger.Continuations,
            call.Ledger.ResentTokens
        );
    }

    /// <summary>The failure of the call as its caller is to see it.</summary>
    public Exception Conclude(QwenCall call, Exception exception, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested && exception is not OperationCanceledException)
        {
            // Clients and streams that are cancelled break in ways of their own.
            exception = new OperationCanceledException("The call was cancelled.", exception, cancellationToken);
        }

        call.Span.Failed(exception);
        Tell(call);
        if (exception is not QwenException failure)
        {
            return exception;
        }

        _logger.CallFailed(failure.Kind, call.Attempts, call.Waited.TotalMilliseconds);
        QwenMetrics.Failed(failure.Kind);
        return CallOutcome.Of(call, failure);
    }
}
