using Connectors.Qwen.Continuation;
using Connectors.Qwen.Errors;

namespace Connectors.Qwen.Pipeline;

/// <summary>What to do about an answer that broke off.</summary>
internal enum ContinuationStep
{
    /// <summary>Nothing can be done: the caller gets the failure with the text that came.</summary>
    GiveUp,

    /// <summary>It was whole: it ends as it should.</summary>
    End,

    /// <summary>The caller's limit of tokens is reached: it ends so.</summary>
    EndByLength,

    /// <summary>The server is asked to go on with the text that came.</summary>
    Continue,

    /// <summary>The whole answer is asked for once more, and what of it was handed out is left out.</summary>
    Restart,
}

/// <summary>What to do, in which form, and why not.</summary>
/// <param name="Step">What to do.</param>
/// <param name="IsWhole">Whether without streaming.</param>
/// <param name="Reason">Why nothing is done, as the end of a sentence.</param>
/// <param name="IsTold">Whether the reason says more than the failure itself.</param>
internal readonly record struct ContinuationDecision(
    ContinuationStep Step,
    bool IsWhole = false,
    string Reason = "",
    bool IsTold = false
)
{
    public static ContinuationDecision No(string reason, bool isTold = true)
    {
        return new(ContinuationStep.GiveUp, Reason: reason, IsTold: isTold);
    }
}

/// <summary>How far an answer has come, and what was tried to get it further.</summary>
internal readonly record struct BrokenAnswer
{
    /// <summary>What was handed out of it.</summary>
    public CommitLevel Committed { get; init; }

    /// <summary>Whether a text of more than white space is among that.</summary>
    public bool HasWords { get; init; }

    /// <summary>Whether anything else than text, reasoning and calls was handed out.</summary>
    public bool HasOthers { get; init; }

    /// <summary>Whether it was told why the answer ended.</summary>
    public bool IsFinished { get; init; }

    /// <summary>Whether the caller sees the words as they come; else what came may still be thrown away.</summary>
    public bool IsShown { get; init; }

    /// <summary>The text that came, in estimated tokens.</summary>
    public long Tokens { get; init; }

    /// <summary>The reasoning that came, likewise.</summary>
    public long ReasoningTokens { get; init; }

    /// <summary>How many requests in a row have brought no new word.</summary>
    public int Fruitless { get; init; }

    /// <summary>Whether the last request failed before anything came of it.</summary>
    public bool IsUnopened { get; init; }

    /// <summary>Whether the last request asked for a whole answer.</summary>
    public bool WasWhole { get; init; }

    /// <summary>Whether the model answers only as a stream.</summary>
    public bool IsStreamOnly { get; init; }

    /// <summary>Whether only the whole answer once more can tell how the words fit: from then on, in this call.</summary>
    public bool IsDoubtful { get; init; }

    /// <summary>Whether streams of this server that end in order without a finish reason have been whole so far.</summary>
    public bool IsTrustedEnd { get; init; }
}

/// <summary>Whether and how an answer that broke off is gone on with. Pure.</summary>
internal static class ContinuationPlan
{
    /// <param name="failure">Why it broke off.</param>
    /// <param name="answer">How far it has come.</param>
    /// <param name="traits">What its request asks for.</param>
    /// <param name="options">The switches and limits.</param>
    public static ContinuationDecision Decide(
        Failure failure,
        BrokenAnswer answer,
        RequestTraits traits,
        StreamingFallbackOptions options
    )
    {
        return Ends(failure, answer) is { } end ? end
            : Obstacle(failure, answer, options) is { } obstacle ? ContinuationDecision.No(obstacle, isTold: false)
            : InForm(failure, answer, traits, options);
    }

    private static ContinuationDecision? Ends(Failure failure, BrokenAnswer answer)
    {
        return
            answer.IsFinished
            || (failure.EndedCleanly && answer is { IsTrustedEnd: true, Committed: CommitLevel.Text, HasWords: true })
            ? new ContinuationDecision(ContinuationStep.End)
            : null;
    }

    private static string? Obstacle(Failure failure, BrokenAnswer answer, StreamingFallbackOptions options)
    {
        return options.Continuation == QwenContinuation.Off ? "continuation is switched off"
            : failure.IsPermanent || failure.IsOfRenewal || !FailureTable.Of(failure.Kind).Continues
                ? "it would fail the same way"
            : answer.Committed == CommitLevel.ToolCall ? "a tool call was handed out"
            : null;
    }

    private static ContinuationDecision InForm(
        Failure failure,
        BrokenAnswer answer,
        RequestTraits traits,
        StreamingFallbackOptions options
    )
    {
        var decision = Whither(answer, traits);
        if (decision.Step is not (ContinuationStep.Continue or ContinuationStep.Restart))
        {
            return decision;
        }

        if (decision.Step == ContinuationStep.Restart && answer.HasOthers)
        {
            return ContinuationDecision.No("what was handed out would come a second time");
        }

        if (answer.WasWhole && (answer.IsUnopened || answer.Fruitless > 0))
        {
            return ContinuationDecision.No("neither form brings more");
        }

        // A stream that did not even begin was tried again already, where that could help.
        var isOver = answer.IsUnopened || answer.Fruitless >= options.MaxContinuations;
        if (!isOver)
        {
            return decision;
        }

        return !answer.IsUnopened || FallbackPlan.AsksForWhole(failure, CommitLevel.Nothing, false, options)
            ? WithoutStreaming(decision, answer, options)
            : ContinuationDecision.No("the request that was to go on failed");
    }

    private static ContinuationDecision WithoutStreaming(
        ContinuationDecision decision,
        BrokenAnswer answer,
        StreamingFallbackOptions options
    )
    {
        return options.Enabled && !answer.IsStreamOnly
            ? decision with
            {
                IsWhole = true,
            }
            : ContinuationDecision.No("streams bring no more, and the other form is not to be asked");
    }

    private static ContinuationDecision Whither(BrokenAnswer answer, RequestTraits traits)
    {
        // Reasoning alone, or blanks: nothing of the answer would be said twice.
        return !answer.HasWords || answer.IsDoubtful ? new(ContinuationStep.Restart)
            : traits.Hindrance is { } hindrance ? ContinuationDecision.No(hindrance)
            // What nobody has seen may come as a document of one piece.
            : traits.IsJson && !answer.IsShown ? ContinuationDecision.No("a document is asked for anew")
            : IsUsedUp(traits.MaxTokens, answer.Tokens)
            || IsUsedUp(traits.MaxCompletionTokens, answer.Tokens + answer.ReasoningTokens)
                ? new(ContinuationStep.EndByLength)
            : new(ContinuationStep.Continue);
    }

    private static bool IsUsedUp(int? limit, long tokens)
    {
        return limit <= tokens;
    }
}
