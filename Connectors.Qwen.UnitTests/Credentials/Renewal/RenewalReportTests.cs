using Connectors.Qwen.Credentials;
using Connectors.Qwen.UnitTests.Testing.Tokens;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.UnitTests.Credentials.Renewal;

public class RenewalReportTests
{
    private static readonly QwenCredential Old = new("old-s3cret", null, "refresh-s3cret");
    private static readonly QwenCredential New = new("new-s3cret", null, "refresh2-s3cret");

    private readonly RecordingLogger _log = new();
    private readonly SplitTime _time = new();

    [Theory]
    [InlineData(false, 103)]
    [InlineData(true, 111)]
    public void Succeeded_Renewal_IsInformation(bool isAdopted, int id)
    {
        Start(isRepeated: false).Succeeded(new(New, isAdopted));

        Assert.Equal([(102, LogLevel.Information), (id, LogLevel.Information)], Levels());
        Assert.Contains(New.Fingerprint, _log.Entries[1].Text);
        Assert.Contains(Old.Fingerprint, _log.Entries[1].Text);
    }

    // What failed, whether the last one failed just before, how loudly it is said.
    public static TheoryData<QwenException, bool, LogLevel> Failures =>
        new()
        {
            { new QwenException(QwenFailureKind.Connection, "no"), false, LogLevel.Warning },
            { new QwenAuthenticationException("no"), false, LogLevel.Error },
            { new QwenException(QwenFailureKind.Connection, "no"), true, LogLevel.Debug },
            { new QwenAuthenticationException("no"), true, LogLevel.Debug },
        };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Failed_Renewal_IsSaidOncePerOutage(QwenException failure, bool isRepeated, LogLevel expected)
    {
        Start(isRepeated).Failed(failure, isServed: false);

        (int, LogLevel)[] started = isRepeated ? [] : [(102, LogLevel.Information)];
        Assert.Equal([.. started, (104, expected)], Levels());
    }

    [Fact]
    public void A4_Failed_WhileTheOldTokenServes_LeavesTheWarningToThat()
    {
        Start(false).Failed(new QwenException(QwenFailureKind.Connection, "no"), isServed: true);

        Assert.Equal([(102, LogLevel.Information), (104, LogLevel.Information)], Levels());
    }

    [Fact]
    public void Report_Duration_IsThatOfTheRenewal()
    {
        var report = Start(isRepeated: false);
        _time.Advance(TimeSpan.FromSeconds(1.5));

        report.Succeeded(new(New, false));

        Assert.Contains("refreshed in 1500 ms", _log.Entries[1].Text);
    }

    [Theory]
    [InlineData("FirstUse", "first use")]
    [InlineData("AheadOfItsEnd", "ahead of its end")]
    [InlineData("AboutToEnd", "about to end")]
    [InlineData("Expired", "expired")]
    [InlineData("Rejected", "rejected by the server")]
    [InlineData("Suspected", "suspected after a timeout")]
    public void Start_Reason_IsSaidInWords(string reason, string expected)
    {
        RenewalReport.Start(null, Enum.Parse<RenewalReason>(reason), false, _time, _log);

        Assert.Equal($"Token (none) needs a refresh ({expected}); refresh started.", _log.Entries[0].Text);
    }

    [Fact]
    public void A24_Report_Secrets_AreNotSaid()
    {
        Start(false).Succeeded(new(New, false));
        Start(false).Succeeded(new(New, true));
        Start(false).Failed(new QwenException(QwenFailureKind.Connection, "no"), isServed: false);

        Assert.All(_log.Entries, e => Assert.DoesNotContain("s3cret", e.Text));
    }

    private RenewalReport Start(bool isRepeated)
    {
        return RenewalReport.Start(Old, RenewalReason.Expired, isRepeated, _time, _log);
    }

    private IEnumerable<(int, LogLevel)> Levels()
    {
        return _log.Entries.Select(e => (e.Id, e.Level));
    }
}
