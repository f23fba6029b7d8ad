using System.Collections.Concurrent;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.IntegrationTests.Testing.Clocks;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults.Tokens;

/// <summary>A token that the server rejects, and a thousand calls that need the same renewal.</summary>
public sealed class RejectionTests
{
    private const int Many = 1000;

    [Theory, InlineData(true), InlineData(false)]
    public async Task A5_RejectedAlthoughTheClockSaysValid_IsRefreshedAndSentOnceMore(bool streaming)
    {
        using var metrics = new RecordingMetrics();
        await using var setup = await Setup.StartAsync();
        var issued = setup.Qwen.Tokens.Issue();
        setup.Qwen.Tokens.Expire(issued.AccessToken);
        var client = setup.Pipeline(credentials: setup.Login(Setup.Credential(issued)));

        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);
        Assert.Equal([401, 200], setup.ChatStatuses());
        Assert.Equal("token-refresh", response.AdditionalProperties![QwenResponseProperties.RecoveredBy]);
        Assert.Equal(2, response.AdditionalProperties![QwenResponseProperties.Attempts]);
        Assert.Equal((1, 1, 1), (setup.Logs.Count(106), setup.Logs.Count(107), setup.Logs.Count(108)));
        Assert.True(metrics.Sum("qwen.client.token.rejections") >= 1);
        Assert.True(metrics.Sum("qwen.client.token.resends") >= 1);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A5_RenewalFailsOnceAfterARejection_TheCallSucceeds(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var issued = setup.Qwen.Tokens.Issue();
        setup.Qwen.Tokens.Expire(issued.AccessToken);
        setup.Qwen.TokenScript.Enqueue(QwenBehavior.Status(500, "down"));
        var client = setup.Pipeline(credentials: setup.Login(Setup.Credential(issued), new SkippingClock()));

        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);
        Assert.Equal([401, 200], setup.ChatStatuses());
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A6_RejectedAgainAfterTheRefresh_FailsWithoutALoopAndIsRemembered(bool streaming)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        setup.Qwen.Tokens.RejectsAllAccessTokens = true;
        var client = setup.Pipeline(credentials: setup.Login(Setup.Credential(setup.Qwen.Tokens.Issue()), time));

        var failure = await Assert.ThrowsAsync<QwenAuthenticationException>(() => Ask.Async(client, streaming));

