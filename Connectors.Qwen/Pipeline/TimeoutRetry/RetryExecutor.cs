using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Connectors.Qwen.Pipeline;

/// <summary>Runs attempts through Polly. Polly loops and waits; the plan decides.</summary>
internal sealed class RetryExecutor
{
    private static readonly ResiliencePropertyKey<RetryRun> RunKey = new("Connectors.Qwen.Run");

    private readonly TimeoutRetryOptions _options;
    private readonly Func<double> _random;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ResiliencePipeline _pipeline;

    public RetryExecutor(TimeoutRetryOptions options, TimeProvider time, Func<double> random, ILogger logger)
    {
        _options = options;
        _random = random;
        _time = time;
        _logger = logger;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
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
            var outcome = await _pipeline
                .ExecuteOutcomeAsync(
                    static async (context, state) =>
                    {
                        var run = Run(context);
                        run.AttemptStartedAt = state.Time.GetTimestamp();
                        try
                        {
                            return Outcome.FromResult(
                                await state.Attempt(run, context.CancellationToken).ConfigureAwait(false)
                            );
                        }
                        catch (Exception e)
                        {
                            return Outcome.FromException<T>(e);
                        }
                    },
                    context,
                    (Attempt: attempt, Time: _time)
                )
                .ConfigureAwait(false);
            outcome.ThrowIfException();
            if (run.Retries > 0)
            {
                run.Call.RecoveredBy = "retry";
                _logger.RetrySucceeded(run.Call.Attempts, run.Form);
            }

            return outcome.Result!;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private ValueTask<bool> ShouldRetry(RetryPredicateArguments<object> args)
    {
        if (args.Outcome.Exception is not { } exception || args.Context.CancellationToken.IsCancellationRequested)
        {
            return new(false);
        }

        if (Failure.Of(exception, _options.Classify) is not { } failure)
        {
            return new(false);
        }

        var run = Run(args.Context);
        run.Call.Record(failure.IsOfRenewal ? "renewal" : run.Form, failure.Kind);
        run.Decision = RetryPlan.Decide(failure, run.Retries, run.Call.Remaining, _random(), _options);
        if (run.Decision.Retry && !run.Call.TryTakePermit())
        {
            run.Decision = RetryDecision.No("the call has sent as many requests as MaxAttempts allows");
        }

        Log(run, failure);
        if (run.Decision.Retry)
        {
            run.Retries++;
            run.Call.AddWait(run.Decision.Delay);
        }

        return new(run.Decision.Retry);
    }

    private void Log(RetryRun run, Failure failure)
    {
        if (!run.Decision.Retry)
        {
            _logger.NotRetried(run.Call.Attempts, run.Form, failure.Kind, run.Decision.Reason);
            return;
        }

        QwenMetrics.Retried(failure.Kind, run.Form);
        _logger.Retrying(
            run.Call.Attempts - 1,
            run.Form,
            failure.Kind,
            _time.GetElapsedTime(run.AttemptStartedAt).TotalMilliseconds,
            run.Decision.Delay.TotalMilliseconds,
            failure.RequestId
        );
    }

    private static RetryRun Run(ResilienceContext context)
    {
        return context.Properties.GetValue(RunKey, null!);
    }
}
