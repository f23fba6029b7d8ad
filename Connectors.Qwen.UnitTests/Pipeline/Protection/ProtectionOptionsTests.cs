namespace Connectors.Qwen.UnitTests.Pipeline.Protection;

public class ProtectionOptionsTests
{
    public static TheoryData<string, Action<TimeoutRetryOptions>> Refused =>
        new()
        {
            { nameof(RetryBudgetOptions.Ratio), o => o.RetryBudget.Ratio = -0.1 },
            { nameof(RetryBudgetOptions.Ratio), o => o.RetryBudget.Ratio = double.NaN },
            { nameof(RetryBudgetOptions.Ratio), o => o.RetryBudget.Ratio = 101 },
            { nameof(RetryBudgetOptions.Capacity), o => o.RetryBudget.Capacity = 0 },
            { nameof(RetryBudgetOptions.Capacity), o => o.RetryBudget.Capacity = 1_000_001 },
            { nameof(RetryBudgetOptions.RefillTime), o => o.RetryBudget.RefillTime = TimeSpan.Zero },
            { nameof(CircuitOptions.FailureRatio), o => o.Circuit.FailureRatio = 0 },
            { nameof(CircuitOptions.FailureRatio), o => o.Circuit.FailureRatio = 1.01 },
            { nameof(CircuitOptions.MinimumThroughput), o => o.Circuit.MinimumThroughput = 1 },
            { nameof(CircuitOptions.SamplingDuration), o => o.Circuit.SamplingDuration = TimeSpan.FromSeconds(0.4) },
            { nameof(CircuitOptions.BreakDuration), o => o.Circuit.BreakDuration = TimeSpan.FromDays(2) },
            { nameof(RequestLimitOptions.MaxConcurrentRequests), o => o.Limits.MaxConcurrentRequests = -1 },
            { nameof(RequestLimitOptions.MaxQueuedRequests), o => o.Limits.MaxQueuedRequests = -1 },
        };

    public static TheoryData<Action<TimeoutRetryOptions>> Accepted =>
        new()
        {
            o => o.RetryBudget.Ratio = 0,
            o => o.RetryBudget.Ratio = 100,
            o => o.RetryBudget.Capacity = 1,
            o => o.RetryBudget.RefillTime = Timeout.InfiniteTimeSpan,
            o => o.Circuit.FailureRatio = 1,
            o => o.Circuit.MinimumThroughput = 2,
            o => o.Circuit.SamplingDuration = TimeSpan.FromSeconds(0.5),
            o => o.Circuit.BreakDuration = TimeSpan.FromDays(1),
            o => o.Limits.MaxConcurrentRequests = 0,
            o => o.Limits.MaxQueuedRequests = 0,
        };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Freeze_OutOfRange_NamesTheOption(string name, Action<TimeoutRetryOptions> set)
    {
        var options = new TimeoutRetryOptions();
        set(options);

        Assert.Throws<ArgumentOutOfRangeException>(name, () => options.Freeze());
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Freeze_EdgeOfTheRange_IsAccepted(Action<TimeoutRetryOptions> set)
    {
        var options = new TimeoutRetryOptions();
        set(options);

        Assert.NotSame(options, options.Freeze());
    }

    [Fact]
    public void Freeze_ChangedLater_ChangesNothing()
    {
        var options = new TimeoutRetryOptions();

        var frozen = options.Freeze();
        options.RetryBudget.Capacity = 7;
        options.Circuit.MinimumThroughput = 7;
        options.Limits.MaxConcurrentRequests = 7;

        Assert.Equal(
            (10, 10, 0),
            (frozen.RetryBudget.Capacity, frozen.Circuit.MinimumThroughput, frozen.Limits.MaxConcurrentRequests)
        );
    }

    [Fact]
    public void Freeze_FormOptionsOutOfRange_NameTheOption()
    {
        Assert.Throws<ArgumentOutOfRangeException>(
            nameof(StreamingFallbackOptions.FailureThreshold),
            () => new StreamingFallbackOptions { FailureThreshold = -1 }.Freeze()
        );
        Assert.Throws<ArgumentOutOfRangeException>(
            nameof(StreamingFallbackOptions.FailureWindow),
            () => new StreamingFallbackOptions { FailureWindow = TimeSpan.Zero }.Freeze()
        );
        Assert.Throws<ArgumentOutOfRangeException>(
            nameof(StreamingFallbackOptions.BreakDuration),
            () => new StreamingFallbackOptions { BreakDuration = Timeout.InfiniteTimeSpan }.Freeze()
        );
    }
}
