using Connectors.Qwen.Pipeline;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Pipeline.Calls;

/// <summary>Row T48: what the requests of a call cost together.</summary>
public sealed class UsageSumTests
{
    [Fact]
    public void Of_NothingReported_IsNothing()
    {
        var sum = new UsageSum();
        sum.Add(null);

        Assert.Null(sum.Of(3));
    }

    [Fact]
    public void Of_SeveralReports_AreSummedAndTheOthersCounted()
    {
        var sum = new UsageSum();
        var first = new UsageDetails
        {
            InputTokenCount = 10,
            OutputTokenCount = 5,
            AdditionalCounts = new() { ["x"] = 1 },
        };
        sum.Add(first);
        sum.Add(
            new UsageDetails
            {
                InputTokenCount = 17,
                OutputTokenCount = 2,
                AdditionalCounts = new() { ["x"] = 2 },
            }
        );

        var usage = sum.Of(5)!;

        Assert.Equal((27, 7), (usage.InputTokenCount, usage.OutputTokenCount));
        Assert.Equal(3, usage.AdditionalCounts!["x"]);
        Assert.Equal(3, usage.AdditionalCounts[UsageSum.Unreported]);
        Assert.Equal(17, usage.AdditionalCounts[UsageSum.LastInput]);
        // The server's own object is nobody's to write to.
        Assert.Equal((10, 1), (first.InputTokenCount, first.AdditionalCounts!["x"]));
    }

    [Fact]
    public void Of_MoreReportsThanRequests_IsNeverLessThanNone()
    {
        var sum = new UsageSum();
        sum.Add(new UsageDetails());
        sum.Add(new UsageDetails());

        Assert.Equal(0, sum.Of(1)!.AdditionalCounts![UsageSum.Unreported]);
        Assert.DoesNotContain(UsageSum.LastInput, sum.Of(1)!.AdditionalCounts!.Keys);
    }
}
