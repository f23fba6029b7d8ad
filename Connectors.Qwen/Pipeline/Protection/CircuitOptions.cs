using Connectors.Qwen.Errors;

namespace Connectors.Qwen;

/// <summary>When a client stops asking a service that is not there: one circuit for each model and form (streaming, non-streaming).</summary>
/// <remarks>
/// Only failures that say "the service is not there" count: no connection, 5xx, timeouts. Rate limits, other 4xx, credentials and the
/// caller's cancellation do not: they count as answers. An open circuit fails calls at once with <see cref="QwenFailureKind.CircuitOpen"/>; after
/// <see cref="BreakDuration"/> one request is let through, and its success closes it. Read when a client is created. Not thread-safe.
/// </remarks>
public sealed class CircuitOptions
{
    /// <summary>Whether there are circuits.</summary>
    /// <value>The default is true.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>The share of failures that opens a circuit; more than 0, at most 1.</summary>
    /// <value>The default is 0.5.</value>
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>How many requests there must be within <see cref="SamplingDuration"/> before their share counts; 2 or more.</summary>
    /// <value>The default is 10.</value>
    public int MinimumThroughput { get; set; } = 10;

    /// <summary>The time over which requests are counted; half a second to a day.</summary>
    /// <value>The default is 60 seconds.</value>
    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a circuit stays open before one request is let through; half a second to a day.</summary>
    /// <value>The default is 15 seconds.</value>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(15);

    internal OptionFaults Faults()
    {
        // The limits are Polly's.
        var least = TimeSpan.FromSeconds(0.5);
        var most = TimeSpan.FromDays(1);
        return new OptionFaults()
            .MoreThan(FailureRatio, 0)
            .Range(FailureRatio, 0, 1)
            .AtLeast(MinimumThroughput, 2)
            .Range(SamplingDuration, least, most)
            .Range(BreakDuration, least, most);
    }

    /// <summary>What circuits of theirs are made with.</summary>
    internal object Settings => (Enabled, FailureRatio, MinimumThroughput, SamplingDuration, BreakDuration);

    internal CircuitOptions Freeze()
    {
        Faults().ThrowIfAny();
        return (CircuitOptions)MemberwiseClone();
    }
}
