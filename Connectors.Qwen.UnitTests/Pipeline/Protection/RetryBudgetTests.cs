using Connectors.Qwen.Pipeline;
using Connectors.Qwen.UnitTests.Testing;

namespace Connectors.Qwen.UnitTests.Pipeline.Protection;

public class RetryBudgetTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void TryTake_New_HoldsItsCapacityAndNoMore()
    {
        var budget = Budget(capacity: 3);

        Assert.Equal(3, Enumerable.Range(0, 10).Count(_ => budget.TryTake()));
        Assert.Equal(0, budget.Level);
    }

    [Fact]
    public void Earn_FiveAnswers_PayForOneRequest()
    {
        var budget = Emptied();

        for (var i = 0; i < 4; i++)
        {
            budget.Earn();
        }

        Assert.False(budget.TryTake());
        budget.Earn();
        Assert.True(budget.TryTake());
        Assert.False(budget.TryTake());
    }

    [Fact]
    public void Earn_Full_StaysFull()
    {
        var budget = Budget(capacity: 2);

        budget.Earn();

        Assert.Equal(2, budget.Level);
    }

    [Fact]
    public void Earn_MoreThanTheCapacityAtOnce_FillsIt()
    {
        var budget = new RetryBudget(new RetryBudgetOptions { Ratio = 100, Capacity = 1 }, _time);
        Assert.True(budget.TryTake());

        budget.Earn();

        Assert.Equal(1, budget.Level);
    }

    [Fact]
    public void GiveBack_TakenRequest_MayBeTakenAgain()
    {
        var budget = Emptied();

        budget.GiveBack();

        Assert.True(budget.TryTake());
    }

    [Fact]
    public void TryTake_TimePasses_FillsByAndBy()
    {
        // 10 in 10 minutes.
        var budget = Emptied(capacity: 10);

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(budget.TryTake());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(budget.TryTake());
        Assert.False(budget.TryTake());
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(10, Enumerable.Range(0, 20).Count(_ => budget.TryTake()));
    }

    [Fact]
    public void TryTake_AskedAllTheTime_FillsAsFast()
    {
        var budget = Emptied(capacity: 10);

        var taken = 0;
        for (var i = 0; i < 6000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            taken += budget.TryTake() ? 1 : 0;
        }

        // Ten minutes; looking often must not lose the fractions.
        Assert.InRange(taken, 9, 10);
    }

    [Fact]
    public void TryTake_NoRefill_StaysEmpty()
    {
        var budget = new RetryBudget(
            new RetryBudgetOptions { Capacity = 1, RefillTime = Timeout.InfiniteTimeSpan },
            _time
        );
        Assert.True(budget.TryTake());

        _time.Advance(TimeSpan.FromDays(1000));

        Assert.False(budget.TryTake());
    }

    [Fact]
    public async Task TryTake_ManyAtOnce_NeverMoreThanThereAre()
    {
        var budget = Budget(capacity: 100);

        var taken = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 100).Count(_ => budget.TryTake())))
        );

        Assert.Equal(100, taken.Sum());
    }

    private RetryBudget Budget(int capacity)
    {
        return new RetryBudget(
            new RetryBudgetOptions { Capacity = capacity, RefillTime = TimeSpan.FromMinutes(10) },
            _time
        );
    }

    private RetryBudget Emptied(int capacity = 5)
    {
        var budget = Budget(capacity);
        while (budget.TryTake()) { }

        return budget;
    }
}
