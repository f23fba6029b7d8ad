using System.Threading.RateLimiting;
using Connectors.Qwen.Errors;

namespace Connectors.Qwen;

/// <summary>How much one client sends at a time. The service limits requests and tokens per minute for each account and model.</summary>
/// <remarks>
/// Time spent in a queue counts towards <see cref="TimeoutRetryOptions.TotalTimeout"/>, not towards the other clocks. Limiters belong to
/// whoever made them and may be shared by several clients of one account. Read when a client is created. Not thread-safe.
/// </remarks>
public sealed class RequestLimitOptions
{
    /// <summary>Requests that may be on their way at once, streams until their end; zero or more, zero for any number.</summary>
    /// <value>The default is 0.</value>
    public int MaxConcurrentRequests { get; set; }

    /// <summary>Requests that may wait for their turn when <see cref="MaxConcurrentRequests"/> are on their way; one more fails at once with
    /// <see cref="QwenFailureKind.RateLimited"/>. Zero or more.</summary>
    /// <value>The default is 1,000.</value>
    public int MaxQueuedRequests { get; set; } = 1000;

    /// <summary>Asked for one permit before each request, for example a token bucket of the account's requests per minute.</summary>
    /// <value>The default is null: no limit.</value>
    /// <example><code>options.TimeoutRetry.Limits.RequestLimiter = limiter.AcquireAsync;</code></example>
    public Func<int, CancellationToken, ValueTask<RateLimitLease>>? RequestLimiter { get; set; }

    /// <summary>Asked before each request for as many permits as the prompt has tokens (an estimate, one at least), for example a token
    /// bucket of the account's tokens per minute. A prompt beyond its limit fails with <see cref="QwenFailureKind.RateLimited"/>.</summary>
    /// <value>The default is null: no limit.</value>
    /// <example><code>options.TimeoutRetry.Limits.TokenLimiter = limiter.AcquireAsync;</code></example>
    public Func<int, CancellationToken, ValueTask<RateLimitLease>>? TokenLimiter { get; set; }

    internal OptionFaults Faults()
    {
        return new OptionFaults().AtLeast(MaxConcurrentRequests, 0).AtLeast(MaxQueuedRequests, 0);
    }

    /// <summary>What limits of theirs are made with.</summary>
    internal object Settings => (MaxConcurrentRequests, MaxQueuedRequests, RequestLimiter, TokenLimiter);

    internal RequestLimitOptions Freeze()
    {
        Faults().ThrowIfAny();
        return (RequestLimitOptions)MemberwiseClone();
    }
}
