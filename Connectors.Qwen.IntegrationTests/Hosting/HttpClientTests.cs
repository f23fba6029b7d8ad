using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Connectors.Qwen.IntegrationTests.Hosting;

/// <summary>The host's HTTP clients (docs/features.md, 132, 135).</summary>
public sealed class HttpClientTests
{
    [Theory, InlineData(null, "Connectors.Qwen"), InlineData("fast", "Connectors.Qwen:fast")]
    public async Task Row135_HandlerOfTheHost_SeesTheRequestsOfItsClient(string? key, string name)
    {
        await using var host = await HostedQwen.StartAsync();
        var (mine, other) = (new Counter(), new Counter());
        host.Services.AddHttpClient(name).AddHttpMessageHandler(() => mine);
        host.Services.AddQwenChatClient(host.Section, key);
        host.Services.AddQwenChatClient(host.Section, "other");
        host.Services.AddHttpClient("Connectors.Qwen:other").AddHttpMessageHandler(() => other);

        await Ask.Async(host.Provider.GetRequiredKeyedService<IChatClient>(key), streaming: true);

        Assert.Equal((1, 0), (mine.Requests, other.Requests));
    }

    [Fact]
    public async Task Row135_ResilienceThatTheHostAddsToAllClients_DoesNotReachIt()
    {
        await using var host = await HostedQwen.StartAsync();
        host.Services.ConfigureHttpClientDefaults(static http => http.AddStandardResilienceHandler());
        host.Configuration["Qwen:TimeoutRetry:MaxRetries"] = "0";
        host.Configuration["Qwen:StreamingFallback:UpgradeToStreaming"] = "false";
        host.Services.AddQwenChatClient(host.Section);
        host.Setup.Qwen.Script.Always(QwenBehavior.Status(503, "no"));

        await Assert.ThrowsAsync<QwenException>(() => Ask.Async(host.Client, streaming: false));

        Assert.Single(host.Setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task Row135_Redirect_IsNotFollowedThroughTheFactoryEither()
    {
        await using var host = await HostedQwen.StartAsync();
        await using var elsewhere = await Setup.StartAsync();
        host.Services.AddQwenChatClient(host.Section);
        host.Setup.Qwen.Script.Enqueue(QwenBehavior.Redirect(elsewhere.Qwen.Endpoint));

        await Assert.ThrowsAsync<QwenException>(() => Ask.Async(host.Client, streaming: false));

        Assert.Empty(elsewhere.Qwen.Journal.Exchanges);
    }

    private sealed class Counter : DelegatingHandler
    {
        private int _requests;

        public int Requests => Volatile.Read(ref _requests);

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            Interlocked.Increment(ref _requests);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
