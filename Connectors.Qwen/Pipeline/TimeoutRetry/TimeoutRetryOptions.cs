using Connectors.Qwen.Errors;

namespace Connectors.Qwen;

/// <summary>How long to wait and how often to try: the clocks and retries of <see cref="TimeoutRetryChatClient"/>.</summary>
/// <remarks>
/// Clocks run only while the server is waited for; <see cref="Timeout.InfiniteTimeSpan"/> switches one off. All times are a day at most: a bare
/// number in a configuration means days. Read when a client
/// is created; later changes have no effect. Not thread-safe.
/// </remarks>
public sealed class TimeoutRetryOptions
{
    internal const int DefaultMaxAttempts = 10;

    internal static readonly TimeSpan DefaultRequestTimeout = TimeSpan.FromSeconds(330);

    /// <summary>Retries of one form of a call, beyond the first request; zero or more.</summary>
    /// <value>The default is 3.</value>
    /// <remarks>A timeout of the server or of a clock is retried once at most: each further try would cost minutes.</remarks>
    public int MaxRetries { get; set; } = 3;

    /// <summary>Requests of one logical call in all: retries, resends after a token refresh and the other form together; one or more.</summary>
    /// <value>The default is 10.</value>
    public int MaxAttempts { get; set; } = DefaultMaxAttempts;

    /// <summary>The wait before the first retry; doubled each time, with jitter. More than zero.</summary>
    /// <value>The default is 1 second.</value>
    public TimeSpan BaseDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two attempts that is not told by the server. At least <see cref="BaseDelay"/>.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The wait before the first retry after a rate limit without <c>Retry-After</c>; four, then eight times as long after that, with jitter, not
    /// bound by <see cref="MaxDelay"/>. More than zero.</summary>
    /// <value>The default is 5 seconds: waits of about 5, 20 and 40 seconds sit out the vendor's one-minute throttle.</value>
    public TimeSpan RateLimitDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest <c>Retry-After</c> that is waited for; a longer one fails at once. Zero or more.</summary>
    /// <value>The default is 60 seconds.</value>
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest a non-streaming attempt may take. More than zero.</summary>
    /// <value>The default is 330 seconds: above the 300 seconds after which the service itself ends an answer. Left at that, it becomes 30
    /// seconds more than the server says it takes for a model (header <c>x-dashscope-timeout</c> of an earlier answer), where that is longer.</value>
    public TimeSpan RequestTimeout { get; set; } = DefaultRequestTimeout;

    /// <summary>The longest wait for the first word of a stream, whether text, reasoning or a tool call. More than zero.</summary>
    /// <value>The default is 60 seconds, plus <see cref="FirstTokenTimeoutPerKilobyte"/> for the prompt.</value>
    public TimeSpan FirstTokenTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>What each kilobyte (1024 bytes) of the prompt adds to <see cref="FirstTokenTimeout"/>. Zero or more.</summary>
    /// <value>The default is 0.3 seconds. Measured by third parties: 44 s for 256 KB, 160 s for 1 MB.</value>
    public TimeSpan FirstTokenTimeoutPerKilobyte { get; set; } = TimeSpan.FromSeconds(0.3);

    /// <summary>The longest silence between two updates of a stream. More than zero.</summary>
    /// <value>The default is 120 seconds.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>The longest a whole logical call may wait: for the server, for tokens and between attempts, in all its forms. Time
    /// that the consumer of a stream takes does not count. More than zero.</summary>
    /// <value>The default is 30 minutes.</value>
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>What all calls of a client together may send beyond their first requests.</summary>
    public RetryBudgetOptions RetryBudget { get; set; } = new();

    /// <summary>When a service that is not there is left alone.</summary>
    public CircuitOptions Circuit { get; set; } = new();

    /// <summary>How much is sent at a time.</summary>
    public RequestLimitOptions Limits { get; set; } = new();

    /// <summary>Says what the exceptions of a foreign inner client mean; null from it means "not known": such an exception is
    /// passed on, not retried.</summary>
    /// <value>The default is null: <see cref="QwenException"/> and the base class library's exceptions are known anyway.</value>
    /// <example><code>Classify = e => e is ClientResultException { Status: 429 } ? QwenFailureKind.RateLimited : null</code></example>
    public Func<Exception, QwenFailureKind?>? Classify { get; set; }

    internal OptionFaults Faults()
    {
        return new OptionFaults()
            .AtLeast(MaxRetries, 0)
            .AtLeast(MaxAttempts, 1)
            .MoreThan(BaseDelay, TimeSpan.Zero)
            .AtLeast(MaxDelay, BaseDelay)
            .MoreThan(RateLimitDelay, TimeSpan.Zero)
            .AtLeast(MaxRetryAfter, TimeSpan.Zero)
            .AtLeast(FirstTokenTimeoutPerKilobyte, TimeSpan.Zero)
            .Clock(RequestTimeout)
            .Clock(FirstTokenTimeout)
            .Clock(IdleTimeout)
            .Clock(TotalTimeout)
            .Within(nameof(RetryBudget), RetryBudget?.Faults())
            .Within(nameof(Circuit), Circuit?.Faults())
            .Within(nameof(Limits), Limits?.Faults());
    }

    /// <summary>A checked copy: what the owner of the options does later has no effect.</summary>
    internal TimeoutRetryOptions Freeze()
    {
        Faults().ThrowIfAny();
        var copy = (TimeoutRetryOptions)MemberwiseClone();
        copy.RetryBudget = RetryBudget.Freeze();
        copy.Circuit = Circuit.Freeze();
        copy.Limits = Limits.Freeze();
        return copy;
    }
}
