namespace Connectors.Qwen.UnitTests.Pipeline.TimeoutRetry;

public class TimeoutRetryOptionsTests
{
    public static TheoryData<string, Action<TimeoutRetryOptions>> Refused =>
        new()
        {
            { nameof(TimeoutRetryOptions.MaxRetries), o => o.MaxRetries = -1 },
            { nameof(TimeoutRetryOptions.MaxAttempts), o => o.MaxAttempts = 0 },
            { nameof(TimeoutRetryOptions.BaseDelay), o => o.BaseDelay = TimeSpan.Zero },
            { nameof(TimeoutRetryOptions.MaxDelay), o => o.MaxDelay = TimeSpan.FromMilliseconds(999) },
            { nameof(TimeoutRetryOptions.RateLimitDelay), o => o.RateLimitDelay = TimeSpan.Zero },
            { nameof(TimeoutRetryOptions.MaxRetryAfter), o => o.MaxRetryAfter = TimeSpan.FromTicks(-1) },
            { nameof(TimeoutRetryOptions.RequestTimeout), o => o.RequestTimeout = TimeSpan.Zero },
            { nameof(TimeoutRetryOptions.FirstTokenTimeout), o => o.FirstTokenTimeout = TimeSpan.FromSeconds(-2) },
            {
                nameof(TimeoutRetryOptions.FirstTokenTimeoutPerKilobyte),
                o => o.FirstTokenTimeoutPerKilobyte = TimeSpan.FromTicks(-1)
            },
            { nameof(TimeoutRetryOptions.IdleTimeout), o => o.IdleTimeout = TimeSpan.Zero },
            { nameof(TimeoutRetryOptions.TotalTimeout), o => o.TotalTimeout = TimeSpan.Zero },
        };

    public static TheoryData<Action<TimeoutRetryOptions>> Accepted =>
        new()
        {
            o => o.MaxRetries = 0,
            o => o.MaxAttempts = 1,
            o => o.MaxDelay = o.BaseDelay,
            o => o.MaxRetryAfter = TimeSpan.Zero,
            o => o.FirstTokenTimeoutPerKilobyte = TimeSpan.Zero,
            o => o.RequestTimeout = Timeout.InfiniteTimeSpan,
            o => o.FirstTokenTimeout = Timeout.InfiniteTimeSpan,
            o => o.IdleTimeout = Timeout.InfiniteTimeSpan,
            o => o.TotalTimeout = Timeout.InfiniteTimeSpan,
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

        Assert.Null(Record.Exception(() => options.Freeze()));
    }

    [Fact]
    public void Freeze_ClockOfZero_SaysHowToSwitchItOff()
    {
        var options = new TimeoutRetryOptions { IdleTimeout = TimeSpan.Zero };

        var e = Assert.Throws<ArgumentOutOfRangeException>(() => options.Freeze());

        Assert.StartsWith("IdleTimeout is 00:00:00. It must be more than zero, or Timeout.InfiniteTimeSpan", e.Message);
    }

    [Fact]
    public void Freeze_Options_AreCopied()
    {
        var options = new TimeoutRetryOptions { MaxRetries = 7, Classify = _ => QwenFailureKind.ServerError };

        var frozen = options.Freeze();
        options.MaxRetries = 0;

        Assert.Equal(7, frozen.MaxRetries);
        Assert.Same(options.Classify, frozen.Classify);
    }

    [Fact]
    public void Defaults_AreTheDocumentedOnes()
    {
        var options = new TimeoutRetryOptions();

        Assert.Equal((3, 10), (options.MaxRetries, options.MaxAttempts));
        Assert.Equal((1d, 30d), (options.BaseDelay.TotalSeconds, options.MaxDelay.TotalSeconds));
        Assert.Equal((5d, 60d), (options.RateLimitDelay.TotalSeconds, options.MaxRetryAfter.TotalSeconds));
        Assert.Equal((330d, 60d), (options.RequestTimeout.TotalSeconds, options.FirstTokenTimeout.TotalSeconds));
        Assert.Equal(0.3, options.FirstTokenTimeoutPerKilobyte.TotalSeconds);
        Assert.Equal((120d, 1800d), (options.IdleTimeout.TotalSeconds, options.TotalTimeout.TotalSeconds));
    }
}
