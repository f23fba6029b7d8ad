using Connectors.Qwen.Errors;

namespace Connectors.Qwen.Pipeline;

/// <summary>Whether the other form of a call may take the place of one that failed. Pure.</summary>
internal static class FallbackPlan
{
    private const int Inexactness = 10;

    // The service's limit for an answer that is not streamed, and how exactly it keeps it.
    private static readonly TimeSpan ServerTimeout = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan Shortly = TimeSpan.FromSeconds(5);

    /// <summary>Whether a stream that failed is asked for again as a whole answer.</summary>
    /// <param name="failure">Why the stream failed; null when nobody knows.</param>
    /// <param name="committed">How much of it was handed out: what the caller has seen is never replaced.</param>
    /// <param name="isStreamOnly">Whether the model is known to answer only as a stream.</param>
    /// <param name="options">The switches.</param>
    public static bool AsksForWhole(
        Failure? failure,
        CommitLevel committed,
        bool isStreamOnly,
        StreamingFallbackOptions options
    )
    {
        return options.Enabled
            && committed == CommitLevel.Nothing
            && !isStreamOnly
            && Changes(failure, OtherForm.Whole);
    }

    /// <summary>Whether a whole answer that failed is asked for again as a stream, put together here.</summary>
    /// <param name="failure">Why it failed; null when nobody knows.</param>
    /// <param name="options">The switches.</param>
    public static bool AsksForStream(Failure? failure, StreamingFallbackOptions options)
    {
        return options.UpgradeToStreaming && AsksForStream(failure);
    }

    /// <summary>The same where a stream was asked for in the first place.</summary>
    public static bool AsksForStream(Failure? failure)
    {
        return failure is { NeedsStream: true } || Changes(failure, OtherForm.Stream);
    }

    /// <summary>Whether a stream that broke off, and of which nobody has seen anything, is asked for once more at once.</summary>
    /// <param name="failure">Why it broke off.</param>
    public static bool AsksAgain(Failure failure)
    {
        return failure is { IsPermanent: false, IsOfRenewal: false, IsUnsent: false }
            && FailureTable.Of(failure.Kind).Retry is RetryPace.Backoff or RetryPace.Once;
    }

    /// <summary>Whether an answer that ended for its length ended at the server's limit of time instead.</summary>
    /// <param name="elapsed">How long its request took.</param>
    /// <param name="serverTimeout">The server's limit, if it names one.</param>
    /// <param name="limit">The caller's limit of tokens, if there is one.</param>
    /// <param name="tokens">What the server counted; null when it did not.</param>
    public static bool IsCutByTime(TimeSpan elapsed, TimeSpan? serverTimeout, int? limit, long? tokens)
    {
        // The service counts to within ten tokens of a limit.
        var isReached = limit is { } most && (tokens is null || tokens >= most - Inexactness);
        return !isReached && elapsed >= (serverTimeout ?? ServerTimeout) - Shortly;
    }

    /// <summary>Whether a failure of one whole answer says that others will not come either; what is wrong with one request says nothing.</summary>
    public static bool ConcernsOthers(Failure failure)
    {
        return failure.IsUnsent
            || failure.NeedsStream
            || failure.Kind == QwenFailureKind.RateLimited
            || FailureTable.Of(failure.Kind).OpensCircuit;
    }

    private static bool Changes(Failure? failure, OtherForm to)
    {
        return failure is { IsPermanent: false, IsOfRenewal: false } known
            && (FailureTable.Of(known.Kind).OtherForm & to) != OtherForm.None;
    }
}
