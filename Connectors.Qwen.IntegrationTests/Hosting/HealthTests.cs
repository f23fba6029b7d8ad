using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.IntegrationTests.Testing.Clocks;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Connectors.Qwen.IntegrationTests.Hosting;

/// <summary>The health check that asks nobody (docs/features.md, 136).</summary>
public sealed class HealthTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Row136_NothingAskedYet_IsHealthyAndCostsNothing()
    {
        await using var host = await StartAsync();
        host.Services.AddQwenChatClient(host.Section);

        var before = await CheckAsync(host);
        await Ask.Async(host.Client, streaming: true);
        var after = await CheckAsync(host);

        Assert.Equal((HealthStatus.Healthy, "Nothing is known to be wrong."), (before.Status, before.Description));
        Assert.Empty(before.Data);
        Assert.Equal(HealthStatus.Healthy, after.Status);
        Assert.InRange((double)after.Data["chat.seconds_since_answer"], 0, 600);
        Assert.Equal("closed", after.Data["chat.circuit.qwen3-max.streaming"]);
        Assert.Single(host.Setup.Qwen.Journal.Exchanges);
    }

    [Fact]
    public async Task Row136_OneFormIsDown_IsDegraded_BothAreUnhealthy_AndBackAfterTheNextAnswer()
    {
        await using var host = await StartAsync();
        var clock = new SkippingClock();
        host.Services.AddSingleton<TimeProvider>(clock);
        host.Configuration["Qwen:TimeoutRetry:MaxRetries"] = "0";
        host.Configuration["Qwen:TimeoutRetry:Circuit:MinimumThroughput"] = "2";
        host.Configuration["Qwen:StreamingFallback:FailureThreshold"] = "0";
        host.Services.AddQwenChatClient(host.Section);
        var (streams, whole) = (true, false);
        host.Setup.Qwen.Script.Always(
            QwenBehavior.Status(503, "no"),
            request => request.IsStream ? Volatile.Read(ref streams) : Volatile.Read(ref whole)
        );

        for (var i = 0; i < 2; i++)
        {
            await Ask.Async(host.Client, streaming: true);
        }

        var one = await CheckAsync(host);
        Assert.Equal(HealthStatus.Degraded, one.Status);
        Assert.Equal("open", one.Data["chat.circuit.qwen3-max.streaming"]);
        Assert.Equal("closed", one.Data["chat.circuit.qwen3-max.non-streaming"]);
        Assert.Equal("chat: the circuit of streaming requests to qwen3-max is not closed.", one.Description);

        Volatile.Write(ref whole, true);
        for (var i = 0; i < 4; i++)
        {
            await Assert.ThrowsAsync<QwenException>(() => Ask.Async(host.Client, streaming: false));
        }

        var both = await CheckAsync(host);
        Assert.Equal(HealthStatus.Unhealthy, both.Status);
        Assert.Equal("open", both.Data["chat.circuit.qwen3-max.non-streaming"]);

        Volatile.Write(ref streams, false);
        Volatile.Write(ref whole, false);
        clock.Advance(TimeSpan.FromSeconds(16));
        await Ask.Async(host.Client, streaming: false);
        await Ask.Async(host.Client, streaming: true);
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(host)).Status);
    }

    [Fact]
    public async Task Row136_StreamsKeepFailing_IsDegraded()
    {
        await using var host = await StartAsync();
        host.Configuration["Qwen:TimeoutRetry:MaxRetries"] = "0";
        host.Services.AddQwenChatClient(host.Section);
        host.Setup.Qwen.Script.Always(QwenBehavior.StreamTimeout(), static request => request.IsStream);

        for (var i = 0; i < 3; i++)
        {
            await Ask.Async(host.Client, streaming: true);
        }

        var report = await CheckAsync(host);
        Assert.Equal(HealthStatus.Degraded, report.Status);
        Assert.Equal("suspended", report.Data["chat.streaming.qwen3-max"]);
    }

    [Fact]
    public async Task Row136_KeyIsRejected_IsUnhealthyWithoutTheKey()
    {
        await using var host = await StartAsync();
        host.Configuration["Qwen:ApiKey"] = "sk-secret-of-nobody";
        host.Services.AddQwenChatClient(host.Section);
        await Assert.ThrowsAsync<QwenAuthenticationException>(() => Ask.Async(host.Client, streaming: false));

        var report = await CheckAsync(host);

        Assert.Equal(HealthStatus.Unhealthy, report.Status);
        Assert.Equal("Authentication", report.Data["chat.last_failure"]);
        var all = report.Description + string.Join(";", report.Data);
        Assert.DoesNotContain("sk-", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Row136_RenewalFailsWhileTheTokenHolds_IsDegraded()
    {
        await using var host = await StartAsync();
        // Four minutes are left, so it is renewed behind the call.
        var issued = host.Setup.Qwen.Tokens.Issue(TimeSpan.FromMinutes(4));
        host.Setup.Qwen.TokenScript.Always(QwenBehavior.Status(503, "no"));
        var login = host.Setup.Login(Setup.Credential(issued));
        host.Configuration["Qwen:ApiKey"] = null;
        host.Services.AddSingleton<IQwenCredentialProvider>(login);
        host.Services.AddQwenChatClient(host.Section);

        await Ask.Async(host.Client, streaming: false);
        await host.Setup.TokenRequestAsync();

        Assert.True(await Eventually.TrueAsync(() => Check(host).Data.ContainsKey("chat.renewal")));
        Assert.Equal(HealthStatus.Degraded, Check(host).Status);
    }

    [Fact]
    public async Task Row136_EachClientByItsKey_AndTheStatusThatTheHostWants()
    {
        await using var host = await HostedQwen.StartAsync();
        host.Services.AddLogging();
        host.Services.AddQwenChatClient(host.Section, "good");
        host.Services.AddQwenEmbeddingGenerator(
            options =>
            {
                options.ModelId = "text-embedding-v4";
                options.Endpoint = host.Setup.Qwen.Endpoint;
                options.ApiKey = "sk-of-nobody";
            },
            "bad"
        );
        host.Services.AddHealthChecks()
            .AddQwen("good", "good")
            .AddQwen("bad", "bad", HealthStatus.Degraded, ["ready"], TimeSpan.FromSeconds(30));
        await Ask.Async(host.Provider.GetRequiredKeyedService<IChatClient>("good"), streaming: false);
        await Assert.ThrowsAsync<QwenAuthenticationException>(() =>
            host
                .Provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("bad")
                .GenerateAsync(["text"], null, Cancel)
        );

        var report = await host.Provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel);

        Assert.Equal(HealthStatus.Healthy, report.Entries["good"].Status);
        Assert.True(report.Entries["good"].Data.ContainsKey("chat[good].seconds_since_answer"));
        Assert.Equal(HealthStatus.Degraded, report.Entries["bad"].Status);
        Assert.Equal("Authentication", report.Entries["bad"].Data["embeddings[bad].last_failure"]);
        Assert.Equal(["ready"], report.Entries["bad"].Tags);
    }

    [Fact]
    public async Task Row136_ClientThatNobodyRegistered_IsUnhealthyAndSaysSo()
    {
        await using var host = await StartAsync();
        host.Services.AddHealthChecks().AddQwen("typo", "fsat");

        var nothing = await host.Provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel);

        Assert.Equal(HealthStatus.Unhealthy, nothing.Status);
        Assert.Equal("No Qwen client is registered.", nothing.Entries["qwen"].Description);
        Assert.Equal("No Qwen client is registered under the key 'fsat'.", nothing.Entries["typo"].Description);
    }

    [Fact]
    public void AddQwen_WrongInput_IsRefused()
    {
        var builder = new ServiceCollection().AddHealthChecks();

        Assert.Throws<ArgumentException>("name", () => builder.AddQwen(" "));
        Assert.Throws<ArgumentNullException>("builder", () => ((IHealthChecksBuilder)null!).AddQwen());
    }

    private static async Task<HostedQwen> StartAsync()
    {
        var host = await HostedQwen.StartAsync();
        host.Services.AddLogging();
        host.Services.AddHealthChecks().AddQwen();
        return host;
    }

    private static async Task<HealthReportEntry> CheckAsync(HostedQwen host)
    {
        var report = await host.Provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel);
        return report.Entries["qwen"];
    }

    private static HealthReportEntry Check(HostedQwen host)
    {
        // It never waits.
        var check = CheckAsync(host);
        Assert.True(check.Wait(TimeSpan.FromMinutes(1), Cancel));
        return check.Result;
    }
}
