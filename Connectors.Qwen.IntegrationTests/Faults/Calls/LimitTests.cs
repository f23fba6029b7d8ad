using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.IntegrationTests.Testing.Clocks;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults.Calls;

/// <summary>Rows T6 and T7: what the service means when it says 429.</summary>
public sealed class LimitTests
{
    // Above the longest wait of a throttled call, below the clocks.
    private static readonly TimeSpan Skipped = TimeSpan.FromSeconds(55);

    [Theory]
    [InlineData(true, "insufficient_quota")]
    [InlineData(false, "insufficient_quota")]
    [InlineData(true, "Throttling.AllocationQuota")]
    [InlineData(false, "Throttling.AllocationQuota")]
    public async Task T6_PlanIsUsedUp_FailsAtOnceWithTheTimeOfTheReset(bool streaming, string code)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(
            QwenBehavior.Error(
                429,
                code,
                "Your token-plan 1-month quota has been exhausted. The quota will reset at 10-15 16:00:00 UTC.",
                code,
                ("retry-after", "1849295")
            )
        );

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming));

        Assert.Equal(QwenFailureKind.QuotaExhausted, failure.Kind);
        Assert.Equal(
            (10, 15, 16),
            (failure.QuotaResetsAt!.Value.Month, failure.QuotaResetsAt.Value.Day, failure.QuotaResetsAt.Value.Hour)
        );
        Assert.Equal(TimeSpan.FromSeconds(1849295), failure.RetryAfter);
        Assert.Contains("another plan or model", failure.Message, StringComparison.Ordinal);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T6_FreeQuotaIsUsedUp_FailsAtOnce(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Error(429, "insufficient_quota", "Free allocated quota exceeded."));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming));

        Assert.Equal(QwenFailureKind.QuotaExhausted, failure.Kind);
        Assert.Null(failure.QuotaResetsAt);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T6_RetryAfterOfWeeksWithoutAQuotaText_IsARateLimitWithTheTime(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(
            QwenBehavior.Error(
                429,
                "limit_requests",
                "Too many requests.",
                "limit_requests",
                ("retry-after", "1849295")
            )
        );

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming));

        Assert.Equal(QwenFailureKind.RateLimited, failure.Kind);
        Assert.Equal(TimeSpan.FromSeconds(1849295), failure.RetryAfter);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T7_ThrottleOfAMinuteThatCallsItselfQuota_IsSatOut(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var throttled = QwenBehavior.Error(
            429,
            "insufficient_quota",
            "You exceeded your current quota, please check your plan and billing details."
        );
        setup.Qwen.Script.Enqueue(throttled, throttled, throttled);
        var clock = new SkippingClock(Skipped);
        var client = setup.Pipeline(
            static options => options.TimeoutRetry.RateLimitDelay = TimeSpan.FromSeconds(5),
            time: clock
        );

        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal([429, 429, 429, 200], setup.ChatStatuses());
        Assert.All(setup.Qwen.Journal.Chats, chat => Assert.Equal(streaming, chat.IsStream));
        // About 5, 20 and 40 s, a quarter more or less.
        Assert.Collection(
            clock.Skipped,
            static wait => Assert.InRange(wait.TotalSeconds, 3.75, 6.25),
            static wait => Assert.InRange(wait.TotalSeconds, 15, 25),
            static wait => Assert.InRange(wait.TotalSeconds, 30, 50)
        );
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T7_ThrottleThatDoesNotEnd_FailsInTheFormItWasAsked(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Error(429, "limit_burst_rate", "Request rate increased too quickly."));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming));

        Assert.Equal((QwenFailureKind.RateLimited, 4), (failure.Kind, failure.Attempts));
        Assert.All(setup.Qwen.Journal.Chats, chat => Assert.Equal(streaming, chat.IsStream));
    }
}
