using Connectors.Qwen.Diagnostics;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Connectors.Qwen.Pipeline;

/// <summary>Runs attempts through Polly. Polly loops, waits and counts; the plan decides.</summary>
internal sealed class RetryExecutor
{
    private static readonly ResiliencePropertyKey<RetryRun> RunKey = new("Connectors.Qwen.Run");

    private readonly TimeoutRetryOptions _options;
    private readonly Func<double> _random;
    private readonly TimeProvider _time;
    private readonly OutageLogger _logger;
    private readonly Circuits _circuits;
    private readonly LastCalls _calls;
    private readonly ResiliencePipeline _retry;

    public RetryExecutor(
        TimeoutRetryOptions options,
        Circuits circuits,
        TimeProvider time,
        Func<double> random,
        OutageLogger logger,
        LastCalls calls
    )
    {
        _options = options;
        _circuits = circuits;
        _calls = calls;
        _random = random;
        _time = time;
        _logger = logger;
        _retry = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(
                new RetryStrategyOptions
                {
                    // The plan ends the retries; Polly's own limit only has to be out of its way.
                    MaxRetryAttempts = int.MaxValue,
                    ShouldHandle = ShouldRetry,
                    DelayGenerator = static args => new(Run(args.Context).Decision.Delay),
                }
            )
            .Build();
    }

    /// <summary>Runs <paramref name="attempt"/> until it succeeds or the plan gives up; then its last exception is thrown.</summary>
    public async ValueTask<T> ExecuteAsync<T>(
        RetryRun run,
        Func<RetryRun, CancellationToken, ValueTask<T>> attempt,
        CancellationToken cancellationToken
    )
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, cancellationToken);
        context.Properties.Set(RunKey, run);
        try
        {
            var outcome = await _retry
                .ExecuteOutcomeAsync(
                    static (context, state) => state.Self.ThroughCircuitAsync(context, state.Attempt),
                    context,
                    (Self: this, Attempt: attempt)
                )
                .ConfigureAwait(false);
            if (run.IsWaiting)
            {
                // Cancelled before the retry went out.
                run.Call.Unsent();
            }

            if (outcome.Exception is { } e && Failure.Of(e, _options.Classify) is { } failure)
            {
                _calls.Failed(failure.Kind);
            }

            outcome.ThrowIfException();
            _calls.Answered(_time.GetTimestamp());
            run.Call.Budget?.Earn();
            if (run.Retries > 0)
            {
                run.Call.Ledger.RecoveredBy = "retry";
                _logger.RetrySucceeded(run.Call.Attempts, run.Form);
            }
            else if (run.IsAdapted)
            {
                run.Call.Ledger.RecoveredBy = "adaptation";
            }

            return outcome.Result!;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async ValueTask<Outcome<T>> ThroughCircuitAsync<T>(
        ResilienceContext context,
        Func<RetryRun, CancellationToken, ValueTask<T>> attempt
    )
    {
        var run = Run(context);
        run.IsWaiting = false;
        run.AttemptStartedAt = _time.GetTimestamp();
        var outcome = await _circuits
            .Of(run.Key)
            .ExecuteOutcomeAsync(
                static async (context, attempt) =>
                {
                    try
                    {
                        return Outcome.FromResult(
                            await attempt(Run(context), context.CancellationToken).ConfigureAwait(false)
                        );
                    }
                    catch (Exception e)
                    {
                        return Outcome.FromException<T>(e);
                    }
                },
                context,
                attempt
            )
            .ConfigureAwait(false);
        return outcome.Exception is BrokenCircuitException broken
            ? Outcome.FromException<T>(_circuits.Failure(run.Key, broken))
            : outcome;
    }

    private ValueTask<bool> ShouldRetry(RetryPredicateArguments<object> args)
    {
        var run = Run(args.Context);
        if (args.Outcome.Exception is not { } exception)
        {
            QwenMetrics.Attempted(run.Form, null);
            return new(false);
        }

        if (
            args.Context.CancellationToken.IsCancellationRequested
            || Failure.Of(exception, _options.Classify) is not { } failure
        )
        {
            return new(false);
        }

        Record(run, failure);
        // The rest of an answer that came in part is asked for, not all of it again.
        var isOfUse = run.Call.TakesParts && exception is QwenException { PartialText.Length: > 0 };
        run.Decision = RetryPlan.Decide(
            isOfUse ? failure with { IsPermanent = true } : failure,
            run.Retries,
            run.Call.Remaining,
            _random(),
            _options
        );
        // What a model refuses is asked once, and says nothing of an outage.
        if (run.Decision.Retry && run.Call.TakePermit(isFree: failure.IsLearned) is { } refusal)
        {
            run.Decision = RetryDecision.No(refusal);
            QwenMetrics.PermitRefused(run.Form);
        }

        if (!run.Decision.Retry)
        {
            _logger.NotRetried(run.Call.Attempts, run.Form, failure.Kind, run.Decision.Reason);
            return new(false);
        }

        run.IsWaiting = true;
        QwenMetrics.Retried(failure.Kind, run.Form, run.Decision.Delay);
        if (failure.IsLearned)
        {
            run.IsAdapted = true;
            return new(true);
        }

        run.Call.Ledger.Discard(exception);
        _logger.Retrying(
            run.Call.Attempts - 1,
            run.Form,
            failure.Kind,
            _time.GetElapsedTime(run.AttemptStartedAt).TotalMilliseconds,
            run.Decision.Delay.TotalMilliseconds,
            failure.RequestId
        );
        run.Retries++;
        run.Call.AddWait(run.Decision.Delay);
        return new(true);
    }

    private void Record(RetryRun run, Failure failure)
    {
        if (failure.IsUnsent)
        {
            run.Call.Unsent();
            run.Call.Ledger.Add(run.Form, failure.Kind, null);
            return;
        }

        QwenMetrics.Attempted(run.Form, failure.Kind);
        run.Call.Ledger.Add(
            failure.IsOfRenewal ? "renewal" : run.Form,
            failure.Kind,
            _time.GetElapsedTime(run.AttemptStartedAt),
            failure.RequestId
        );
        run.Call.Ledger.Usage.Add(failure.Usage);
    }

    private static RetryRun Run(ResilienceContext context)
    {
        return context.Properties.GetValue(RunKey, null!);
    }
}
