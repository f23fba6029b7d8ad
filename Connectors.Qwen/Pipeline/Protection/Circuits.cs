using Connectors.Qwen.Diagnostics;
using Connectors.Qwen.Errors;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;

namespace Connectors.Qwen.Pipeline;

/// <summary>What a circuit is for: streaming may be down while whole answers come.</summary>
internal readonly record struct CircuitKey(ModelAt Model, string Form);

/// <summary>
/// The circuits of one client: one for each endpoint, model and form. Polly counts and decides; here is what
/// counts. Thread-safe.
/// </summary>
internal sealed class Circuits(
    CircuitOptions options,
    Func<Exception, QwenFailureKind?>? classify,
    TimeProvider time,
    ILogger logger
)
{
    /// <summary>The state of a circuit that lets requests through.</summary>
    public const string Closed = "closed";

    private const string HalfOpen = "half-open";
    private const string Open = "open";

    private readonly BoundedMemory<CircuitKey, Circuit> _circuits = new();

    /// <summary>The circuit of a model and form. Asking through an open one ends in <see cref="BrokenCircuitException"/>.</summary>
    public ResiliencePipeline Of(CircuitKey key)
    {
        // Without room for one of its own, a model has none.
        return options.Enabled && _circuits.TryGetOrAdd(key, Create, out var circuit)
            ? circuit.Pipeline
            : ResiliencePipeline.Empty;
    }

    /// <summary>How the circuits are now.</summary>
    public IEnumerable<(CircuitKey Key, string State)> States =>
        _circuits.Entries.Select(static entry => (entry.Key, Word(entry.Value.State.CircuitState)));

    /// <summary>Counts a failure that came after the circuit had let its request through and had seen it begin well.</summary>
    public async ValueTask ReportAsync(CircuitKey key, Exception failure)
    {
        // Only what counts, and only on a closed circuit: on an open one it would be taken for the trial, though nothing was sent.
        if (
            !_circuits.TryGet(key, out var circuit)
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

    private static string Word(CircuitState state)
    {
        return state switch
        {
            CircuitState.Closed => Closed,
            CircuitState.HalfOpen => HalfOpen,
            _ => Open,
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
                        logger.CircuitOpened(key.Form, key.Model.ToString(), args.BreakDuration.TotalSeconds);
                        QwenMetrics.CircuitChanged(key.Form, Open);
                        return default;
                    },
                    OnHalfOpened = _ =>
                    {
                        logger.CircuitHalfOpened(key.Form, key.Model.ToString());
                        QwenMetrics.CircuitChanged(key.Form, HalfOpen);
                        return default;
                    },
                    OnClosed = _ =>
                    {
                        logger.CircuitClosed(key.Form, key.Model.ToString());
                        QwenMetrics.CircuitChanged(key.Form, Closed);
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
