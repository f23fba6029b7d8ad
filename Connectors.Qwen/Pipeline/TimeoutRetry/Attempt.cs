using System.Diagnostics;
using Connectors.Qwen.Diagnostics;
using Connectors.Qwen.Errors;

namespace Connectors.Qwen.Pipeline;

/// <summary>One request of one call: its clock, its span, its place among the requests that are on their way.</summary>
internal sealed class Attempt : IDisposable
{
    private readonly RetryRun _run;
    private readonly Activity? _span;
    private IDisposable? _place;
    private CancellationTokenRegistration _abandoned;

    public Attempt(RetryRun run, TimeProvider time, CancellationToken caller)
    {
        _run = run;
        Clock = new AttemptClock(run.Call, time, caller);
        _span = QwenTracing.StartAttempt(
            run.Call.Span,
            run.Key.Form,
            run.Key.Model.Name,
            run.Call.Attempts,
            run.Call.Ledger.Continuations
        );
    }

    public AttemptClock Clock { get; }

    /// <summary>Waits for its turn; only the call's total time runs meanwhile.</summary>
    public async ValueTask EnterAsync(RequestLimits limits)
    {
        if (limits.IsActive)
        {
            Clock.ArmTotal();
            _place = await limits.AcquireAsync(_run.Messages, Clock.Token).ConfigureAwait(false);
            Clock.Disarm();
            // Also when nobody comes back to dispose of it.
            _abandoned = Clock.Token.UnsafeRegister(static attempt => ((Attempt)attempt!).Leave(), this);
        }
    }

    /// <summary>What the exception of this attempt really was, with the text that had come.</summary>
    public Exception Failed(Exception exception, PartialText? received = null)
    {
        var failure = Clock.Translate(exception) ?? exception;
        if (failure is QwenException { PartialText: null } known && received is { Length: > 0 })
        {
            failure = known.AsOutcome(known.Message, known.Attempts, received.ToText());
        }

        _span.Failed(failure);
        return failure;
    }

    public void Dispose()
    {
        _abandoned.Dispose();
        Clock.Dispose();
        Leave();
        _span?.Dispose();
    }

    private void Leave()
    {
        Interlocked.Exchange(ref _place, null)?.Dispose();
    }
}
