using Connectors.Qwen.Pipeline;
using CsCheck;
using static Connectors.Qwen.QwenFailureKind;

namespace Connectors.Qwen.UnitTests.Pipeline.TimeoutRetry;

public class RetryPlanTests
{
    private const string SameWay = "it would fail the same way";
    private const string NoneLeft = "no retry is left";
    private const string TooLong = "the server asks for a longer wait than MaxRetryAfter";
    private const string UsedUp = "the total time is used up";

    // Kind, retries so far, seconds to wait when the jitter is in its middle. Minus one: not retried.
    public static TheoryData<QwenFailureKind, int, double, string> Paces =>
        new()
        {
            { ServerError, 0, 0.75, "" },
            { ServerError, 1, 1.5, "" },
            { ServerError, 2, 3, "" },
            { ServerError, 3, -1, NoneLeft },
            { Connection, 0, 0.75, "" },
            { StreamInterrupted, 2, 3, "" },
            { EmptyResponse, 0, 0.75, "" },
            { Protocol, 0, 0.75, "" },
            { RateLimited, 0, 5, "" },
            { RateLimited, 1, 20, "" },
            { RateLimited, 2, 40, "" },
            { RateLimited, 3, -1, NoneLeft },
            { ServerTimeout, 0, 0.75, "" },
            { ServerTimeout, 1, -1, NoneLeft },
            { RequestTimeout, 1, -1, NoneLeft },
            { FirstTokenTimeout, 1, -1, NoneLeft },
            { IdleTimeout, 0, 0.75, "" },
            { IdleTimeout, 1, -1, NoneLeft },
            { Authentication, 0, -1, SameWay },
            { PermissionDenied, 0, -1, SameWay },
            { QuotaExhausted, 0, -1, SameWay },
            { InvalidRequest, 0, -1, SameWay },
            { NotFound, 0, -1, SameWay },
            { ContextTooLong, 0, -1, SameWay },
            { ContentFiltered, 0, -1, SameWay },
            { TotalTimeout, 0, -1, SameWay },
            { CircuitOpen, 0, -1, SameWay },
            { CredentialStore, 0, -1, SameWay },
        };

    [Theory]
    [MemberData(nameof(Paces))]
    public void Decide_Kind_FollowsItsPace(QwenFailureKind kind, int retries, double seconds, string reason)
    {
        var expected = seconds < 0 ? RetryDecision.No(reason) : RetryDecision.After(TimeSpan.FromSeconds(seconds));

        Assert.Equal(expected, Decide(new(kind, null, false, null), retries));
    }

    [Theory]
    [InlineData(0, 0, "")]
    [InlineData(7, 7, "")]
    [InlineData(60, 60, "")]
    [InlineData(60.001, -1, TooLong)]
    [InlineData(1849295, -1, TooLong)]
    public void Decide_RetryAfter_IsWaitedForUpToTheCap(double retryAfter, double seconds, string reason)
    {
        // Half a base delay more, by the draw: those who were told the same time do not come back in the same moment.
        var expected =
            seconds < 0 ? RetryDecision.No(reason) : RetryDecision.After(TimeSpan.FromSeconds(seconds + 0.5));

        Assert.Equal(expected, Decide(new(RateLimited, TimeSpan.FromSeconds(retryAfter), false, null), 0));
        Assert.Equal(expected, Decide(new(ServerError, TimeSpan.FromSeconds(retryAfter), false, null), 2));
    }

    [Fact]
    public void Decide_RetryAfterOfAKindThatIsNeverRetried_ChangesNothing()
    {
        Assert.Equal(RetryDecision.No(SameWay), Decide(new(QuotaExhausted, TimeSpan.FromSeconds(1), false, null), 0));
    }

    [Fact]
    public void Decide_PermanentFailureOfAPassingKind_IsNotRetried()
    {
        Assert.Equal(RetryDecision.No(SameWay), Decide(new(Connection, null, true, null), 0));
    }

    // It is not the same request: what was refused is left out of it. So the number of retries has nothing to do with it.
    [Theory, InlineData(1, true), InlineData(0, false)]
    public void Decide_RefusalThatWasLearnedFrom_IsSentAgainAtOnce(double remaining, bool isSent)
    {
        var options = new TimeoutRetryOptions { MaxRetries = 0 };
        var failure = new Failure(InvalidRequest, null, false, null) { IsLearned = true };

        Assert.Equal(
            isSent ? RetryDecision.After(TimeSpan.Zero) : RetryDecision.No(UsedUp),
            RetryPlan.Decide(failure, 5, TimeSpan.FromSeconds(remaining), 0.5, options)
        );
    }

    [Theory]
    [InlineData(0.75, -1)]
    [InlineData(0.7501, 0.75)]
    [InlineData(0, -1)]
    public void Decide_RemainingTime_MustExceedTheWait(double remaining, double seconds)
    {
        var expected =
            seconds < 0
                ? RetryDecision.No("the wait would go beyond the total time")
                : RetryDecision.After(TimeSpan.FromSeconds(seconds));

        Assert.Equal(
            expected,
            RetryPlan.Decide(new(ServerError, null, false, null), 0, TimeSpan.FromSeconds(remaining), 0.5, new())
        );
    }

    [Theory]
    [InlineData(ServerError)]
    [InlineData(ServerTimeout)]
    [InlineData(RateLimited)]
    public void Decide_NoRetriesConfigured_IsNotRetried(QwenFailureKind kind)
    {
        var options = new TimeoutRetryOptions { MaxRetries = 0 };

        Assert.Equal(
            RetryDecision.No(NoneLeft),
            RetryPlan.Decide(new(kind, null, false, null), 0, TimeSpan.MaxValue, 0.5, options)
        );
    }

    [Fact]
    public void Decide_AnyBackoff_StaysInTheUpperHalfOfItsBoundedDoubling()
    {
        var options = new TimeoutRetryOptions { MaxRetries = 100 };

        Gen.Select(Gen.Int[0, 99], Gen.Double[0, 0.999999])
            .Sample(
                (retries, random) =>
                {
                    var decision = RetryPlan.Decide(
                        new(ServerError, null, false, null),
                        retries,
                        TimeSpan.MaxValue,
                        random,
                        options
                    );

                    var full = Math.Min(30, Math.Pow(2, retries));
                    return decision.Retry
                        && decision.Delay.TotalSeconds >= full / 2
                        && decision.Delay.TotalSeconds < full;
                }
            );
    }

    [Fact]
    public void Decide_AnyThrottle_StaysWithinAQuarterOfItsWait()
    {
        double[] waits = [5, 20, 40];

        Gen.Select(Gen.Int[0, 2], Gen.Double[0, 0.999999])
            .Sample(
                (retries, random) =>
                {
                    var decision = RetryPlan.Decide(
                        new(RateLimited, null, false, null),
                        retries,
                        TimeSpan.MaxValue,
                        random,
                        new()
                    );

                    var ratio = decision.Delay.TotalSeconds / waits[retries];
                    return decision.Retry && ratio is >= 0.75 and < 1.25;
                }
            );
    }

    private static RetryDecision Decide(Failure failure, int retries)
    {
        return RetryPlan.Decide(failure, retries, TimeSpan.MaxValue, 0.5, new TimeoutRetryOptions());
    }
}
