using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.IntegrationTests.Testing.Clocks;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults.Tokens;

/// <summary>A26: a person logs in from a device, and what can come between.</summary>
public sealed class DeviceLoginTests
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task A26_PendingThenApproved_TheSavedLoginServesAChat(bool streaming)
    {
        var time = Clock();
        await using var setup = await Setup.StartAsync(options =>
        {
            options.TimeProvider = time;
            options.AutoApproveAfterPolls = 3;
        });
        using var file = new LoginFile();

        var (credential, prompt) = await LoginAsync(setup, time);
        await new FileCredentialStore(file.FilePath).SaveAsync(credential, TestContext.Current.CancellationToken);
        var now = new FakeTimeProvider(time.GetUtcNow());
        var client = setup.FilePipeline(file.FilePath, now, static options => options.Endpoint = null);
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);

        Assert.Matches("^[A-Z]{4}-[A-Z]{4}$", prompt!.UserCode);
        Assert.Equal(
            $"{prompt.VerificationUri}?user_code={prompt.UserCode}",
            prompt.VerificationUriComplete!.AbsoluteUri
        );
        Assert.Equal(4, setup.Qwen.Journal.TokenRequests.Count);
        Assert.Equal(Seconds(5, 5, 5, 5), time.Skipped);
        Assert.Equal(credential.AccessToken, Assert.Single(setup.Qwen.Journal.Chats).Token);
        Assert.Equal((1, 3, 1), (setup.Logs.Count(121), setup.Logs.Count(122), setup.Logs.Count(123)));

        // It is a whole login: at its end it is renewed and saved again.
        time.Advance(TimeSpan.FromHours(1));
        now.Advance(TimeSpan.FromHours(1));
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        Assert.Equal(setup.Qwen.Journal.Chats[^1].Token, file.AccessToken);
    }

    [Theory, InlineData(400), InlineData(429)]
    public async Task A26_SlowDown_TheIntervalGrowsForGood(int status)
    {
        var time = Clock();
        await using var setup = await Setup.StartAsync(options =>
        {
            options.TimeProvider = time;
            options.DevicePollInterval = TimeSpan.FromSeconds(3);
            options.AutoApproveAfterPolls = 1;
        });
        setup.Qwen.TokenScript.Enqueue(
            QwenBehavior.TokenError(status, "slow_down"),
            QwenBehavior.TokenError(400, "authorization_pending"),
            QwenBehavior.TokenError(status, "slow_down")
        );

        await LoginAsync(setup, time);

        Assert.Equal(Seconds(3, 8, 8, 13, 13), time.Skipped);
        Assert.Equal(5, setup.Qwen.Journal.TokenRequests.Count);
    }

    [Theory, InlineData(400), InlineData(429)]
    public async Task A26_ServerAsksForLongerPauses_TheyAreKept(int status)
    {
        var time = Clock();
        await using var setup = await Setup.StartAsync(options =>
        {
            options.TimeProvider = time;
            options.DevicePollInterval = TimeSpan.FromSeconds(20);
            options.DeviceSlowDownStatus = status;
            options.AutoApproveAfterPolls = 2;
        });

        await LoginAsync(setup, time);

        // Judged by the simulator: not one poll came too early.
        Assert.Equal(Seconds(20, 20, 20), time.Skipped);
        Assert.All(setup.Qwen.Journal.TokenRequests.SkipLast(1), static poll => Assert.Equal(400, poll.Status));
    }

    [Fact]
    public async Task A26_NobodyEntersTheCode_ItEndsByItself()
    {
        var time = Clock();
        await using var setup = await Setup.StartAsync(options =>
        {
            options.TimeProvider = time;
            options.DeviceCodeLifetime = TimeSpan.FromSeconds(60);
        });

        var failure = await Assert.ThrowsAsync<QwenAuthenticationException>(() => LoginAsync(setup, time));

        Assert.Contains(
            "the code ended before anyone entered it. Start again",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(11, setup.Qwen.Journal.TokenRequests.Count);
    }

    [Fact]
    public async Task A26_TheServerSaysExpired_ClearOutcome()
    {
        var time = Clock();
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);

        var failure = await Assert.ThrowsAsync<QwenAuthenticationException>(() =>
            LoginAsync(setup, time, prompt => setup.Qwen.Devices.Expire(prompt.UserCode))
        );

        Assert.Contains("the code ended before anyone entered it", failure.Message, StringComparison.Ordinal);
        Assert.Single(setup.Qwen.Journal.TokenRequests);
    }

    [Fact]
    public async Task A26_Denied_ClearOutcome()
    {
        var time = Clock();
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);

        var failure = await Assert.ThrowsAsync<QwenAuthenticationException>(() =>
            LoginAsync(setup, time, prompt => setup.Qwen.Devices.Deny(prompt.UserCode))
        );

        Assert.Contains("the request was denied", failure.Message, StringComparison.Ordinal);
        Assert.Equal("access_denied", failure.ErrorCode);
        Assert.Single(setup.Qwen.Journal.TokenRequests);
    }

    [Fact]
    public async Task A26_NetworkBlip_AskedAgainMoreSlowly()
    {
        var time = Clock();
        await using var setup = await Setup.StartAsync(options =>
        {
            options.TimeProvider = time;
            options.AutoApproveAfterPolls = 0;
        });
        setup.Qwen.TokenScript.Enqueue(
            QwenBehavior.ResetBeforeHeaders(),
            QwenBehavior.Status(503, "<html>", "text/html"),
            QwenBehavior.ResetBeforeHeaders(),
            QwenBehavior.TokenError(400, "authorization_pending")
        );

        var (credential, _) = await LoginAsync(setup, time);

        Assert.NotEmpty(credential.AccessToken);
        Assert.Equal(Seconds(5, 10, 20, 40, 40), time.Skipped);
    }

    [Fact]
    public async Task A26_TheAnswerWithTheTokensIsLost_TheLoginEndsClearly()
    {
        var time = Clock();
        await using var setup = await Setup.StartAsync(options =>
        {
            options.TimeProvider = time;
            options.AutoApproveAfterPolls = 0;
        });
        setup.Qwen.TokenScript.Enqueue(QwenBehavior.LoseAnswer());

        var failure = await Assert.ThrowsAsync<QwenAuthenticationException>(() => LoginAsync(setup, time));

        Assert.Contains("refused it (invalid_grant)", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, setup.Qwen.Journal.TokenRequests.Count);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A26_Cancelled_AtOnce(bool whileAPollIsUnanswered)
    {
        // Its clock stands: between two polls, or in one, it would wait for ever.
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        setup.Qwen.TokenScript.Always(QwenBehavior.Silence());
        using var leaving = new CancellationTokenSource();
        using var login = new DeviceCodeLogin(LoginOptions(setup), null, setup.Logs, time);
        var shown = new TaskCompletionSource();

        var pending = login.LoginAsync(
            (_, _) =>
            {
                shown.SetResult();
                return ValueTask.CompletedTask;
            },
            leaving.Token
        );
        await shown.Task;
        if (whileAPollIsUnanswered)
        {
            while (setup.Qwen.Journal.TokenRequests.Count == 0)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                await Task.Delay(TimeSpan.FromMilliseconds(2), TestContext.Current.CancellationToken);
            }
        }

        await leaving.CancelAsync();

        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
        Assert.Equal(leaving.Token, cancelled.CancellationToken);
    }

    [Theory]
    [InlineData("{\"error\":\"invalid_client\"}", "HTTP 200, invalid_client without a code")]
    [InlineData("{}", "HTTP 200 without a code")]
    [InlineData("<html>", "HTTP 200 without a code")]
    [InlineData(
        "{\"device_code\":\"d\",\"user_code\":\"u\",\"verification_uri\":\"http://phishing.example\"}",
        "a login page that is not https"
    )]
    public async Task A26_CannotBeBegun_ClearError(string answer, string why)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.DeviceScript.Always(QwenBehavior.TokenResponse(answer));

        var failure = await Assert.ThrowsAsync<QwenException>(() => LoginAsync(setup, Clock()));

        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
        Assert.Empty(setup.Qwen.Journal.TokenRequests);
    }

    private static SkippingClock Clock()
    {
        // Longer than any pause between two polls here, and shorter than any limit.
        return new SkippingClock(TimeSpan.FromSeconds(50));
    }

    private static IEnumerable<TimeSpan> Seconds(params int[] seconds)
    {
        return seconds.Select(static value => TimeSpan.FromSeconds(value));
    }

    private static QwenOAuthOptions LoginOptions(Setup setup)
    {
        return new QwenOAuthOptions
        {
            TokenEndpoint = setup.Qwen.TokenEndpoint,
            DeviceCodeEndpoint = setup.Qwen.DeviceCodeEndpoint,
            RefreshTimeout = TimeSpan.FromHours(1),
        };
    }

    private static async Task<(QwenCredential Credential, DeviceCodePrompt? Prompt)> LoginAsync(
        Setup setup,
        TimeProvider time,
        Action<DeviceCodePrompt>? person = null
    )
    {
        using var login = new DeviceCodeLogin(LoginOptions(setup), null, setup.Logs, time);
        DeviceCodePrompt? shown = null;
        var credential = await login.LoginAsync(
            (prompt, _) =>
            {
                shown = prompt;
                SecretWatch.Current?.See("prompt", prompt);
                person?.Invoke(prompt);
                return ValueTask.CompletedTask;
            },
            TestContext.Current.CancellationToken
        );
        SecretWatch.Current?.See("credential", credential);
        return (credential, shown);
    }
}
