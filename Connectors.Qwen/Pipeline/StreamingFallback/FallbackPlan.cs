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
        return options.UpgradeToStreaming && (failure is { NeedsStream: true } || Changes(failure, OtherForm.Stream));
    }

    private static bool Changes(Failure? failure, OtherForm to)
    {
        return failure is { IsPermanent: false, IsOfRenewal: false } known
            && (FailureTable.Of(known.Kind).OtherForm & to) != OtherForm.None;
    }
}
