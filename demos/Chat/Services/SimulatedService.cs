using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Demos.Chat.Services;

/// <summary>A simulator in this process: a real HTTP server on loopback that fails when told to.</summary>
internal sealed class SimulatedService : IQwenService
{
    private readonly ILoggerFactory _loggers;
    private readonly string _model;

    private SimulatedService(QwenSimulator simulator, string model, ILoggerFactory loggers)
    {
        Simulator = simulator;
        _model = model;
        _loggers = loggers;
    }

    public QwenSimulator Simulator { get; }

    public string Description =>
        $"No {QwenClientOptions.ApiKeyVariable}: a simulator in this process answers, at {Simulator.BaseAddress.Authority}.";

    public bool SaysWhatIsScripted => true;

    public RequestCount Sent => new(Simulator.Journal.Chats.Count, Simulator.Journal.TokenRequests.Count);

    /// <param name="model">The model that is asked.</param>
    /// <param name="pause">The pause between two chunks, so that a person sees the answer stream.</param>
    /// <param name="loggers">Where the pipeline logs what it does.</param>
    public static async Task<SimulatedService> StartAsync(string model, TimeSpan pause, ILoggerFactory loggers)
    {
        var options = new QwenSimulatorOptions
        {
            ChunkDelay = pause,
            ChunkLength = 5,
            Answer = SimulatedModel.Answer,
        };
        return new SimulatedService(await QwenSimulator.StartAsync(options), model, loggers);
    }

    public IChatClient CreateClient()
    {
        var options = CreateOptions();
        options.ApiKey = QwenSimulatorOptions.DefaultApiKey;
        return QwenPipeline.CreateChatClient(options, loggerFactory: _loggers);
    }

    /// <summary>A client whose credentials come from an OAuth login.</summary>
    public IChatClient CreateClient(QwenCredential login)
    {
        var credentials = new OAuthCredentialProvider(
            new QwenOAuthOptions { TokenEndpoint = Simulator.TokenEndpoint },
            new InMemoryCredentialStore(login),
            loggerFactory: _loggers
        );
        return QwenPipeline.CreateChatClient(CreateOptions(), credentials, loggerFactory: _loggers);
    }

    public ValueTask DisposeAsync()
    {
        return Simulator.DisposeAsync();
    }

    private QwenOptions CreateOptions()
    {
        var options = new QwenOptions { ModelId = _model, Endpoint = Simulator.Endpoint };

        // A second, the default, is right for a service under load; nobody wants to watch it in a tour.
        options.TimeoutRetry.BaseDelay = TimeSpan.FromSeconds(0.3);
        return options;
    }
}
