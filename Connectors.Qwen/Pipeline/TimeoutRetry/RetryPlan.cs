using Connectors.Qwen.Errors;

namespace Connectors.Qwen.Pipeline;

/// <summary>What to do after a failed attempt.</summary>
/// <param name="Retry">Whether to send the request again in the same form.</param>
/// <param name="Delay">How long to wait before.</param>
/// <param name="Reason">Why not, for the log.</param>
internal readonly record struct RetryDecision(bool Retry, TimeSpan Delay, string Reason)
{
    public static RetryDecision No(string reason)
    {
        return new(false, TimeSpan.Zero, reason);
    }

    public static RetryDecision After(TimeSpan delay)
    {
        return new(true, delay, "");
    }
}

/// <summary>Whether to try again and how long to wait. Pure: no clock, no randomness, no logger of its own.</summary>
internal static class RetryPlan
{
    /// <param name="failure">What happened.</param>
    /// <param name="retries">Retries of this form so far.</param>
    /// <param name="remaining">What is left of the total time.</param>
    /// <param name="random">A number from [0, 1) for the jitter.</param>
    /// <param name="options">The limits.</param>
    public static RetryDecision Decide(
        Failure failure,
        int retries,
        TimeSpan remaining,
        double random,
        TimeoutRetryOptions options
    )
    {
        if (failure.IsLearned)
        {
            // Not the same request again: it goes out without what was refused.
            return remaining > TimeSpan.Zero
                ? RetryDecision.After(TimeSpan.Zero)
                : RetryDecision.No("the total time is used up");
        }

        var pace = FailureTable.Of(failure.Kind).Retry;
        if (pace == RetryPace.None || failure.IsPermanent)
        {
            return RetryDecision.No("it would fail the same way");
        }

        var limit = pace == RetryPace.Once ? Math.Min(1, options.MaxRetries) : options.MaxRetries;
        if (retries >= limit)
        {
            return RetryDecision.No("no retry is left");
        }

        if (failure.RetryAfter > options.MaxRetryAfter)
        {
            return RetryDecision.No("the server asks for a longer wait than MaxRetryAfter");
        }

        // Those who were told the same time do not come back in the same moment.
        var delay = failure.RetryAfter is { } told
            ? told + (options.BaseDelay * random)
            : Delay(pace, retries, random, options);
        return delay < remaining
            ? RetryDecision.After(delay)
            : RetryDecision.No("the wait would go beyond the total time");
    }

    private static TimeSpan Delay(RetryPace pace, int retries, double random, TimeoutRetryOptions options)
    {
        // Far beyond any sensible number of retries, and far from overflow.
        var doubling = Math.Pow(2, Math.Min(retries, 10));
        if (pace == RetryPace.Throttle)
        {
            var wait = retries == 0 ? options.RateLimitDelay : options.RateLimitDelay * (2 * doubling);
            return wait * (0.75 + (random / 2));
        }

        // Half of each wait is fixed and half is drawn: callers that failed together do not come back together.
        var full = options.BaseDelay * doubling;
        return (full < options.MaxDelay ? full : options.MaxDelay) * (0.5 + (random / 2));
    }
}
