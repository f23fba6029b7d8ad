using Connectors.Qwen.Errors;
using Connectors.Qwen.Pipeline;

namespace Connectors.Qwen.UnitTests.Pipeline.StreamingFallback;

public class FallbackPlanTests
{
    private static readonly QwenFailureKind[] ToWhole =
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

    private static readonly QwenFailureKind[] ToStream =
    [
        QwenFailureKind.ServerTimeout,
        QwenFailureKind.RequestTimeout,
        QwenFailureKind.CircuitOpen,
        QwenFailureKind.StreamInterrupted,
    ];

    public static TheoryData<QwenFailureKind> Kinds => [.. FailureTable.Rows.Select(row => row.Kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AsksForWhole_NothingCommitted_FollowsTheKind(QwenFailureKind kind)
    {
        Assert.Equal(ToWhole.Contains(kind), AsksForWhole(Failed(kind)));
    }

    [Theory]
    [InlineData("Reasoning")]
    [InlineData("Text")]
    [InlineData("ToolCall")]
    public void AsksForWhole_SomethingCommitted_No(string level)
    {
        var committed = Enum.Parse<CommitLevel>(level);

        Assert.All(ToWhole, kind => Assert.False(FallbackPlan.AsksForWhole(Failed(kind), committed, false, new())));
    }

    [Fact]
    public void AsksForWhole_ModelOnlyStreams_No()
    {
        Assert.All(
            ToWhole,
            kind => Assert.False(FallbackPlan.AsksForWhole(Failed(kind), CommitLevel.Nothing, true, new()))
        );
    }

    [Fact]
    public void AsksForWhole_SwitchedOff_No()
    {
        var options = new StreamingFallbackOptions { Enabled = false };

        Assert.False(
            FallbackPlan.AsksForWhole(Failed(QwenFailureKind.ServerTimeout), CommitLevel.Nothing, false, options)
        );
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AsksForStream_AnyKind_FollowsTheKind(QwenFailureKind kind)
    {
        Assert.Equal(ToStream.Contains(kind), FallbackPlan.AsksForStream(Failed(kind), new()));
    }

    [Fact]
    public void AsksForStream_ModelOnlyStreams_YesWhateverTheKind()
    {
        var refused = Failed(QwenFailureKind.InvalidRequest) with { NeedsStream = true };

        Assert.True(FallbackPlan.AsksForStream(refused, new()));
        Assert.False(FallbackPlan.AsksForStream(refused, new() { UpgradeToStreaming = false }));
    }

    [Fact]
    public void AsksForStream_SwitchedOff_No()
    {
        var options = new StreamingFallbackOptions { UpgradeToStreaming = false };

        Assert.All(ToStream, kind => Assert.False(FallbackPlan.AsksForStream(Failed(kind), options)));
    }

    [Fact]
    public void Either_SwitchesOfTheOtherWay_DoNotMatter()
    {
        Assert.True(
            FallbackPlan.AsksForWhole(
                Failed(QwenFailureKind.ServerTimeout),
                CommitLevel.Nothing,
                false,
                new() { UpgradeToStreaming = false }
            )
        );
        Assert.True(FallbackPlan.AsksForStream(Failed(QwenFailureKind.ServerTimeout), new() { Enabled = false }));
    }

    [Fact]
    public void Either_PermanentFailure_No()
    {
        var permanent = Failed(QwenFailureKind.StreamInterrupted) with { IsPermanent = true };

        Assert.False(AsksForWhole(permanent));
        Assert.False(FallbackPlan.AsksForStream(permanent, new()));
    }

    [Fact]
    public void Either_FailureOfARenewal_No()
    {
        var renewal = Failed(QwenFailureKind.ServerTimeout) with { IsOfRenewal = true };

        Assert.False(AsksForWhole(renewal));
        Assert.False(FallbackPlan.AsksForStream(renewal, new()));
    }

    [Fact]
    public void Either_UnknownFailure_No()
    {
        Assert.False(AsksForWhole(null));
        Assert.False(FallbackPlan.AsksForStream(null, new()));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AsksAgain_AnyKind_WhereARetryMayHelpAtOnce(QwenFailureKind kind)
    {
        var expected = FailureTable.Of(kind).Retry is RetryPace.Backoff or RetryPace.Once;

        Assert.Equal(expected, FallbackPlan.AsksAgain(Failed(kind)));
    }

    [Fact]
    public void AsksAgain_PermanentOrOfARenewalOrUnsent_No()
    {
        var cut = Failed(QwenFailureKind.StreamInterrupted);

        Assert.True(FallbackPlan.AsksAgain(cut));
        Assert.False(FallbackPlan.AsksAgain(cut with { IsPermanent = true }));
        Assert.False(FallbackPlan.AsksAgain(cut with { IsOfRenewal = true }));
        Assert.False(FallbackPlan.AsksAgain(cut with { IsUnsent = true }));
        Assert.True(FallbackPlan.AsksAgain(Failed(QwenFailureKind.IdleTimeout)));
        Assert.False(FallbackPlan.AsksAgain(Failed(QwenFailureKind.RateLimited)));
        Assert.False(FallbackPlan.AsksAgain(Failed(QwenFailureKind.InvalidRequest)));
    }

    [Fact]
    public void AsksForStream_AStreamWasAskedFor_TheSwitchDoesNotMatter()
    {
        Assert.True(FallbackPlan.AsksForStream(Failed(QwenFailureKind.ServerTimeout)));
        Assert.True(FallbackPlan.AsksForStream(Failed(QwenFailureKind.InvalidRequest) with { NeedsStream = true }));
        Assert.False(FallbackPlan.AsksForStream(Failed(QwenFailureKind.InvalidRequest)));
        Assert.False(FallbackPlan.AsksForStream(null));
    }

    private static bool AsksForWhole(Failure? failure)
    {
        return FallbackPlan.AsksForWhole(failure, CommitLevel.Nothing, false, new());
    }

    [Theory]
    // No limit of the caller, and the service's 300 s, which it keeps to about five.
    [
        InlineData(300, null, null, null, true),
        InlineData(295, null, null, 10L, true),
        InlineData(294.9, null, null, 10L, false)
    ]
    // The server names a limit of its own.
    [
        InlineData(295, 600, null, null, false),
        InlineData(595, 600, null, null, true),
        InlineData(55, 60, null, null, true)
    ]
    // The caller's limit was reached, to within ten tokens, or nobody knows.
    [
        InlineData(300, null, 100, 100L, false),
        InlineData(300, null, 100, 90L, false),
        InlineData(300, null, 100, 89L, true)
    ]
    [InlineData(300, null, 100, null, false), InlineData(10, null, 100, 50L, false)]
    public void IsCutByTime_LengthWithoutALimit_IsTheServersTime(
        double elapsed,
        int? server,
        int? limit,
        long? tokens,
        bool expected
    )
    {
        var isCut = FallbackPlan.IsCutByTime(
            TimeSpan.FromSeconds(elapsed),
            server is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            limit,
            tokens
        );

        Assert.Equal(expected, isCut);
    }

    private static Failure Failed(QwenFailureKind kind)
    {
        return new(kind, null, false, null);
    }

    [Theory]
    [InlineData(QwenFailureKind.Connection, true)]
    [InlineData(QwenFailureKind.ServerError, true)]
    [InlineData(QwenFailureKind.ServerTimeout, true)]
    [InlineData(QwenFailureKind.RequestTimeout, true)]
    [InlineData(QwenFailureKind.RateLimited, true)]
    [InlineData(QwenFailureKind.InvalidRequest, false)]
    [InlineData(QwenFailureKind.ContentFiltered, false)]
    [InlineData(QwenFailureKind.ContextTooLong, false)]
    [InlineData(QwenFailureKind.TotalTimeout, false)]
    public void ConcernsOthers_WhatIsWrongWithTheService(QwenFailureKind kind, bool expected)
    {
        Assert.Equal(expected, FallbackPlan.ConcernsOthers(new Failure(kind, null, false, null)));
        Assert.True(FallbackPlan.ConcernsOthers(new Failure(kind, null, false, null) { IsUnsent = true }));
        Assert.True(FallbackPlan.ConcernsOthers(new Failure(kind, null, false, null) { NeedsStream = true }));
    }
}
