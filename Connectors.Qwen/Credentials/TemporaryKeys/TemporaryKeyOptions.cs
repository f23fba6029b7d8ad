using Connectors.Qwen.Errors;

namespace Connectors.Qwen;

/// <summary>Where temporary keys are minted, and how long they live.</summary>
/// <remarks>Source: the vendor's page "Generate a temporary API key" (2026-10-29).</remarks>
public sealed class TemporaryKeyOptions : QwenRefreshOptions
{
    /// <summary>The longest life of a temporary key: 1800 seconds.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromSeconds(1800);

    /// <summary>The endpoint of the parent key, as for chat; keys are minted at <c>/api/v1/tokens</c> of its host. https, or loopback.</summary>
    /// <value>The default is <see cref="QwenEndpoints.Beijing"/>.</value>
    public Uri Endpoint { get; set; } = QwenEndpoints.Beijing;

    /// <summary>How long a key lives: 1 second to <see cref="MaxLifetime"/>, in whole seconds.</summary>
    /// <value>The default is 1800 seconds. The service's own default is 60.</value>
    public TimeSpan Lifetime { get; set; } = MaxLifetime;

    internal Uri Address => new(Endpoint, $"/api/v1/tokens?expire_in_seconds={(int)Lifetime.TotalSeconds}");

    internal override OptionFaults Faults()
    {
        var faults = base.Faults();
        EndpointRules.Check(faults, Endpoint, nameof(Endpoint));
        var isWhole = Lifetime.Ticks % TimeSpan.TicksPerSecond == 0;
        return isWhole && Lifetime >= TimeSpan.FromSeconds(1) && Lifetime <= MaxLifetime
            ? faults
            : faults.Add(
                nameof(Lifetime),
                $"is {Lifetime:c}. A temporary key lives 1 to {MaxLifetime.TotalSeconds} whole seconds.",
                Lifetime
            );
    }
}
