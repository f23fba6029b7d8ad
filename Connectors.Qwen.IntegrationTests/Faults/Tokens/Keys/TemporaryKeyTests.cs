using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.IntegrationTests.Testing.Clocks;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults.Tokens.Keys;

/// <summary>A28: temporary keys, minted from one that is sent nowhere else.</summary>
public sealed class TemporaryKeyTests
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task A28_Minted_ForHalfAnHourUnlessToldOtherwise(bool streaming)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        var client = setup.Pipeline(credentials: Keys(setup, time));

        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);

        var mint = Assert.Single(setup.Qwen.Journal.TemporaryKeyRequests);
        Assert.Equal("1800", mint.Request.Query["expire_in_seconds"]);
        Assert.Equal(QwenSimulatorOptions.DefaultApiKey, mint.Token);
        Assert.All(
            setup.Qwen.Journal.Chats,
            static chat => Assert.StartsWith("st-", chat.Token!, StringComparison.Ordinal)
        );

        // The parent's own requests go nowhere else; and it is minted as short as it was told.
        var shorter = setup.Pipeline(credentials: Keys(setup, time, TimeSpan.FromSeconds(90)));
        await Ask.Async(shorter, streaming);
        Assert.Equal("90", setup.Qwen.Journal.TemporaryKeyRequests[^1].Request.Query["expire_in_seconds"]);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A28_NearItsEnd_RenewedAheadAndNobodyWaits(bool streaming)
    {
        var gate = new Gate();
        var time = new FakeTimeProvider(gate.GetUtcNow());
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = gate);
        var client = setup.Pipeline(credentials: Keys(setup, time));
        await Ask.Async(client, streaming);
        var first = setup.Qwen.Journal.Chats[0].Token;

        setup.Qwen.TemporaryKeyScript.Enqueue(Gate.Hold(QwenBehavior.Answer()));
        time.Advance(TimeSpan.FromSeconds(1800 - 120));
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        await setup.Qwen.Journal.WaitForAsync(
            _ => setup.Qwen.Journal.TemporaryKeyRequests.Count == 2,
            TestContext.Current.CancellationToken
        );
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        Assert.All(setup.Qwen.Journal.Chats, chat => Assert.Equal(first, chat.Token));
        Assert.Equal(QwenExchangeState.Received, setup.Qwen.Journal.TemporaryKeyRequests[1].State);

        await gate.OpenAsync(setup.Qwen.Journal.TemporaryKeyRequests[1]);
        await setup.Logs.WaitForAsync(103, 2);
        await Ask.Async(client, streaming);
        Assert.NotEqual(first, setup.Qwen.Journal.Chats[^1].Token);
        Assert.Equal(2, setup.Qwen.Tokens.TemporaryKeys);
    }

    [Fact]
    public async Task A28_KeysOfAMinute_AreNotRenewedForEver()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        var client = setup.Pipeline(credentials: Keys(setup, time, TimeSpan.FromMinutes(1)));

        const int Seconds = 2 * 3600;
        for (var second = 0; second < Seconds; second += 10)
        {
            Assert.Equal(Setup.Text, (await Ask.Async(client, streaming: second % 20 == 0)).Text);
            await setup.Logs.WaitForAsync(103, setup.Qwen.Journal.TemporaryKeyRequests.Count);
            time.Advance(TimeSpan.FromSeconds(10));
        }

        // At least as often as they end; never twice in half a minute.
        Assert.InRange(setup.Qwen.Tokens.TemporaryKeys, Seconds / 60, Seconds / 30);
        Assert.All(setup.Qwen.Journal.Chats, static chat => Assert.Equal(200, chat.Status));
        Assert.Equal(Seconds / 10, setup.Qwen.Journal.Chats.Count);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A28_ParentWasRotated_TheNewOneMints(bool streaming)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        using var file = new LoginFile();
        var path = Path.Combine(file.Folder, "key");
        await File.WriteAllTextAsync(path, QwenSimulatorOptions.DefaultApiKey, TestContext.Current.CancellationToken);
        var parent = ApiKeyCredentialProvider.FromFile(path, setup.Logs, time);
        var client = setup.Pipeline(credentials: Keys(setup, time, parent: parent));
        await parent.GetCredentialAsync(TestContext.Current.CancellationToken);

        // The file was just looked at: only the refusal tells that it has changed.
        await File.WriteAllTextAsync(path, "sk-the-next-parent-key", TestContext.Current.CancellationToken);
        setup.Qwen.Tokens.AcceptApiKey("sk-the-next-parent-key");
        setup.Qwen.Tokens.RevokeApiKey(QwenSimulatorOptions.DefaultApiKey);

        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        Assert.Equal([401, 200], setup.Qwen.Journal.TemporaryKeyRequests.Select(static mint => mint.Status ?? 0));
        Assert.Equal(1, setup.Qwen.Tokens.TemporaryKeys);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A28_ParentIsRefused_ClearErrorAndNoChat(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var client = setup.Pipeline(
            credentials: Keys(setup, TimeProvider.System, parent: new ApiKeyCredentialProvider("sk-a-wrong-parent-key"))
        );

        var failure = await Assert.ThrowsAsync<QwenAuthenticationException>(() => Ask.Async(client, streaming));

        Assert.Contains(
            "No temporary key: 127.0.0.1 refuses the parent key",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.Equal("InvalidApiKey", failure.ErrorCode);
        Assert.DoesNotContain("wrong-parent", failure.ToString(), StringComparison.Ordinal);
        Assert.Single(setup.Qwen.Journal.TemporaryKeyRequests);
        Assert.Empty(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A28_MintingFails_TheKeyServesToItsEnd(bool streaming)
    {
        var time = new SkippingClock(TimeSpan.FromSeconds(3));
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        var client = setup.Pipeline(credentials: Keys(setup, time));
        await Ask.Async(client, streaming);

        setup.Qwen.TemporaryKeyScript.Always(QwenBehavior.NativeError(503, "ServiceUnavailable", "busy"));
        time.Advance(TimeSpan.FromSeconds(1790));
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        Assert.Equal(1, setup.Logs.Count(105));

        time.Advance(TimeSpan.FromSeconds(10));
        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));
        Assert.Equal(QwenFailureKind.ServerError, failure.Kind);
        Assert.Contains("No temporary key: 127.0.0.1 answered HTTP 503", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A28_TheAnswerIsLost_AskedForAgain(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.TemporaryKeyScript.Enqueue(QwenBehavior.LoseAnswer());
        var client = setup.Pipeline(credentials: Keys(setup, TimeProvider.System));

        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);

        Assert.Equal(2, setup.Qwen.Tokens.TemporaryKeys);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A28_RejectedByTheChatEndpoint_MintedAnew(bool streaming)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        var client = setup.Pipeline(credentials: Keys(setup, time));
        await Ask.Async(client, streaming);
        time.Advance(TimeSpan.FromMinutes(1));
        setup.Qwen.Tokens.Expire(setup.Qwen.Journal.Chats[0].Token!);

        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);

        Assert.Equal([200, 401, 200], setup.ChatStatuses());
        Assert.Equal(2, setup.Qwen.Tokens.TemporaryKeys);
    }

    private static TemporaryKeyCredentialProvider Keys(
        Setup setup,
        TimeProvider time,
        TimeSpan? lifetime = null,
        IQwenCredentialProvider? parent = null
    )
    {
        var options = new TemporaryKeyOptions
        {
            Endpoint = setup.Qwen.Endpoint,
            // No limit of a request may fire while a test moves the clock.
            RefreshTimeout = TimeSpan.FromHours(5),
        };
        if (lifetime is { } known)
        {
            options.Lifetime = known;
        }

        parent ??= new ApiKeyCredentialProvider(QwenSimulatorOptions.DefaultApiKey);
        return setup.Own(new TemporaryKeyCredentialProvider(parent, options, null, setup.Logs, time));
    }
}
