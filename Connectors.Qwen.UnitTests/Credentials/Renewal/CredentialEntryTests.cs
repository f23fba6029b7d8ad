using Connectors.Qwen.Credentials;
using Connectors.Qwen.UnitTests.Testing.Tokens;

namespace Connectors.Qwen.UnitTests.Credentials.Renewal;

public class CredentialEntryTests
{
    private readonly SplitTime _time = new();

    [Fact]
    public void IsFreshAt_BeforeTheFirstLook_IsFalse()
    {
        Assert.False(IsFresh(Entry(3600)));
    }

    [Fact]
    public void IsFreshAt_AfterALook_LastsASecond()
    {
        var entry = Entry(3600);

        Assert.Equal(RefreshDecision.Use, entry.Assess());

        Assert.True(IsFresh(entry));
        Pass(0.999);
        Assert.True(IsFresh(entry));
        Pass(0.001);
        Assert.False(IsFresh(entry));
    }

    [Theory]
    [InlineData(3600, 3599.5, 0.05)]
    [InlineData(3600, 3598, 0.2)]
    [InlineData(3600, 3580, 1)]
    [InlineData(2, 1.6, 0.04)]
    public void Rest_NearItsEnd_IsATenthOfWhatIsLeft(double life, double age, double rest)
    {
        var entry = Entry(life);
        Pass(age);

        entry.Rest();

        Pass(rest - 0.001);
        Assert.True(IsFresh(entry));
        Pass(0.001);
        Assert.False(IsFresh(entry));
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(60)]
    [InlineData(20)]
    [InlineData(2)]
    [InlineData(0.5)]
    public void Assess_EachTenthOfASecond_NeverUsesItBeyondItsEnd(double life)
    {
        var entry = Entry(life);
        var start = Math.Max(0, life - 35);
        Pass(start);
        for (var age = start; age < life + 3; age += 0.1)
        {
            var isUsed = IsFresh(entry) || entry.Assess() != RefreshDecision.RefreshOrFail;
            Assert.True(!isUsed || _time.GetUtcNow() < entry.Credential.ExpiresAt, $"at {age} s of {life} s");
            Pass(0.1);
        }
    }

    [Fact]
    public void Assess_InTheBuffer_IsAskedAgainByTheNextCall()
    {
        var entry = Entry(3600);
        Pass(3580);

        Assert.Equal(RefreshDecision.RefreshFirst, entry.Assess());
        Assert.False(IsFresh(entry));
    }

    [Fact]
    public void A23_Assess_MachineSlept_IsNoticedWithinASecond()
    {
        var entry = Entry(3600);
        Pass(60);
        Assert.Equal(RefreshDecision.Use, entry.Assess());

        // The monotonic clock stood still meanwhile.
        _time.Jump(TimeSpan.FromHours(2));
        Pass(1);

        Assert.False(IsFresh(entry));
        Assert.Equal(RefreshDecision.RefreshOrFail, entry.Assess());
        Assert.True(entry.HasEnded());
    }

    [Fact]
    public void A23_Assess_ClockSetBack_EndsByItsAge()
    {
        var entry = Entry(3600);
        _time.Jump(TimeSpan.FromDays(-1));

        Pass(3599);
        Assert.False(entry.HasEnded());
        Pass(1);

        Assert.True(entry.HasEnded());
        Assert.Equal(RefreshDecision.RefreshOrFail, entry.Assess());
    }

    [Fact]
    public void Assess_ObtainedInTheFuture_IsAsIfNow()
    {
        var later = SplitTime.Begin.AddMinutes(10);
        var entry = Of(new QwenCredential("t", later.AddHours(1)) { ObtainedAt = later });

        Pass(3590);

        Assert.Equal(RefreshDecision.RefreshFirst, entry.Assess());
    }

    [Fact]
    public void HasEnded_NoEnd_NeverDoes()
    {
        var entry = Of(new QwenCredential("t"));

        Pass(1e8);

        Assert.False(entry.HasEnded());
        Assert.Equal(RefreshDecision.Use, entry.Assess());
        Assert.Null(entry.Life);
    }

    [Fact]
    public void WasSuspectAt_AcceptedAMinuteBefore_IsNot()
    {
        var entry = Entry(3600);
        Pass(600);
        Assert.True(WasSuspect(entry));

        entry.Accept();
        Pass(60);
        Assert.False(WasSuspect(entry));

        Pass(1);
        Assert.True(WasSuspect(entry));
    }

    [Fact]
    public void WasSuspectAt_FactsOfTheSending_NotOfTheTimeout()
    {
        var entry = Entry(3600);
        Pass(120);
        entry.Accept();
        var sentAt = _time.GetTimestamp();

        // A gateway takes minutes to say 504.
        Pass(300);

        Assert.False(entry.WasSuspectAt(sentAt));
        Assert.True(WasSuspect(entry));
    }

    [Fact]
    public void WasSuspectAt_AgeUnknown_IsOldEnough()
    {
        Assert.True(WasSuspect(Of(new QwenCredential("t"))));
        Assert.True(WasSuspect(Of(new QwenCredential("t", SplitTime.Begin.AddHours(1)))));
    }

    private CredentialEntry Entry(double life)
    {
        return Of(new QwenCredential("t", SplitTime.Begin.AddSeconds(life)) { ObtainedAt = SplitTime.Begin });
    }

    private CredentialEntry Of(QwenCredential credential)
    {
        return new CredentialEntry(credential, Cached.Windows, _time);
    }

    private bool IsFresh(CredentialEntry entry)
    {
        return entry.IsFreshAt(_time.GetTimestamp());
    }

    private bool WasSuspect(CredentialEntry entry)
    {
        return entry.WasSuspectAt(_time.GetTimestamp());
    }

    private void Pass(double seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
    }
}
