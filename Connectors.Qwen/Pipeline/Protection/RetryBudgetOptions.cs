using Connectors.Qwen.Errors;

namespace Connectors.Qwen;

/// <summary>How many requests all calls of one client together may send beyond their first ones: retries, resends, the other form.</summary>
/// <remarks>A bucket: answers and time fill it, every further request takes one. Read when a client is created. Not thread-safe.</remarks>
public sealed class RetryBudgetOptions
{
    /// <summary>Whether there is a budget.</summary>
    /// <value>The default is true.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>What each answered call adds, in requests; 0 to 100.</summary>
    /// <value>The default is 0.2: in the long run, further requests add at most a fifth to the traffic.</value>
    public double Ratio { get; set; } = 0.2;

    /// <summary>What the bucket holds, in requests; 1 to 1,000,000. It starts full.</summary>
    /// <value>The default is 10: what a fault may cost at once, before the budget or a circuit ends it. More saves more calls of a short fault and
    /// adds more to the load of a long one; about a fifth of what the client sends in ten seconds is a good measure.</value>
    public int Capacity { get; set; } = 10;

    /// <summary>How long an empty bucket takes to fill by time alone, so that a client with little traffic keeps its retries. More than zero, at most a day;
    /// <see cref="Timeout.InfiniteTimeSpan"/> for never.</summary>
    /// <value>The default is 1 minute.</value>
    public TimeSpan RefillTime { get; set; } = TimeSpan.FromMinutes(1);

    internal OptionFaults Faults()
    {
        return new OptionFaults().Range(Ratio, 0, 100).Range(Capacity, 1, 1_000_000).Clock(RefillTime);
    }

    /// <summary>What a budget of theirs is made with.</summary>
    internal object Settings => (Enabled, Ratio, Capacity, RefillTime);

    internal RetryBudgetOptions Freeze()
    {
        Faults().ThrowIfAny();
        return (RetryBudgetOptions)MemberwiseClone();
    }
}
