using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.IntegrationTests.Testing.Clocks;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults.Tokens;

/// <summary>A token near its end, and at it.</summary>
public sealed class LifeTests
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task A1_ExpiredByTheClock_IsRefreshedBeforeSending(bool streaming)
    {
        using var metrics = new RecordingMetrics();
        await using var setup = await Setup.StartAsync();
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1));
        var client = setup.Pipeline(credentials: setup.Login(Setup.Credential(issued)));

        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Single(setup.Qwen.Journal.TokenRequests);
        var sent = Assert.Single(setup.Qwen.Journal.Chats);
        Assert.NotEqual(issued.AccessToken, sent.Token);
        Assert.Equal((1, 1, 0), (setup.Logs.Count(102), setup.Logs.Count(103), setup.Logs.Count(104)));
        Assert.True(metrics.Sum("qwen.client.token.refreshes") >= 1);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A2_InsideTheBuffer_IsRefreshedBeforeSending(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(29));
        var client = setup.Pipeline(credentials: setup.Login(Setup.Credential(issued)));

        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Single(setup.Qwen.Journal.TokenRequests);
        Assert.NotEqual(issued.AccessToken, Assert.Single(setup.Qwen.Journal.Chats).Token);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A2_BeforeTheBuffer_IsSentAsItIs(bool streaming)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(31));
        var client = setup.Pipeline(
            credentials: setup.Login(Setup.Credential(issued), time, static o => o.RefreshAhead = TimeSpan.Zero)
        );

        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Empty(setup.Qwen.Journal.TokenRequests);
        Assert.Equal(issued.AccessToken, Assert.Single(setup.Qwen.Journal.Chats).Token);
    }

    [Theory, InlineData(11, 0), InlineData(9, 1)]
    public async Task A2_ShortLife_TheBufferIsAQuarterOfIt(int secondsLeft, int refreshes)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        var begun = time.GetUtcNow();
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(40));
        var login = Setup.Credential(issued, begun);
        var client = setup.Pipeline(credentials: setup.Login(login, time, static o => o.RefreshAhead = TimeSpan.Zero));
        time.Advance(TimeSpan.FromSeconds(40 - secondsLeft));

        await Ask.Async(client, streaming: true);

        Assert.Equal(refreshes, setup.Qwen.Journal.TokenRequests.Count);
        Assert.Equal(refreshes == 0, Assert.Single(setup.Qwen.Journal.Chats).Token == issued.AccessToken);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A2_InsideTheBufferAndTheRefreshFails_TheTokenIsUsedWithAWarning(bool streaming)
    {
        var time = new SkippingClock();
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        setup.Qwen.TokenScript.Always(QwenBehavior.Status(503, "down"));
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(25));
        var client = setup.Pipeline(credentials: setup.Login(Setup.Credential(issued), time));

        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(issued.AccessToken, Assert.Single(setup.Qwen.Journal.Chats).Token);
        Assert.Single(setup.Logs.Entries, static entry => entry is { Id: 105, Level: LogLevel.Warning });
        // Three tries are the renewal's own budget.
        Assert.Equal(3, setup.Qwen.Journal.TokenRequests.Count);

        // A token endpoint that is down is not asked again for each request, only after a pause.
        await Ask.Async(client, streaming);
        Assert.Equal(3, setup.Qwen.Journal.TokenRequests.Count);
        Assert.Equal(1, setup.Logs.Count(105));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A3_InsideTheAdvisoryWindow_NobodyWaitsForTheRefresh(bool streaming)
    {
        var gate = new Gate();
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = gate);
        setup.Qwen.TokenScript.Enqueue(Gate.Hold(QwenBehavior.Answer()));
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromHours(2));
        // To the client it looks as if it had three minutes left.
        var login = new QwenCredential(
            issued.AccessToken,
            TimeProvider.System.GetUtcNow().AddMinutes(3),
            issued.RefreshToken
        );
        var client = setup.Pipeline(credentials: setup.Login(login));

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        }

        var renewal = await setup.TokenRequestAsync();
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        Assert.Equal(QwenExchangeState.Received, renewal.State);
        Assert.All(setup.Qwen.Journal.Chats, chat => Assert.Equal(issued.AccessToken, chat.Token));

        await gate.OpenAsync(renewal);
        await setup.Logs.WaitForAsync(103);
        await Ask.Async(client, streaming);

        Assert.Single(setup.Qwen.Journal.TokenRequests);
        Assert.NotEqual(issued.AccessToken, setup.Qwen.Journal.Chats[^1].Token);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A4_RefreshAheadFails_TheTokenServesToItsEndWithOneWarningPerPause(bool streaming)
    {
        var time = new SkippingClock();
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        // Not a failure that is tried again at once: each request here is one renewal.
        setup.Qwen.TokenScript.Always(QwenBehavior.TokenError(403, "forbidden"));
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromMinutes(3));
        var client = setup.Pipeline(credentials: setup.Login(Setup.Credential(issued), time));

        // In the advisory window first, then in the buffer, to a second before its end.
        for (var pause = 1; pause <= 6; pause++)
        {
            for (var i = 0; i < 3; i++)
            {
                Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
                await setup.Logs.WaitForAsync(105, pause);
            }

            Assert.Equal(pause, setup.Qwen.Journal.TokenRequests.Count);
            Assert.Equal(
                Enumerable.Repeat(105, pause),
                setup.Logs.Entries.Where(static e => e.Level >= LogLevel.Warning).Select(static e => e.Id)
            );
            time.Advance(TimeSpan.FromSeconds(pause < 6 ? 30 : 29));
        }

        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        Assert.All(setup.Qwen.Journal.Chats, chat => Assert.Equal(issued.AccessToken, chat.Token));
        Assert.Equal(19, setup.Qwen.Journal.Chats.Count);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A13_TokenServerIsDownForGood_RequestsGoOnUntilTheEndOfTheToken(bool streaming)
    {
        var time = new SkippingClock();
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        setup.Qwen.TokenScript.Always(QwenBehavior.Status(503, "the token server's own secret words"));
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromHours(1));
        var client = setup.Pipeline(credentials: setup.Login(Setup.Credential(issued), time));
        var end = issued.ExpiresAt;

        foreach (var (left, failed) in new[] { (3600, 0), (200, 1), (100, 2), (29, 3), (1, 3) })
        {
            time.Advance(end - time.GetUtcNow() - TimeSpan.FromSeconds(left));
            Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
            await setup.Logs.WaitForAsync(105, failed);
            Assert.Equal(3 * failed, setup.Qwen.Journal.TokenRequests.Count);
        }

        time.Advance(end - time.GetUtcNow());
        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));

        Assert.Equal(5, setup.Qwen.Journal.Chats.Count);
        Assert.All(setup.Qwen.Journal.Chats, chat => Assert.Equal(200, chat.Status));
        Assert.Equal(QwenFailureKind.ServerError, failure.Kind);
        Assert.Contains(
            "token could not be renewed: 127.0.0.1 answered HTTP 503",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("secret words", failure.ToString(), StringComparison.Ordinal);

        // And when it is up again, the next call has its token.
        setup.Qwen.TokenScript.Clear();
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
    }

    [Fact]
    public async Task A13_TokenServerTimesOut_TheFormOfTheCallIsNotChanged()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.TokenScript.Always(QwenBehavior.StreamTimeout());
        var login = Setup.Credential(setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));
        var client = setup.Pipeline(credentials: setup.Login(login, new SkippingClock()));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming: true));

        // The second attempt of the call comes within the second in which the failure is remembered.
        Assert.Equal(3, setup.Qwen.Journal.TokenRequests.Count);
        Assert.Empty(setup.Qwen.Journal.Chats);
        Assert.Contains("2 x renewal ServerTimeout", failure.Message, StringComparison.Ordinal);
    }
}
