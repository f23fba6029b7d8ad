using Connectors.Qwen.Pipeline;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Connectors.Qwen.DependencyInjection;

/// <summary>Judges a pipeline by what it knows already. Asks nobody.</summary>
internal sealed class PipelineHealth(TimeProvider time)
{
    private readonly Dictionary<string, object> _data = new(StringComparer.Ordinal);
    private readonly List<string> _complaints = [];

    public HealthStatus Status { get; private set; } = HealthStatus.Healthy;

    /// <summary>What is known, by name; never a secret.</summary>
    public IReadOnlyDictionary<string, object> Data => _data;

    /// <summary>What is wrong, or that nothing is.</summary>
    public string Description =>
        _complaints.Count == 0 ? "Nothing is known to be wrong." : string.Join(" ", _complaints);

    public void Add(KnownPipeline pipeline)
    {
        var label = pipeline.Label;
        AddCalls(label, pipeline.State.Find<LastCalls>());
        AddCircuits(label, pipeline.State.Find<Circuits>());
        foreach (var model in pipeline.State.Find<FormMemory>()?.Suspended ?? [])
        {
            _data[$"{label}.streaming.{model}"] = "suspended";
            Complain(HealthStatus.Degraded, $"{label}: {model} is asked without streaming, because its streams fail.");
        }

        if ((pipeline.Credentials as RenewingCredentialProvider)?.Cache.RecentFailure is { } kind)
        {
            _data[$"{label}.renewal"] = kind.ToString();
            Complain(HealthStatus.Degraded, $"{label}: the last renewal of the token failed with {kind}.");
        }
    }

    private void AddCalls(string label, LastCalls? calls)
    {
        if (calls?.AnsweredAt is { } at)
        {
            _data[$"{label}.seconds_since_answer"] = Math.Round(time.GetElapsedTime(at).TotalSeconds, 1);
        }

        if (calls?.FailedWith is not { } kind)
        {
            return;
        }

        _data[$"{label}.last_failure"] = kind.ToString();
        // These do not pass by themselves; what passes is judged by the circuits, which know more than one call.
        if (
            kind
            is QwenFailureKind.Authentication
                or QwenFailureKind.PermissionDenied
                or QwenFailureKind.QuotaExhausted
                or QwenFailureKind.CredentialStore
        )
        {
            Complain(HealthStatus.Unhealthy, $"{label}: the last request failed with {kind}.");
        }
    }

    private void AddCircuits(string label, Circuits? circuits)
    {
        foreach (var model in (circuits?.States ?? []).GroupBy(static circuit => circuit.Key.Model))
        {
            foreach (var (key, state) in model)
            {
                _data[$"{label}.circuit.{key.Model}.{key.Form}"] = state;
                if (state != Circuits.Closed)
                {
                    Complain(
                        model.All(static circuit => circuit.State != Circuits.Closed)
                            ? HealthStatus.Unhealthy
                            : HealthStatus.Degraded,
                        $"{label}: the circuit of {key.Form} requests to {key.Model} is not closed."
                    );
                }
            }
        }
    }

    private void Complain(HealthStatus status, string complaint)
    {
        // Unhealthy is the lowest.
        Status = status < Status ? status : Status;
        _complaints.Add(complaint);
    }
}
