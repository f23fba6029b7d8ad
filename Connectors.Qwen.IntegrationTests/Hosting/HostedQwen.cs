using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.IntegrationTests.Hosting;

/// <summary>A simulated Qwen, a configuration that can change, and what a host makes of both.</summary>
internal sealed class HostedQwen : IAsyncDisposable
{
    private ServiceProvider? _provider;

    private HostedQwen(Setup setup)
    {
        Setup = setup;
        Configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([
                new("Qwen:ModelId", "qwen3-max"),
                new("Qwen:ApiKey", QwenSimulatorOptions.DefaultApiKey),
                new("Qwen:Endpoint", setup.Qwen.Endpoint.AbsoluteUri),
                new("Qwen:TimeoutRetry:BaseDelay", "00:00:00.005"),
                new("Qwen:TimeoutRetry:MaxDelay", "00:00:00.020"),
            ])
            .Build();
        Services.AddSingleton<ILoggerFactory>(setup.Logs);
    }

    public Setup Setup { get; }

    public IConfigurationRoot Configuration { get; }

    public IConfigurationSection Section => Configuration.GetSection("Qwen");

    public ServiceCollection Services { get; } = new();

    public IServiceProvider Provider => _provider ??= Services.BuildServiceProvider();

    public IChatClient Client => Provider.GetRequiredService<IChatClient>();

    public static async Task<HostedQwen> StartAsync(Action<QwenSimulatorOptions>? configure = null)
    {
        return new HostedQwen(await Setup.StartAsync(configure));
    }

    /// <summary>Writes values and has the configuration read again.</summary>
    public void Change(params (string Key, string? Value)[] values)
    {
        foreach (var (key, value) in values)
        {
            Configuration[$"Qwen:{key}"] = value;
        }

        Configuration.Reload();
    }

    public string? ModelOf(int request)
    {
        return Setup.Qwen.Journal.Chats[request].Request.Body.GetProperty("model").GetString();
    }

    public async ValueTask DisposeAsync()
    {
        if (_provider is not null)
        {
            await _provider.DisposeAsync();
        }

        await Setup.DisposeAsync();
    }
}