        Assert.Equal(2, failure.Attempts);
        Assert.Equal([401, 401], setup.ChatStatuses());
        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);
        Assert.Equal(1, setup.Logs.Count(109));

        // The fresh token that was rejected is remembered: for 30 s the next calls do not burn another refresh.
        for (var i = 0; i < 5; i++)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await Assert.ThrowsAsync<QwenAuthenticationException>(() => Ask.Async(client, streaming));
        }

        Assert.Equal(7, setup.Qwen.Journal.Chats.Count);
        Assert.Single(setup.Qwen.Journal.TokenRequests);

        time.Advance(TimeSpan.FromSeconds(6));
        setup.Qwen.Tokens.RejectsAllAccessTokens = false;
        setup.Qwen.Tokens.Expire(setup.Qwen.Journal.Chats[^1].Token!);
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        Assert.Equal(2, setup.Qwen.Tokens.Refreshes);
    }

    [Theory, InlineData(true, true), InlineData(true, false), InlineData(false, true), InlineData(false, false)]
    public async Task A6_AdoptedFromAnotherProcessAndRejected_OneRefreshAndThreeRequests(bool streaming, bool heals)
    {
        await using var setup = await Setup.StartAsync();
        var (first, second) = (setup.Qwen.Tokens.Issue(), setup.Qwen.Tokens.Issue());
        var store = new InMemoryCredentialStore(Setup.Credential(first));
        var client = setup.Pipeline(credentials: setup.Login(store));
        await Ask.Async(client, streaming);
        setup.Qwen.Journal.Clear();

        await store.SaveAsync(Setup.Credential(second), TestContext.Current.CancellationToken);
        setup.Qwen.Tokens.Expire(first.AccessToken);
        setup.Qwen.Tokens.Expire(second.AccessToken);
        setup.Qwen.Tokens.RejectsAllAccessTokens = !heals;
        var call = Ask.Async(client, streaming);
        if (heals)
        {
            Assert.Equal(Setup.Text, (await call).Text);
        }
        else
        {
            Assert.Equal(3, (await Assert.ThrowsAsync<QwenAuthenticationException>(() => call)).Attempts);
        }

        Assert.Equal([401, 401, heals ? 200 : 401], setup.ChatStatuses());
        Assert.Equal(
            [first.AccessToken, second.AccessToken],
            setup.Qwen.Journal.Chats.Take(2).Select(static chat => chat.Token!)
        );
        Assert.Single(setup.Qwen.Journal.TokenRequests);
        Assert.Equal(second.RefreshToken, setup.Qwen.Journal.TokenRequests[0].Request.Form["refresh_token"]);
        Assert.Equal(1, setup.Logs.Count(111));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A9_ThousandCallsWithAnExpiredToken_OneRefreshAndAllSucceed(bool streaming)
    {
        var gate = new Gate();
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = gate);
        // Held back until the thousand wait for it.
        setup.Qwen.TokenScript.Enqueue(Gate.Hold(QwenBehavior.Answer()));
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1));
        var client = setup.Pipeline(Patient, setup.Login(Setup.Credential(issued), null, Patient));

        var calls = AskManyAsync(client, streaming);
        await gate.OpenAsync(await setup.TokenRequestAsync());
        var answers = await calls;

        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);
        Assert.Single(setup.Qwen.Journal.TokenRequests);
        Assert.Equal(Many, answers.Count);
        Assert.All(answers, static text => Assert.Equal(Setup.Text, text));
        Assert.Equal(Many, setup.Qwen.Journal.Chats.Count);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A10_ThousandRejectionsOfOneToken_OneRefresh(bool streaming)
    {
        var gate = new Gate();
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = gate);
        // Held back until the last of the thousand was rejected: else some would be sent with the new token at once.
        setup.Qwen.TokenScript.Enqueue(Gate.Hold(QwenBehavior.Answer()));
        var issued = setup.Qwen.Tokens.Issue();
        setup.Qwen.Tokens.Expire(issued.AccessToken);
        var client = setup.Pipeline(Patient, setup.Login(Setup.Credential(issued), null, Patient));
        var rejected = 0;

        var calls = AskManyAsync(client, streaming);
        await setup.Qwen.Journal.WaitForAsync(
            exchange =>
                exchange is { State: QwenExchangeState.Completed, Status: 401 }
                && Interlocked.Increment(ref rejected) >= Many,
            TestContext.Current.CancellationToken
        );
        await gate.OpenAsync(await setup.TokenRequestAsync());
        var answers = await calls;

        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);
        Assert.Single(setup.Qwen.Journal.TokenRequests);
        Assert.Equal(Many, answers.Count);
        Assert.All(answers, static text => Assert.Equal(Setup.Text, text));
        Assert.Equal(Many, setup.Qwen.Journal.Chats.Count(chat => chat.Token == issued.AccessToken));
        Assert.Equal(2 * Many, setup.Qwen.Journal.Chats.Count);
        Assert.Equal(1, setup.Logs.Count(102));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A11_FirstWaiterCancels_OnlyThatCallerIsCancelled(bool streaming)
    {
        var gate = new Gate();
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = gate);
        setup.Qwen.TokenScript.Enqueue(Gate.Hold(QwenBehavior.Answer()));
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1));
        var client = setup.Pipeline(credentials: setup.Login(Setup.Credential(issued)));
        using var leaving = new CancellationTokenSource();

        var first = streaming
            ? client.GetStreamingResponseAsync(Ask.Question, null, leaving.Token).ToChatResponseAsync(leaving.Token)
            : client.GetResponseAsync(Ask.Question, null, leaving.Token);
        var renewal = await setup.TokenRequestAsync();
        var others = Enumerable.Range(0, 5).Select(_ => Ask.Async(client, streaming)).ToArray();
        await leaving.CancelAsync();

        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(leaving.Token, cancelled.CancellationToken);
        Assert.Equal(QwenExchangeState.Received, renewal.State);
        await gate.OpenAsync(renewal);
        Assert.All(await Task.WhenAll(others), static response => Assert.Equal(Setup.Text, response.Text));
        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);
        Assert.Equal(5, setup.Qwen.Journal.Chats.Count);
        Assert.Equal(0, setup.Logs.Count(104));
    }

    private static void Patient(QwenOptions options)
    {
        options.TimeoutRetry.FirstTokenTimeout = TimeSpan.FromMinutes(5);
    }

    private static void Patient(QwenOAuthOptions options)
    {
        options.RefreshTimeout = TimeSpan.FromMinutes(5);
    }

    private static async Task<IReadOnlyCollection<string>> AskManyAsync(IChatClient client, bool streaming)
    {
        var answers = new ConcurrentBag<string>();
        await Task.WhenAll(
            Enumerable.Range(0, Many).Select(async _ => answers.Add((await Ask.Async(client, streaming)).Text))
        );
        return answers;
    }
}
