using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Pipeline;

/// <summary>The three that keep an outage small and what health is told by, as options want them and as far as they are there already.</summary>
internal static class Protections
{
    public static (RequestLimits Limits, RetryBudget? Budget, Circuits Circuits, LastCalls Calls) Of(
        TimeoutRetryOptions options,
        PipelineState state,
        TimeProvider time,
        ILogger logger
    )
    {
        var limits = state.Keep(options.Limits.Settings, () => new RequestLimits(options.Limits));
        var budget = state.Keep(options.RetryBudget.Settings, () => new RetryBudget(options.RetryBudget, time));
        var circuits = state.Keep(
            (options.Circuit.Settings, options.Classify),
            () => new Circuits(options.Circuit, options.Classify, time, logger)
        );
        return (limits, options.RetryBudget.Enabled ? budget : null, circuits, state.Keep<LastCalls>());
    }
}
