using Connectors.Qwen.Errors;

namespace Connectors.Qwen.Pipeline;

/// <summary>What to do about a stream that failed.</summary>
internal enum FallbackStep
{
    /// <summary>Tell the caller.</summary>
    Fail,

    /// <summary>Ask for the whole answer without streaming and hand it out as updates.</summary>
    AskWithoutStreaming,
}

/// <summary>Whether another form of the call may take the place of a failed stream. Pure.</summary>
internal static class FallbackPlan
{
    /// <param name="failure">Why the stream failed; null when nobody knows.</param>
    /// <param name="committed">How much of it was handed out: what the caller has seen is never replaced.</param>
    /// <param name="options">The switches.</param>
    public static FallbackStep Decide(Failure? failure, CommitLevel committed, StreamingFallbackOptions options)
    {
        return
            options.Enabled
            && committed == CommitLevel.Nothing
            && failure is { IsPermanent: false, IsOfRenewal: false } known
            && FailureTable.Of(known.Kind).ChangesForm
            ? FallbackStep.AskWithoutStreaming
            : FallbackStep.Fail;
    }
}
