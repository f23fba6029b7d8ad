using Connectors.Qwen.Credentials;

namespace Connectors.Qwen.UnitTests.Credentials.Renewal;

public class RefreshPolicyTests
{
    private static readonly DateTimeOffset Obtained = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly RefreshWindows Windows = new(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5));

    // Life of the token in seconds (its beginning known or not), age in seconds, decision.
    public static TheoryData<double, bool, double, string> Ages =>
        new()
        {
            { 3600, true, 0, "Use" },
            { 3600, true, 3299.9, "Use" },
            { 3600, true, 3300, "UseAndRefreshBehind" },
            { 3600, true, 3569.9, "UseAndRefreshBehind" },
            { 3600, true, 3570, "RefreshFirst" },
            { 3600, true, 3599.9, "RefreshFirst" },
            { 3600, true, 3600, "RefreshOrFail" },
            { 3600, true, 99999, "RefreshOrFail" },
            // Half of its life and a quarter of it, where those are less than the windows.
            { 400, true, 199.9, "Use" },
            { 400, true, 200, "UseAndRefreshBehind" },
            { 400, true, 369.9, "UseAndRefreshBehind" },
            { 400, true, 370, "RefreshFirst" },
            { 60, true, 29.9, "Use" },
            { 60, true, 30, "UseAndRefreshBehind" },
            { 60, true, 44.9, "UseAndRefreshBehind" },
            { 60, true, 45, "RefreshFirst" },
            { 60, true, 60, "RefreshOrFail" },
            { 20, true, 9.9, "Use" },
            { 20, true, 10, "UseAndRefreshBehind" },
            { 20, true, 15, "RefreshFirst" },
            { 20, true, 20, "RefreshOrFail" },
            { 2, true, 0.9, "Use" },
            { 2, true, 1, "UseAndRefreshBehind" },
            { 2, true, 1.5, "RefreshFirst" },
            { 2, true, 2, "RefreshOrFail" },
            // A beginning that is not known: the windows as they are.
            { 3600, false, 3299.9, "Use" },
            { 3600, false, 3300, "UseAndRefreshBehind" },
            { 60, false, 0, "UseAndRefreshBehind" },
            { 60, false, 30, "RefreshFirst" },
            { 20, false, 0, "RefreshFirst" },
            { 20, false, 20, "RefreshOrFail" },
        };

    [Theory]
    [MemberData(nameof(Ages))]
    public void Decide_Age_IsTheDecision(double life, bool knowsBeginning, double age, string expected)
    {
        var token = Token(life, age, knowsBeginning);

        Assert.Equal(expected, RefreshPolicy.Decide(token, Obtained.AddSeconds(age), Windows).ToString());
    }

    // Wall clock and monotonic age, both in seconds since the token of an hour was minted.
    public static TheoryData<double, double, string> A23_Clocks =>
        new()
        {
            // Set back by a day: its age says when it ends all the same.
            { -86400, 60, "Use" },
            { -86400, 3300, "UseAndRefreshBehind" },
            { -86400, 3570, "RefreshFirst" },
            { -86400, 3600, "RefreshOrFail" },
            { 3200, 3300, "UseAndRefreshBehind" },
            // Set forward, or a machine that slept: the wall clock counts.
            { 3300, 60, "UseAndRefreshBehind" },
            { 3570, 60, "RefreshFirst" },
            { 3600, 60, "RefreshOrFail" },
            { 86400, 60, "RefreshOrFail" },
            // Whatever it says of a token just minted: another one would be no fresher.
            { 3300, 29.9, "Use" },
            { 3600, 29.9, "Use" },
            { 86400, 0, "Use" },
            { 86400, 30, "RefreshOrFail" },
        };

    [Theory]
    [MemberData(nameof(A23_Clocks))]
    public void A23_Decide_ClocksDisagree_TheEarlierEndCountsAndNothingIsRenewedTwiceInARow(
        double wall,
        double age,
        string expected
    )
    {
        Assert.Equal(expected, RefreshPolicy.Decide(Token(3600, age), Obtained.AddSeconds(wall), Windows).ToString());
    }

    [Theory]
    [InlineData(60, 29.9, "Use")]
    [InlineData(60, 30, "RefreshOrFail")]
    [InlineData(20, 9.9, "Use")]
    [InlineData(20, 10, "RefreshOrFail")]
    [InlineData(2, 0.9, "Use")]
    [InlineData(2, 1, "RefreshOrFail")]
    public void Decide_JustMinted_IsHalfOfAShortLife(double life, double age, string expected)
    {
        var decision = RefreshPolicy.Decide(Token(life, age), Obtained.AddDays(1), Windows);

        Assert.Equal(expected, decision.ToString());
    }

    // Half of a short life, less up to a fifth of that.
    [Theory]
    [InlineData(1, 29.9, "Use")]
    [InlineData(1, 30, "UseAndRefreshBehind")]
    [InlineData(0.8, 35.9, "Use")]
    [InlineData(0.8, 36, "UseAndRefreshBehind")]
    public void Decide_ShortLife_BeginsAtItsShareOfTheWindow(double share, double age, string expected)
    {
        var windows = Windows with { Share = share };

        var decision = RefreshPolicy.Decide(Token(60, age), Obtained.AddSeconds(age), windows);

        Assert.Equal(expected, decision.ToString());
    }

    [Fact]
    public void Decide_NoEnd_IsUsed()
    {
        var token = new CredentialAge(Obtained, null, TimeSpan.FromDays(3650));

        Assert.Equal(RefreshDecision.Use, RefreshPolicy.Decide(token, Obtained.AddYears(10), Windows));
    }

    [Theory]
    [InlineData(3599.9, "Use")]
    [InlineData(3600, "RefreshOrFail")]
    public void Decide_NoWindows_IsUsedToTheEnd(double age, string expected)
    {
        Assert.Equal(expected, RefreshPolicy.Decide(Token(3600, age), Obtained.AddSeconds(age), default).ToString());
    }

    // The wider window may be the buffer's.
    [Theory]
    [InlineData(3299.9, "Use")]
    [InlineData(3300, "RefreshFirst")]
    public void Decide_BufferWiderThanTheWindowAhead_IsTheBuffer(double age, string expected)
    {
        var windows = new RefreshWindows(Windows.Ahead, Windows.Buffer);

        Assert.Equal(expected, RefreshPolicy.Decide(Token(3600, age), Obtained.AddSeconds(age), windows).ToString());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    public void Decide_EndNotAfterItsBeginning_HasEnded(double life)
    {
        var token = new CredentialAge(Obtained, Obtained.AddSeconds(life), TimeSpan.Zero);

        Assert.Null(token.Life);
        Assert.Equal(RefreshDecision.RefreshOrFail, RefreshPolicy.Decide(token, Obtained, Windows));
    }

    [Theory]
    [InlineData(null, 30)]
    [InlineData(3600.0, 30)]
    [InlineData(60.0, 30)]
    [InlineData(20.0, 10)]
    [InlineData(2.0, 1)]
    public void Interval_Life_IsHalfOfItWhereThatIsLessThanThePause(double? life, double expected)
    {
        TimeSpan? known = life is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

        Assert.Equal(TimeSpan.FromSeconds(expected), RefreshPolicy.Interval(known));
    }

    // Life (0: without an end), age at the time of sending, how long before it was accepted (null: never), suspect?
    public static TheoryData<double, double, double?, bool> A7_A8_Timeouts =>
        new()
        {
            // A8: fresh and accepted a moment ago.
            { 3600, 600, 0.0, false },
            { 3600, 600, 60.0, false },
            // A7: not accepted for a while, or never.
            { 3600, 600, 60.1, true },
            { 3600, 600, null, true },
            // A8: minted just before, whatever else is true.
            { 3600, 59.9, null, false },
            { 3600, 60, null, true },
            { 60, 50, null, false },
            { 0, 59.9, null, false },
            // A7: in its buffer, although accepted a moment ago.
            { 3600, 3569.9, 1.0, false },
            { 3600, 3570, 1.0, true },
            { 3600, 4000, 1.0, true },
            { 80, 59.9, 1.0, false },
            { 80, 60, 1.0, true },
            // A7: of unknown end, although accepted a moment ago.
            { 0, 60, 1.0, true },
            { 0, 600, null, true },
        };

    [Theory]
    [MemberData(nameof(A7_A8_Timeouts))]
    public void A7_A8_IsSuspect_FactsAtTheTimeOfSending_Decide(
        double life,
        double age,
        double? sinceAccepted,
        bool expected
    )
    {
        var token = life > 0 ? Token(life, age) : new CredentialAge(Obtained, null, TimeSpan.FromSeconds(age));
        TimeSpan? accepted = sinceAccepted is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

        Assert.Equal(expected, RefreshPolicy.IsSuspect(token, Obtained.AddSeconds(age), accepted, Windows));
    }

    private static CredentialAge Token(double life, double age, bool knowsBeginning = true)
    {
        return new(knowsBeginning ? Obtained : null, Obtained.AddSeconds(life), TimeSpan.FromSeconds(age));
    }
}
