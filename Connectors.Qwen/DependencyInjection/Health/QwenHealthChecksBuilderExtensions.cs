using Connectors.Qwen;
using Connectors.Qwen.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Qwen to the health checks of a host.</summary>
public static class QwenHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check that costs nothing: it sends no request, and reports what the registered clients have learned from the calls that were
    /// made anyway. A host whose clients were not used yet is healthy.
    /// </summary>
    /// <remarks>
    /// <para>Unhealthy (or <paramref name="failureStatus"/>): the last request failed with <see cref="QwenFailureKind.Authentication"/>,
    /// <see cref="QwenFailureKind.PermissionDenied"/>, <see cref="QwenFailureKind.QuotaExhausted"/> or
    /// <see cref="QwenFailureKind.CredentialStore"/>, or no circuit of a model is closed; or no client is registered under the key. Degraded: one circuit of several is open or on trial,
    /// streaming is suspended for a model, or the last renewal of a token failed while the token still holds.</para>
    /// <para>The data name each client (<c>chat</c>, <c>chat[key]</c>, <c>embeddings</c>): <c>.seconds_since_answer</c>, <c>.last_failure</c>,
    /// <c>.circuit.{model}.{form}</c>, <c>.streaming.{model}</c>, <c>.renewal</c>. No secrets and no texts of prompts.</para>
    /// <para>Since nobody else would try, a service that is back is seen with the next call, not with the next check.</para>
    /// </remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="serviceKey">The key of the client to report on; null for all clients of the host.</param>
    /// <param name="failureStatus">What is reported in the place of unhealthy; null for <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">Tags to choose checks by.</param>
    /// <param name="timeout">The longest the check may take; null for no limit. It never waits.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static IHealthChecksBuilder AddQwen(
        this IHealthChecksBuilder builder,
        string name = "qwen",
        object? serviceKey = null,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        TimeSpan? timeout = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return builder.Add(
            new HealthCheckRegistration(
                name,
                services => new QwenHealthCheck(services, serviceKey),
                failureStatus,
                tags,
                timeout
            )
        );
    }
}
