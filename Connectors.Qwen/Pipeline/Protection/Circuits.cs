using System.Collections.Concurrent;
using Connectors.Qwen.Diagnostics;
using Connectors.Qwen.Errors;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;

namespace Connectors.Qwen.Pipeline;

/// <summary>What a circuit is for: streaming may be down while whole answers come.</summary>
internal readonly record struct CircuitKey(string Model, string Form);

/// <summary>
/// The circuits of one client, thus of one endpoint and credential: one for each model and form. Polly counts and decides; here is what
/// counts. Thread-safe.
/// </summary>
internal sealed class Circuits(
    CircuitOptions options,
    Func<Exception, QwenFailureKind?>? classify,
    TimeProvider time,
    ILogger logger
)
{
    // Models are named by callers; beyond these there is no circuit of their own.
    private const int MaxCircuits = 200;

    private readonly ConcurrentDictionary<CircuitKey, ResiliencePipeline> _circuits = new();

    /// <summary>The circuit of a model and form. Asking through an open one ends in <see cref="BrokenCircuitException"/>.</summary>
    public ResiliencePipeline Of(CircuitKey key)
    {
        return !options.Enabled ? ResiliencePipeline.Empty
            : _circuits.TryGetValue(key, out var circuit) ? circuit
            : _circuits.Count >= MaxCircuits ? ResiliencePipeline.Empty
            : _circuits.GetOrAdd(key, Create);
    }

    /// <summary>Counts a failure that came after the circuit had let its request through and had seen it begin well.</summary>
    public async ValueTask ReportAsync(CircuitKey key, Exception failure)
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false);
        await Of(key)
            .ExecuteOutcomeAsync(
                static (_, failure) => new ValueTask<Outcome<bool>>(Outcome.FromException<bool>(failure)),
                context,
                failure
            )
            .ConfigureAwait(false);
        ResilienceContextPool.Shared.Return(context);
    }

    /// <summary>The failure that a caller sees when a circuit lets nothing through.</summary>
    public QwenException Failure(CircuitKey key, BrokenCircuitException cause)
    {
        var wait = cause.RetryAfter ?? options.BreakDuration;
        return new QwenException(
            QwenFailureKind.CircuitOpen,
            FormattableString.Invariant(
                $"The request was not sent: {key.Form} requests to {key.Model} have failed too often, and the next one is tried in {wait.TotalSeconds:0.#} s (TimeoutRetry.Circuit). {FailureTable.Of(QwenFailureKind.CircuitOpen).Advice}"
            ),
            cause
        )
        {
            RetryAfter = wait,
            IsUnsent = true,
        };
    }

    private ResiliencePipeline Create(CircuitKey key)
    {
        var state = new CircuitBreakerStateProvider();
        return new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(
                new CircuitBreakerStrategyOptions
                {
                    FailureRatio = options.FailureRatio,
                    MinimumThroughput = options.MinimumThroughput,
                    SamplingDuration = options.SamplingDuration,
                    BreakDuration = options.BreakDuration,
                    StateProvider = state,
                    ShouldHandle = args => new(Counts(args.Outcome.Exception, state)),
                    OnOpened = args =>
                    {
                        logger.CircuitOpened(key.Form, key.Model, args.BreakDuration.TotalSeconds);
                        QwenMetrics.CircuitChanged(key.Form, "open");
                        return default;
                    },
                    OnHalfOpened = _ =>
                    {
                        logger.CircuitHalfOpened(key.Form, key.Model);
                        QwenMetrics.CircuitChanged(key.Form, "half-open");
                        return default;
                    },
                    OnClosed = _ =>
                    {
                        logger.CircuitClosed(key.Form, key.Model);
                        QwenMetrics.CircuitChanged(key.Form, "closed");
                        return default;
                    },
                }
            )
            .Build();
    }

    private bool Counts(Exception? exception, CircuitBreakerStateProvider state)
    {
        if (exception is null)
        {
            return false;
        }

        var failure = Pipeline.Failure.Of(exception, classify);
        if (failure is { IsOfRenewal: false, IsUnsent: false } known)
        {
            return FailureTable.Of(known.Kind).OpensCircuit;
        }

        // Cancelled by the caller, or not sent: it says nothing about the service, so a circuit on trial stays open.
        return state.CircuitState == CircuitState.HalfOpen;
    }
}
