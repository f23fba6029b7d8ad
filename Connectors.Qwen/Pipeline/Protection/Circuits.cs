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

    private readonly ConcurrentDictionary<CircuitKey, Circuit> _circuits = new();

    /// <summary>The circuit of a model and form. Asking through an open one ends in <see cref="BrokenCircuitException"/>.</summary>
    public ResiliencePipeline Of(CircuitKey key)
    {
        return !options.Enabled ? ResiliencePipeline.Empty
            : _circuits.TryGetValue(key, out var circuit) ? circuit.Pipeline
            : _circuits.Count >= MaxCircuits ? ResiliencePipeline.Empty
            : _circuits.GetOrAdd(key, Create).Pipeline;
    }

    /// <summary>Counts a failure that came after the circuit had let its request through and had seen it begin well.</summary>
    public async ValueTask ReportAsync(CircuitKey key, Exception failure)
    {
        // Only what counts, and only on a closed circuit: on an open one it would be taken for the trial, though nothing was sent.
        if (
            !_circuits.TryGetValue(key, out var circuit)
            || circuit.State.CircuitState != CircuitState.Closed
            || !Counts(failure, circuit.State)
        )
        {
            return;
        }

        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false);
        await circuit
            .Pipeline.ExecuteOutcomeAsync(
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
        // While a trial runs Polly counts on from the end of the break, into the negative.
        var wait = cause.RetryAfter is { } rest && rest > TimeSpan.Zero ? rest : options.BreakDuration;
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

    private Circuit Create(CircuitKey key)
    {
        var state = new CircuitBreakerStateProvider();
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
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
        return new Circuit(pipeline, state);
    }

    private bool Counts(Exception? exception, CircuitBreakerStateProvider state)
    {
        if (exception is null)
        {
            return false;
        }

        try
        {
            var failure = Connectors.Qwen.Pipeline.Failure.Of(exception, classify);
            if (failure is { IsOfRenewal: false, IsUnsent: false } known)
            {
                return FailureTable.Of(known.Kind).OpensCircuit;
            }
        }
        catch (Exception)
        {
            // The caller's Classify: thrown from here, it would leave a circuit on trial for ever. The retry asks it again.
        }

        // Cancelled by the caller, or not sent: it says nothing about the service, so a circuit on trial stays open.
        return state.CircuitState == CircuitState.HalfOpen;
    }

    private sealed record Circuit(ResiliencePipeline Pipeline, CircuitBreakerStateProvider State);
}
