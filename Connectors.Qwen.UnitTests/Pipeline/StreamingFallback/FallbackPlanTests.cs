using Connectors.Qwen.Errors;
using Connectors.Qwen.Pipeline;

namespace Connectors.Qwen.UnitTests.Pipeline.StreamingFallback;

public class FallbackPlanTests
{
    private static readonly QwenFailureKind[] ChangingForm =
    [
        QwenFailureKind.ServerError,
        QwenFailureKind.ServerTimeout,
        QwenFailureKind.RequestTimeout,
        QwenFailureKind.FirstTokenTimeout,
        QwenFailureKind.IdleTimeout,
        QwenFailureKind.CircuitOpen,
        QwenFailureKind.StreamInterrupted,
        QwenFailureKind.EmptyResponse,
        QwenFailureKind.Protocol,
    ];

    public static TheoryData<QwenFailureKind> Kinds => [.. FailureTable.Rows.Select(row => row.Kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decide_NothingCommitted_FollowsTheKind(QwenFailureKind kind)
    {
        var expected = ChangingForm.Contains(kind) ? FallbackStep.AskWithoutStreaming : FallbackStep.Fail;

        Assert.Equal(expected, FallbackPlan.Decide(new(kind, null, false, null), CommitLevel.Nothing, new()));
    }

    [Theory]
    [InlineData("Reasoning")]
    [InlineData("Text")]
    [InlineData("ToolCall")]
    public void Decide_SomethingCommitted_Fails(string level)
    {
        var committed = Enum.Parse<CommitLevel>(level);

        Assert.All(
            ChangingForm,
            kind => Assert.Equal(FallbackStep.Fail, FallbackPlan.Decide(new(kind, null, false, null), committed, new()))
        );
    }

    [Fact]
    public void Decide_SwitchedOff_Fails()
    {
        var options = new StreamingFallbackOptions { Enabled = false };

        Assert.Equal(
            FallbackStep.Fail,
            FallbackPlan.Decide(new(QwenFailureKind.ServerTimeout, null, false, null), CommitLevel.Nothing, options)
        );
    }

    [Fact]
    public void Decide_PermanentFailure_Fails()
    {
        Assert.Equal(
            FallbackStep.Fail,
            FallbackPlan.Decide(new(QwenFailureKind.Protocol, null, true, null), CommitLevel.Nothing, new())
        );
    }

    [Fact]
    public void Decide_UnknownFailure_Fails()
    {
        Assert.Equal(FallbackStep.Fail, FallbackPlan.Decide(null, CommitLevel.Nothing, new()));
    }
}
