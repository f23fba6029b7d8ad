using Connectors.Qwen.Credentials;

namespace Connectors.Qwen.UnitTests.Credentials;

public class RefreshPolicyTests
{
    private static readonly DateTimeOffset Obtained = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    // Life of the token in seconds (its beginning known or not), age in seconds, decision with a buffer of 30 s.
    public static TheoryData<int, bool, double, string> Ages =>
        new()
        {
            { 3600, true, 0, "Use" },
            { 3600, true, 3569.9, "Use" },
            { 3600, true, 3570, "RefreshFirst" },
            { 3600, true, 3599.9, "RefreshFirst" },
            { 3600, true, 3600, "RefreshOrFail" },
            { 3600, true, 99999, "RefreshOrFail" },
            { 120, true, 89.9, "Use" },
            { 120, true, 90, "RefreshFirst" },
            // A quarter of its life, where that is shorter than the buffer.
            { 60, true, 44.9, "Use" },
            { 60, true, 45, "RefreshFirst" },
            { 20, true, 14.9, "Use" },
            { 20, true, 15, "RefreshFirst" },
            { 60, false, 29.9, "Use" },
            { 60, false, 30, "RefreshFirst" },
            { 20, false, 0, "RefreshFirst" },
            // The clock jumped back.
            { 3600, true, -86400, "Use" },
        };

    [Theory]
    [MemberData(nameof(Ages))]
    public void Decide_Age_IsTheDecision(int life, bool knowsBeginning, double age, string expected)
    {
        var credential = new QwenCredential("t", Obtained.AddSeconds(life))
        {
            ObtainedAt = knowsBeginning ? Obtained : null,
        };

        var decision = RefreshPolicy.Decide(credential, Obtained.AddSeconds(age), TimeSpan.FromSeconds(30));

        Assert.Equal(expected, decision.ToString());
    }

    [Fact]
    public void Decide_NoEnd_IsUsed()
    {
        var decision = RefreshPolicy.Decide(new("t"), Obtained.AddYears(10), TimeSpan.FromSeconds(30));

        Assert.Equal(RefreshDecision.Use, decision);
    }

    [Theory]
    [InlineData(3599.9, "Use")]
    [InlineData(3600, "RefreshOrFail")]
    public void Decide_NoBuffer_IsUsedToTheEnd(double age, string expected)
    {
        var credential = new QwenCredential("t", Obtained.AddSeconds(3600)) { ObtainedAt = Obtained };

        Assert.Equal(expected, RefreshPolicy.Decide(credential, Obtained.AddSeconds(age), TimeSpan.Zero).ToString());
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(29.9, false)]
    [InlineData(30, true)]
    [InlineData(3600, true)]
    [InlineData(-1, true)]
    public void MayReplace_AgeOfTheRejectedToken_Decides(double age, bool expected)
    {
        var rejected = new QwenCredential("t") { ObtainedAt = Obtained };

        Assert.Equal(expected, RefreshPolicy.MayReplace(rejected, Obtained.AddSeconds(age)));
    }

    [Fact]
    public void MayReplace_BeginningUnknown_IsAllowed()
    {
        Assert.True(RefreshPolicy.MayReplace(new("t"), Obtained));
    }
}
