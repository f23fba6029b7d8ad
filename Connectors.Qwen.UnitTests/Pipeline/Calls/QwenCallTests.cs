using Connectors.Qwen.Pipeline;
using Connectors.Qwen.UnitTests.Testing;

namespace Connectors.Qwen.UnitTests.Pipeline.Calls;

public class QwenCallTests
{
    private readonly object _outer = new();
    private readonly object _inner = new();
    private readonly ManualTime _time = new();

    [Fact]
    public void Join_NoCallAround_BeginsOne()
    {
        var first = Join(null, Stage.TimeoutRetry, _outer);
        var second = Join(null, Stage.TimeoutRetry, _outer);

        Assert.NotSame(first, second);
    }

    [Fact]
    public void Join_OtherStage_JoinsTheCallAround()
    {
        var call = Join(null, Stage.StreamingFallback, _outer);

        Assert.Same(call, Join(call, Stage.TimeoutRetry, _inner));
    }

    [Fact]
    public void Join_SameClientAgain_JoinsTheSameCall()
    {
        // A retry outside a fallback: the fallback is entered once for each attempt.
        var call = Join(null, Stage.TimeoutRetry, _outer);
        Join(call, Stage.StreamingFallback, _inner);

        Assert.Same(call, Join(call, Stage.StreamingFallback, _inner));
    }

    [Fact]
    public void Join_SameStageOfAnotherPipeline_BeginsItsOwn()
    {
        var call = Join(null, Stage.TimeoutRetry, _outer);

        Assert.NotSame(call, Join(call, Stage.TimeoutRetry, _inner));
    }

    [Fact]
    public async Task EnterAttempt_InAnAsyncMethod_IsSeenInsideAndUndoneAtItsEnd()
    {
        var call = Join(null, Stage.TimeoutRetry, _outer);

        async Task<QwenCall?> EnterAsync()
        {
            call.EnterAttempt();
            await Task.Yield();
            return QwenCall.Current;
        }

        Assert.Same(call, await EnterAsync());
        Assert.Null(QwenCall.Current);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 2)]
    public void TakePermit_MaxAttempts_BoundsTheRequests(int maxAttempts, int permits)
    {
        var call = Join(null, Stage.TimeoutRetry, _outer);
        call.MaxAttempts = maxAttempts;

        var taken = Enumerable.Range(0, 10).Count(_ => call.TakePermit() is null);

        Assert.Equal((permits, maxAttempts), (taken, call.Attempts));
    }

    [Fact]
    public void Remaining_Waits_AreTakenOffTheTotal()
    {
        var call = Join(null, Stage.TimeoutRetry, _outer);
        call.TotalTimeout = TimeSpan.FromSeconds(10);
        var started = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(3));

        call.AddWait(started);
        call.AddWait(TimeSpan.FromSeconds(4));

        Assert.Equal((7d, 3d), (call.Waited.TotalSeconds, call.Remaining.TotalSeconds));
        call.AddWait(TimeSpan.FromSeconds(4));
        Assert.Equal(TimeSpan.Zero, call.Remaining);
    }

    [Fact]
    public void Remaining_NoTotal_HasNoEnd()
    {
        var call = Join(null, Stage.TimeoutRetry, _outer);

        call.AddWait(TimeSpan.FromDays(1));

        Assert.Equal(TimeSpan.MaxValue, call.Remaining);
    }

    [Fact]
    public void TakePermit_BudgetIsUsedUp_IsRefusedAndSaysWhy()
    {
        var call = Join(null, Stage.TimeoutRetry, _outer);
        call.Budget = new RetryBudget(new RetryBudgetOptions { Capacity = 1 }, _time);

        Assert.Null(call.TakePermit());
        Assert.Contains("TimeoutRetry.RetryBudget", call.TakePermit(), StringComparison.Ordinal);
        Assert.Equal(2, call.Attempts);
    }

    [Fact]
    public void Unsent_FirstRequest_TheNextOneIsFree()
    {
        var call = Join(null, Stage.TimeoutRetry, _outer);
        call.Budget = new RetryBudget(new RetryBudgetOptions { Capacity = 1 }, _time);

        call.Unsent();
        Assert.Equal(0, call.Attempts);

        Assert.Null(call.TakePermit());
        Assert.Equal((1, 1d), (call.Attempts, call.Budget.Level));
    }

    [Fact]
    public void Unsent_PaidRequest_IsGivenBack()
    {
        var call = Join(null, Stage.TimeoutRetry, _outer);
        call.Budget = new RetryBudget(new RetryBudgetOptions { Capacity = 1 }, _time);
        call.TakePermit();

        call.Unsent();

        Assert.Equal((1, 1d), (call.Attempts, call.Budget.Level));
    }

    [Fact]
    public void IsOwnedBy_SeveralStages_OnlyTheOutermost()
    {
        var call = Join(null, Stage.StreamingFallback, _outer);
        Join(call, Stage.TimeoutRetry, _inner);

        Assert.True(call.IsOwnedBy(_outer));
        Assert.False(call.IsOwnedBy(_inner));
        Assert.True(call.Has(Stage.TimeoutRetry));
        Assert.False(call.Has(Stage.TokenRefresh));
    }

    private QwenCall Join(QwenCall? ambient, Stage stage, object client)
    {
        return QwenCall.Join(ambient, stage, client, MessageSnapshot.Of(Inner.Hello), _time);
    }
}
