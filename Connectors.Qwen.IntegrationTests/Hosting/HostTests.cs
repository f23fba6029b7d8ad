using Connectors.Qwen.IntegrationTests.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Connectors.Qwen.IntegrationTests.Hosting;

/// <summary>In a real host (docs/features.md, 131, 134).</summary>
public sealed class HostTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Row134_Host_DoesNotStartWithOptionsThatCannotWork()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([
            new("Qwen:ApiKey", "sk-key"),
            new("Qwen:TimeoutRetry:MaxRetries", "-1"),
        ]);
        builder.Services.AddQwenChatClient(builder.Configuration.GetSection("Qwen"));
        using var host = builder.Build();

        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancel));

        Assert.Equal(2, e.Failures.Count());
        Assert.StartsWith("Qwen:ModelId is empty.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Row131_Host_StartsAndAnswers()
    {
        await using var qwen = await HostedQwen.StartAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddConfiguration(qwen.Configuration);
        builder.Services.AddQwenChatClient(builder.Configuration.GetSection("Qwen"));
        using var host = builder.Build();
        await host.StartAsync(Cancel);

        var answer = await Ask.Async(host.Services.GetRequiredService<IChatClient>(), streaming: true);

        Assert.Equal(Setup.Text, answer.Text);
        await host.StopAsync(Cancel);
    }
}
