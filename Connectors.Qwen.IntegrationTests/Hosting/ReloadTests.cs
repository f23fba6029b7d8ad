using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.IntegrationTests.Testing.Clocks;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Connectors.Qwen.IntegrationTests.Hosting;

/// <summary>Options that change while the host runs (docs/features.md, 133).</summary>
public sealed class ReloadTests
{
    private const int Reloaded = 502;
    private const int Refused = 503;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, InlineData(true), InlineData(false)]
    public async Task Row133_Reload_HoldsFromTheNextCallOn(bool streaming)
    {
        await using var host = await HostedQwen.StartAsync();
        host.Configuration["Qwen:TimeoutRetry:MaxRetries"] = "0";
        host.Configuration["Qwen:StreamingFallback:Enabled"] = "false";
        host.Configuration["Qwen:StreamingFallback:UpgradeToStreaming"] = "false";
        host.Services.AddQwenChatClient(host.Section);
        host.Setup.Qwen.Script.Enqueue(QwenBehavior.Status(503, "no"), QwenBehavior.Status(503, "no"));
        await Assert.ThrowsAsync<QwenException>(() => Ask.Async(host.Client, streaming));

        host.Change(("TimeoutRetry:MaxRetries", "1"), ("ModelId", "qwen-plus"));
        var answer = await Ask.Async(host.Client, streaming);

        Assert.Equal(Setup.Text, answer.Text);
        Assert.Equal([503, 503, 200], host.Setup.ChatStatuses());
        Assert.Equal(("qwen3-max", "qwen-plus"), (host.ModelOf(0), host.ModelOf(2)));
        Assert.Equal(1, host.Setup.Logs.Count(Reloaded));
    }

    [Fact]
    public async Task Row133_Reload_NeverDisturbsARunningCall()
    {
        var gate = new Gate();
        await using var host = await HostedQwen.StartAsync(options => options.TimeProvider = gate);
        host.Services.AddQwenChatClient(host.Section);
        host.Setup.Qwen.Script.Enqueue(Gate.Hold(QwenBehavior.ResetAfter(3)));
        var running = Ask.ReadAsync(host.Client);
        var held = await host.Setup.Qwen.Journal.WaitForAsync(
            static exchange => !exchange.Path.EndsWith("models", StringComparison.Ordinal),
            Cancel
        );

        // For the running call it would mean that its broken stream is not gone on with, or by another model.
        host.Change(
            ("ModelId", "another"),
            ("StreamingFallback:Continuation", "Off"),
            ("TimeoutRetry:MaxAttempts", "1")
        );
        await gate.OpenAsync(held);
        var (text, failure) = await running;

        Assert.Null(failure);
        Assert.Equal(Setup.Text, text);
        Assert.Equal(["qwen3-max", "qwen3-max"], new[] { host.ModelOf(0), host.ModelOf(1) });
        Assert.Equal(Setup.Text, (await Ask.Async(host.Client, streaming: true)).Text);
        Assert.Equal("another", host.ModelOf(host.Setup.Qwen.Journal.Chats.Count - 1));
    }

    [Fact]
    public async Task Row133_ReloadThatCannotBeUsed_KeepsTheLastGoodOptionsAndSaysWhyOnce()
    {
        await using var host = await HostedQwen.StartAsync();
        host.Services.AddQwenChatClient(host.Section);
        await Ask.Async(host.Client, streaming: false);

        host.Change(("TimeoutRetry:MaxRetries", "-1"), ("ModelId", "another"));
        host.Change(("TimeoutRetry:MaxRetries", "-1"));
        await Ask.Async(host.Client, streaming: false);
        host.Change(("TimeoutRetry:MaxRetries", "many"));
        await Ask.Async(host.Client, streaming: false);

        Assert.Equal(("qwen3-max", "qwen3-max"), (host.ModelOf(1), host.ModelOf(2)));
        var told = host
            .Setup.Logs.Entries.Where(static entry => entry.Id == Refused)
            .Select(entry => entry.Text)
            .ToArray();
        Assert.Equal(2, told.Length);
        Assert.Contains("Qwen:TimeoutRetry:MaxRetries is -1. It must be 0 or more.", told[0], StringComparison.Ordinal);
        Assert.Contains("'Qwen:TimeoutRetry:MaxRetries'", told[1], StringComparison.Ordinal);

        host.Change(("TimeoutRetry:MaxRetries", "2"));
        await Ask.Async(host.Client, streaming: false);
        Assert.Equal("another", host.ModelOf(3));
    }

    [Fact]
    public async Task Row133_ReloadOfTheEndpoint_IsRefusedWholeWithItsKey()
    {
        await using var host = await HostedQwen.StartAsync();
        await using var other = await Setup.StartAsync();
        host.Services.AddQwenChatClient(host.Section);
        await Ask.Async(host.Client, streaming: false);

        host.Change(("Endpoint", other.Qwen.Endpoint.AbsoluteUri), ("ApiKey", "sk-of-the-other"));
        await Ask.Async(host.Client, streaming: false);

        Assert.Empty(other.Qwen.Journal.Exchanges);
        Assert.Equal(
            [QwenSimulatorOptions.DefaultApiKey, QwenSimulatorOptions.DefaultApiKey],
            host.Setup.Qwen.Journal.Chats.Select(static chat => chat.Token)
        );
        var told = Assert.Single(host.Setup.Logs.Entries, static entry => entry.Id == Refused);
        Assert.Contains("Endpoint cannot change while the client lives.", told.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-of-the-other", told.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Row133_ReloadOfTheKey_IsUsedFromTheNextRequestOn_KeyedToo()
    {
        await using var host = await HostedQwen.StartAsync(static options => options.ApiKeys.Add("sk-second"));
        host.Services.AddQwenChatClient(host.Section, "keyed");
        host.Services.AddQwenEmbeddingGenerator(host.Section, "keyed");
        var client = host.Provider.GetRequiredKeyedService<IChatClient>("keyed");
        var generator = host.Provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("keyed");
        await Ask.Async(client, streaming: false);

        host.Change(("ApiKey", "sk-second"), ("ModelId", "text-embedding-v4"));
        await Ask.Async(client, streaming: false);
        await generator.GenerateAsync(["text"], null, Cancel);

        Assert.Equal(
            [QwenSimulatorOptions.DefaultApiKey, "sk-second", "sk-second"],
            host.Setup.Qwen.Journal.Exchanges.Select(static exchange => exchange.Token)
        );
    }

    [Fact]
    public async Task Row133_Reload_WhatWasLearnedStays_UnlessItsOwnSettingsChange()
    {
        await using var host = await HostedQwen.StartAsync();
        host.Configuration["Qwen:TimeoutRetry:MaxRetries"] = "0";
        host.Configuration["Qwen:TimeoutRetry:Circuit:MinimumThroughput"] = "2";
        host.Configuration["Qwen:StreamingFallback:UpgradeToStreaming"] = "false";
        host.Services.AddQwenChatClient(host.Section);
        host.Setup.Qwen.Script.Enqueue(QwenBehavior.Status(503, "no"), QwenBehavior.Status(503, "no"));
        for (var i = 0; i < 2; i++)
        {
            await Assert.ThrowsAsync<QwenException>(() => Ask.Async(host.Client, streaming: false));
        }

        // The circuit is open, and stays so when other things change.
        host.Change(("TimeoutRetry:IdleTimeout", "00:01:00"), ("TimeoutRetry:RetryBudget:Capacity", "5"));
        var refused = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(host.Client, streaming: false));
        Assert.Equal((QwenFailureKind.CircuitOpen, 2), (refused.Kind, host.Setup.Qwen.Journal.Chats.Count));

        host.Change(("TimeoutRetry:Circuit:MinimumThroughput", "20"));
        Assert.Equal(Setup.Text, (await Ask.Async(host.Client, streaming: false)).Text);
    }

    [Fact]
    public async Task Row133_Reload_WhatAModelRefusesIsNotAskedAgain()
    {
        await using var host = await HostedQwen.StartAsync(static options =>
            options.Models.Add(new() { Id = "thinker", ThinkingOnly = true })
        );
        host.Configuration["Qwen:ModelId"] = "thinker";
        host.Services.AddQwenChatClient(host.Section);
        var noThinking = new ChatOptions { Reasoning = new() { Effort = ReasoningEffort.None } };
        await Ask.Async(host.Client, streaming: false, noThinking);

        host.Change(("TimeoutRetry:MaxRetries", "1"));
        await Ask.Async(host.Client, streaming: false, noThinking);

        Assert.Equal([400, 200, 200], host.Setup.ChatStatuses());
    }

    [Fact]
    public async Task Row133_Reload_WhileTheClientIsMade_IsNotLost()
    {
        await using var host = await HostedQwen.StartAsync();
        host.Configuration["Qwen:ApiKey"] = null;
        host.Services.AddSingleton<IQwenCredentialProvider>(_ =>
        {
            host.Change(("ModelId", "qwen-plus"));
            return new ApiKeyCredentialProvider(QwenSimulatorOptions.DefaultApiKey);
        });
        host.Services.AddQwenChatClient(host.Section);

        await Ask.Async(host.Client, streaming: true);

        Assert.Equal("qwen-plus", host.ModelOf(0));
    }

    [Fact]
    public async Task Row133_Reload_AfterTheEndOfTheClient_DoesNothing()
    {
        await using var host = await HostedQwen.StartAsync();
        host.Services.AddQwenChatClient(host.Section);
        host.Client.Dispose();

        host.Change(("ModelId", "another"));

        Assert.Equal(0, host.Setup.Logs.Count(Reloaded));
    }
}
