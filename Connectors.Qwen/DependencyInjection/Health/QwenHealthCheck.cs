using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Connectors.Qwen.DependencyInjection;

/// <summary>Reports what the pipelines of a host know of themselves. Thread-safe.</summary>
internal sealed class QwenHealthCheck(IServiceProvider services, object? serviceKey) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    )
    {
        var isRegistered = services
            .GetServices<Registration>()
            .Any(registration => serviceKey is null || serviceKey.Equals(registration.ServiceKey));
        if (!isRegistered)
        {
            var which = serviceKey is null ? "" : $" under the key '{serviceKey}'";
            return Task.FromResult(
                new HealthCheckResult(context.Registration.FailureStatus, $"No Qwen client is registered{which}.")
            );
        }

        var health = new PipelineHealth(services.GetService<TimeProvider>() ?? TimeProvider.System);
        foreach (var pipeline in services.GetService<KnownPipelines>()?.All ?? [])
        {
            if (serviceKey is null || serviceKey.Equals(pipeline.ServiceKey))
            {
                health.Add(pipeline);
            }
        }

        var status = health.Status == HealthStatus.Unhealthy ? context.Registration.FailureStatus : health.Status;
        return Task.FromResult(new HealthCheckResult(status, health.Description, data: health.Data));
    }
}
