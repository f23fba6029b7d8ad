using Connectors.Qwen.Errors;

namespace Connectors.Qwen.Pipeline;

/// <summary>Whether the other form of a call may take the place of one that failed. Pure.</summary>
internal static class FallbackPlan
{
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

    private static bool Changes(Failure? failure, OtherForm to)
    {
        return failure is { IsPermanent: false, IsOfRenewal: false } known
            && (FailureTable.Of(known.Kind).OtherForm & to) != OtherForm.None;
    }
}
