using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults.Tokens;

/// <summary>A gateway's timeout that may be an ended token (A7), and one that is a timeout (A8).</summary>
public sealed class SuspicionTests
{
    private static readonly TimeSpan Old = TimeSpan.FromMinutes(10);

    /// <summary>What was known of the token when the request was sent that timed out.</summary>
    public enum Known
    {
        InItsBuffer,
        OfUnknownEnd,
        AcceptedLongAgo,
        NeverAccepted,
    }

    [Theory]
    [InlineData(true, Known.InItsBuffer), InlineData(false, Known.InItsBuffer)]
    [InlineData(true, Known.OfUnknownEnd), InlineData(false, Known.OfUnknownEnd)]
    [InlineData(true, Known.AcceptedLongAgo), InlineData(false, Known.AcceptedLongAgo)]
    [InlineData(true, Known.NeverAccepted), InlineData(false, Known.NeverAccepted)]
    public async Task A7_TimeoutWithASuspectToken_OneRefreshAndOneResend(bool streaming, Known known)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(known == Known.InItsBuffer ? 25 : 3600));
        var login = new QwenCredential(
            issued.AccessToken,
            known == Known.OfUnknownEnd ? null : issued.ExpiresAt,
            issued.RefreshToken
        )
        {
            ObtainedAt = known == Known.NeverAccepted ? time.GetUtcNow() - Old : null,
        };
        var client = setup.Pipeline(credentials: setup.Login(login, time), time: time);
        if (known == Known.InItsBuffer)
        {
            // Only so is one sent: its renewal has failed.
            setup.Qwen.TokenScript.Enqueue(QwenBehavior.TokenError(403, "forbidden"));
        }

        if (known != Known.NeverAccepted)
        {
            await Ask.Async(client, streaming);
            time.Advance(TimeSpan.FromSeconds(known == Known.AcceptedLongAgo ? 61 : 1));
        }

        setup.Qwen.Journal.Clear();
        setup.Qwen.Script.Enqueue(QwenBehavior.StreamTimeout());
        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal([504, 200], setup.ChatStatuses());
        Assert.NotEqual(issued.AccessToken, setup.Qwen.Journal.Chats[1].Token);
        Assert.Equal([streaming, streaming], setup.Qwen.Journal.Chats.Select(static chat => chat.IsStream));
        Assert.Single(setup.Qwen.Journal.TokenRequests);
        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);
        Assert.Equal("token-refresh", response.AdditionalProperties![QwenResponseProperties.RecoveredBy]);
        Assert.Equal(2, response.AdditionalProperties![QwenResponseProperties.Attempts]);
        Assert.Equal((1, 1, 0), (setup.Logs.Count(115), setup.Logs.Count(107), setup.Logs.Count(201)));
    }

    [Theory, InlineData(true, 5), InlineData(false, 5)]
    public async Task A7_TimeoutsAfterTheResend_AreTheTimeoutPolicys(bool streaming, int requests)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.StreamTimeout());
        var client = setup.Pipeline(credentials: setup.Login(Setup.Credential(setup.Qwen.Tokens.Issue())));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));

        // Sent, resent with a new token, retried once; then two more in the other form.
        Assert.Equal(QwenFailureKind.ServerTimeout, failure.Kind);
        Assert.Equal(requests, failure.Attempts);
        Assert.Equal(requests, setup.Qwen.Journal.Chats.Count);
        Assert.Single(setup.Qwen.Journal.TokenRequests);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A7_TheResendTakesAPermit(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.StreamTimeout());
        var login = setup.Login(Setup.Credential(setup.Qwen.Tokens.Issue()));
        var client = setup.Pipeline(static options => options.TimeoutRetry.MaxAttempts = 2, login);

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));

        Assert.Equal(2, failure.Attempts);
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A7_OncePerLoginInTenMinutes(bool streaming)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options =>
        {
            options.TimeProvider = time;
            options.TokenLifetime = TimeSpan.FromHours(12);
        });
        var client = setup.Pipeline(credentials: setup.Login(Setup.Credential(setup.Qwen.Tokens.Issue()), time));

        foreach (var (minutes, refreshes) in new[] { (0, 1), (5, 1), (4, 1), (2, 2), (9, 2), (2, 3) })
        {
            time.Advance(TimeSpan.FromMinutes(minutes));
            setup.Qwen.Script.Enqueue(QwenBehavior.StreamTimeout());
            Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
            Assert.Equal(refreshes, setup.Qwen.Tokens.Refreshes);
        }

        Assert.Equal(12, setup.Qwen.Journal.Chats.Count);
        Assert.Equal(3, setup.Logs.Count(115));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A7_ManyTimeoutsOfOneToken_ShareTheRefresh(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var issued = setup.Qwen.Tokens.Issue();
        setup.Qwen.Script.Always(QwenBehavior.StreamTimeout(), request => request.Token == issued.AccessToken);
        var client = setup.Pipeline(credentials: setup.Login(Setup.Credential(issued)));

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Ask.Async(client, streaming)));

        Assert.All(answers, static response => Assert.Equal(Setup.Text, response.Text));
        Assert.Single(setup.Qwen.Journal.TokenRequests);
        Assert.InRange(setup.Qwen.Journal.Chats.Count, 51, 100);
    }

    [Theory]
    [InlineData(true, "accepted"), InlineData(false, "accepted")]
    [InlineData(true, "minted"), InlineData(false, "minted")]
    [InlineData(true, "refreshed"), InlineData(false, "refreshed")]
    [InlineData(true, "not refreshable"), InlineData(false, "not refreshable")]
    [InlineData(true, "static key"), InlineData(false, "static key")]
    public async Task A8_TimeoutOtherwise_IsATimeout(bool streaming, string why)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        var issued = setup.Qwen.Tokens.Issue(why == "refreshed" ? TimeSpan.FromSeconds(-1) : null);
        var login = why switch
        {
            "minted" => Setup.Credential(issued, time.GetUtcNow().AddSeconds(-55)),
            "not refreshable" => new QwenCredential(issued.AccessToken, issued.ExpiresAt),
            _ => Setup.Credential(issued),
        };
        var client = setup.Pipeline(credentials: why == "static key" ? null : setup.Login(login, time));
        if (why is "accepted" or "static key")
        {
            await Ask.Async(client, streaming);
            time.Advance(TimeSpan.FromSeconds(why == "accepted" ? 55 : 3000));
            setup.Qwen.Journal.Clear();
        }

        setup.Qwen.Script.Enqueue(QwenBehavior.StreamTimeout());
        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal([504, 200], setup.ChatStatuses());
        Assert.Equal(why == "refreshed" ? 1 : 0, setup.Qwen.Journal.TokenRequests.Count);
        Assert.Equal("retry", response.AdditionalProperties![QwenResponseProperties.RecoveredBy]);
        Assert.Equal((0, 1), (setup.Logs.Count(115), setup.Logs.Count(201)));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A8_QwenItselfIsTooSlow_ItHasTakenTheToken(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Error(408, "RequestTimeOut", "Request timed out."));
        var client = setup.Pipeline(credentials: setup.Login(Setup.Credential(setup.Qwen.Tokens.Issue())));

        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);

        Assert.Equal([408, 200], setup.ChatStatuses());
        Assert.Empty(setup.Qwen.Journal.TokenRequests);
    }
}
