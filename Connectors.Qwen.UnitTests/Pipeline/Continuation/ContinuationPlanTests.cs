using Connectors.Qwen.Continuation;
using Connectors.Qwen.Pipeline;

namespace Connectors.Qwen.UnitTests.Pipeline.Continuation;

public sealed class ContinuationPlanTests
{
    private static readonly Failure Cut = Of(QwenFailureKind.StreamInterrupted);

    private static readonly BrokenAnswer Half = new()
    {
        Committed = CommitLevel.Text,
        HasWords = true,
        IsShown = true,
        Tokens = 100,
        ReasoningTokens = 50,
    };

    private static readonly RequestTraits Plain = new() { Model = "m" };

    public static TheoryData<QwenFailureKind> Kinds => [.. Enum.GetValues<QwenFailureKind>()];

    [Fact]
    public void Decide_HalfAText_GoesOnStreaming()
    {
        Assert.Equal(new ContinuationDecision(ContinuationStep.Continue), Decide());
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Decide_Kind_IsGoneOnWithAsTheTableSays(QwenFailureKind kind)
    {
        var continues = Connectors.Qwen.Errors.FailureTable.Of(kind).Continues;

        var decision = Decide(Of(kind));

        Assert.Equal(continues ? ContinuationStep.Continue : ContinuationStep.GiveUp, decision.Step);
        Assert.Equal(continues ? "" : "it would fail the same way", decision.Reason);
        Assert.False(decision.IsTold);
    }

    [Fact]
    public void Decide_PermanentFailureOrOneOfARenewal_IsGivenUp()
    {
        Assert.Equal(ContinuationStep.GiveUp, Decide(Cut with { IsPermanent = true }).Step);
        Assert.Equal(ContinuationStep.GiveUp, Decide(Cut with { IsOfRenewal = true }).Step);
    }

    [Theory]
    [InlineData(QwenContinuation.On, false)]
    [InlineData(QwenContinuation.ReportOnly, false)]
    [InlineData(QwenContinuation.Off, true)]
    public void Decide_Switch_IsObeyed(QwenContinuation mode, bool isOff)
    {
        var decision = Decide(options: new() { Continuation = mode });

        Assert.Equal(isOff ? ContinuationStep.GiveUp : ContinuationStep.Continue, decision.Step);
        Assert.Equal(isOff ? "continuation is switched off" : "", decision.Reason);
    }

    [Fact]
    public void Decide_FinishReasonWasSeen_IsTheEndWhateverElse()
    {
        var finished = Half with { IsFinished = true };

        Assert.Equal(ContinuationStep.End, Decide(answer: finished).Step);
        Assert.Equal(ContinuationStep.End, Decide(Of(QwenFailureKind.InvalidRequest), finished).Step);
        Assert.Equal(ContinuationStep.End, Decide(answer: finished with { Committed = CommitLevel.ToolCall }).Step);
        Assert.Equal(
            ContinuationStep.End,
            Decide(answer: finished, options: new() { Continuation = QwenContinuation.Off }).Step
        );
    }

    [Fact]
    public void Decide_ToolCallWasHandedOut_IsNeverReplayed()
    {
        var decision = Decide(answer: Half with { Committed = CommitLevel.ToolCall });

        Assert.Equal((ContinuationStep.GiveUp, "a tool call was handed out"), (decision.Step, decision.Reason));
    }

    [Theory]
    [InlineData(true, true, CommitLevels.Text, true)]
    [InlineData(false, true, CommitLevels.Text, false)]
    [InlineData(true, false, CommitLevels.Text, false)]
    [InlineData(true, true, CommitLevels.Reasoning, false)]
    public void Decide_EndInOrderOfATrustedServer_IsTheEnd(bool clean, bool trusted, string committed, bool isEnd)
    {
        var answer = Half with { IsTrustedEnd = trusted, Committed = Enum.Parse<CommitLevel>(committed) };

        Assert.Equal(isEnd, Decide(Cut with { EndedCleanly = clean }, answer).Step == ContinuationStep.End);
        Assert.NotEqual(
            ContinuationStep.End,
            Decide(Cut with { EndedCleanly = clean }, answer with { HasWords = false }).Step
        );
    }

    [Fact]
    public void Decide_NoWordYet_IsAskedAnewWhateverTheRequest()
    {
        var silent = Half with { HasWords = false, Committed = CommitLevel.Reasoning };

        Assert.Equal(ContinuationStep.Restart, Decide(answer: silent).Step);
        Assert.Equal(ContinuationStep.Restart, Decide(answer: silent, traits: Plain with { Hindrance = "x" }).Step);
    }

    [Fact]
    public void Decide_Doubt_IsAskedAnew()
    {
        Assert.Equal(ContinuationStep.Restart, Decide(answer: Half with { IsDoubtful = true }).Step);
    }

    [Fact]
    public void Decide_SomethingElseWasHandedOut_IsNotAskedForTwice()
    {
        var refusal = Half with { HasWords = false, HasOthers = true };

        Assert.Equal(ContinuationDecision.No("what was handed out would come a second time"), Decide(answer: refusal));
        Assert.Equal(ContinuationStep.Continue, Decide(answer: Half with { HasOthers = true }).Step);
    }

    [Fact]
    public void Decide_Hindrance_IsToldAsTheReason()
    {
        var decision = Decide(traits: Plain with { Hindrance = RequestTraits.ForcedTool });

        Assert.Equal(ContinuationDecision.No(RequestTraits.ForcedTool), decision);
        Assert.True(decision.IsTold);
    }

    [Theory]
    [InlineData(true, true, ContinuationSteps.Continue)]
    [InlineData(true, false, ContinuationSteps.GiveUp)]
    [InlineData(false, false, ContinuationSteps.Continue)]
    public void Decide_DocumentThatNobodyHasSeen_IsNotPatched(bool isJson, bool isShown, string step)
    {
        var decision = Decide(answer: Half with { IsShown = isShown }, traits: Plain with { IsJson = isJson });

        Assert.Equal(step, decision.Step.ToString());
        Assert.Equal(step == ContinuationSteps.GiveUp ? "a document is asked for anew" : "", decision.Reason);
    }

    [Theory]
    [InlineData(101, null, false), InlineData(100, null, true), InlineData(99, null, true)]
    [InlineData(null, 151, false), InlineData(null, 150, true), InlineData(null, null, false)]
    [InlineData(101, 150, true), InlineData(100, 151, true)]
    public void Decide_LimitOfTokens_IsTheEndWhenItIsReached(int? max, int? maxCompletion, bool isReached)
    {
        var decision = Decide(traits: Plain with { MaxTokens = max, MaxCompletionTokens = maxCompletion });

        Assert.Equal(isReached ? ContinuationStep.EndByLength : ContinuationStep.Continue, decision.Step);
    }

    [Theory, InlineData(0, 2, false), InlineData(1, 2, false), InlineData(2, 2, true), InlineData(0, 0, true)]
    public void Decide_FruitlessStreams_AreFollowedByTheOtherForm(int fruitless, int max, bool isWhole)
    {
        var decision = Decide(answer: Half with { Fruitless = fruitless }, options: new() { MaxContinuations = max });

        Assert.Equal((ContinuationStep.Continue, isWhole), (decision.Step, decision.IsWhole));
    }

    [Fact]
    public void Decide_TheOtherFormIsNotToBeAsked_IsGivenUp()
    {
        var spent = Half with { Fruitless = 2 };

        var off = Decide(answer: spent, options: new() { Enabled = false });
        var streamOnly = Decide(answer: spent with { IsStreamOnly = true });

        Assert.Equal(ContinuationDecision.No("streams bring no more, and the other form is not to be asked"), off);
        Assert.Equal(off, streamOnly);
    }

    [Fact]
    public void Decide_TheOtherFormFailedToo_IsGivenUp()
    {
        Assert.Equal(
            ContinuationDecision.No("neither form brings more"),
            Decide(answer: Half with { WasWhole = true, IsUnopened = true })
        );
        Assert.Equal(
            ContinuationDecision.No("neither form brings more"),
            Decide(answer: Half with { WasWhole = true, Fruitless = 1 })
        );
        // A part of the rest came: a stream may bring the other one.
        Assert.Equal(
            new ContinuationDecision(ContinuationStep.Continue),
            Decide(answer: Half with { WasWhole = true })
        );
        Assert.Equal(
            ContinuationStep.EndByLength,
            Decide(answer: Half with { WasWhole = true }, traits: Plain with { MaxTokens = 1 }).Step
        );
    }

    [Theory]
    [InlineData(QwenFailureKind.ServerTimeout, true)]
    [InlineData(QwenFailureKind.FirstTokenTimeout, true)]
    [InlineData(QwenFailureKind.CircuitOpen, true)]
    [InlineData(QwenFailureKind.RateLimited, false)]
    [InlineData(QwenFailureKind.Connection, false)]
    public void Decide_StreamThatDidNotBegin_ChangesTheFormWhereThatMayHelp(QwenFailureKind kind, bool changes)
    {
        var decision = Decide(Of(kind), Half with { IsUnopened = true });

        Assert.Equal(changes ? ContinuationStep.Continue : ContinuationStep.GiveUp, decision.Step);
        Assert.Equal(changes, decision.IsWhole);
        Assert.Equal(changes ? "" : "the request that was to go on failed", decision.Reason);
    }

    [Fact]
    public void Decide_FruitlessStreamOfAnyKind_ChangesTheForm()
    {
        Assert.True(Decide(Of(QwenFailureKind.Connection), Half with { Fruitless = 2 }).IsWhole);
    }

    private static ContinuationDecision Decide(
        Failure? failure = null,
        BrokenAnswer? answer = null,
        RequestTraits? traits = null,
        StreamingFallbackOptions? options = null
    )
    {
        return ContinuationPlan.Decide(
            failure ?? Cut,
            answer ?? Half,
            traits ?? Plain,
            options ?? new StreamingFallbackOptions()
        );
    }

    private static Failure Of(QwenFailureKind kind)
    {
        return new Failure(kind, null, false, null);
    }

    private static class CommitLevels
    {
        public const string Text = nameof(CommitLevel.Text);
        public const string Reasoning = nameof(CommitLevel.Reasoning);
    }

    private static class ContinuationSteps
    {
        public const string Continue = nameof(ContinuationStep.Continue);
        public const string GiveUp = nameof(ContinuationStep.GiveUp);
    }
}
