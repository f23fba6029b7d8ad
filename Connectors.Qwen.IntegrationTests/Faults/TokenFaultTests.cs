using System.Collections.Concurrent;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults;

/// <summary>Rows A of the fault table: what tokens do to a call.</summary>
public sealed class TokenFaultTests
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task A1_ExpiredByTheClock_IsRefreshedBeforeSending(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1));
        var client = setup.Pipeline(credentials: setup.Login(Credential(issued)));

        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Single(setup.Qwen.Journal.TokenRequests);
        var sent = Assert.Single(setup.Qwen.Journal.Chats);
        Assert.NotEqual(issued.AccessToken, sent.Token);
        Assert.True(setup.Logs.Has(102) && setup.Logs.Has(103), "The refresh must be readable from the logs.");
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A2_InsideTheBuffer_IsRefreshedBeforeSending(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(29));
        var client = setup.Pipeline(credentials: setup.Login(Credential(issued)));

        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Single(setup.Qwen.Journal.TokenRequests);
        Assert.NotEqual(issued.AccessToken, Assert.Single(setup.Qwen.Journal.Chats).Token);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A2_BeforeTheBuffer_IsSentAsItIs(bool streaming)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(31));
        var client = setup.Pipeline(
            credentials: setup.Login(Credential(issued), time, static options => options.RefreshAhead = TimeSpan.Zero)
        );

        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Empty(setup.Qwen.Journal.TokenRequests);
        Assert.Equal(issued.AccessToken, Assert.Single(setup.Qwen.Journal.Chats).Token);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A2_InsideTheBufferAndTheRefreshFails_TheTokenIsUsedWithAWarning(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.TokenScript.Always(QwenBehavior.Status(503, "down"));
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(25));
        var client = setup.Pipeline(credentials: setup.Login(Credential(issued)));

        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(issued.AccessToken, Assert.Single(setup.Qwen.Journal.Chats).Token);
        Assert.Single(setup.Logs.Entries, static entry => entry is { Id: 105, Level: LogLevel.Warning });
        // Three tries are the renewal's own budget.
        Assert.Equal(3, setup.Qwen.Journal.TokenRequests.Count);

        // A token endpoint that is down is not asked again for each request, only after a pause.
        await Ask.Async(client, streaming);
        Assert.Equal(3, setup.Qwen.Journal.TokenRequests.Count);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A5_RejectedAlthoughTheClockSaysValid_IsRefreshedAndSentOnceMore(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var issued = setup.Qwen.Tokens.Issue();
        setup.Qwen.Tokens.Expire(issued.AccessToken);
        var client = setup.Pipeline(credentials: setup.Login(Credential(issued)));

        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);
        Assert.Equal([401, 200], setup.Qwen.Journal.Chats.Select(static chat => chat.Status ?? 0));
        Assert.Equal("token-refresh", response.AdditionalProperties![QwenResponseProperties.RecoveredBy]);
        Assert.Equal(2, response.AdditionalProperties![QwenResponseProperties.Attempts]);
        Assert.True(setup.Logs.Has(106) && setup.Logs.Has(107) && setup.Logs.Has(108));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A6_RejectedAgainAfterTheRefresh_FailsWithoutALoop(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(
            QwenBehavior.Error(401, "invalid_api_key", "invalid access token or token expired").Unchecked()
        );
        var client = setup.Pipeline(credentials: setup.Login(Credential(setup.Qwen.Tokens.Issue())));

        var failure = await Assert.ThrowsAsync<QwenAuthenticationException>(() => Ask.Async(client, streaming));

        Assert.Equal(2, failure.Attempts);
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);

        // The fresh token that was rejected is remembered: the next call does not burn another refresh.
        await Assert.ThrowsAsync<QwenAuthenticationException>(() => Ask.Async(client, streaming));
        Assert.Equal(3, setup.Qwen.Journal.Chats.Count);
        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A9_ThousandCallsWithAnExpiredToken_OneRefreshAndAllSucceed(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1));
        var client = setup.Pipeline(
            options => options.TimeoutRetry.FirstTokenTimeout = TimeSpan.FromMinutes(5),
            setup.Login(Credential(issued))
        );

        var answers = new ConcurrentBag<string>();
        await Task.WhenAll(
            Enumerable.Range(0, 1000).Select(async _ => answers.Add((await Ask.Async(client, streaming)).Text))
        );

        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);
        Assert.Single(setup.Qwen.Journal.TokenRequests);
        Assert.Equal(1000, answers.Count);
        Assert.All(answers, static text => Assert.Equal(Setup.Text, text));
        Assert.Equal(1000, setup.Qwen.Journal.Chats.Count);
    }

    private static QwenCredential Credential(QwenIssuedToken issued)
    {
        return new QwenCredential(issued.AccessToken, issued.ExpiresAt, issued.RefreshToken);
    }
}
