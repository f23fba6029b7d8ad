using Connectors.Qwen.Testing.Serving;

namespace Connectors.Qwen.Testing;

/// <summary>
/// A simulated Qwen: a real HTTP server on loopback that plays the OpenAI-compatible endpoints of chat completions and embeddings, the OAuth
/// endpoints, the one of temporary keys and the catalogue of models, fails as scripted, and keeps a journal of what it received.
/// </summary>
/// <remarks>
/// Thread-safe. Nothing in it is random: the same requests in the same order get the same answers. Each instance listens on its
/// own port, so tests may run in parallel, each with its own simulator.
/// </remarks>
/// <example>
/// <code>
/// await using var qwen = await QwenSimulator.StartAsync();
/// qwen.Script.Enqueue(QwenBehavior.StreamTimeout(), QwenBehavior.StallAfter(3));
/// // point the client at qwen.Endpoint with the key QwenSimulatorOptions.DefaultApiKey
/// </code>
/// </example>
public sealed class QwenSimulator : IAsyncDisposable
{
    private readonly SimulatorServer _server;

    private QwenSimulator(SimulatorServer server)
    {
        _server = server;
        BaseAddress = server.BaseAddress;
        Endpoint = new Uri(BaseAddress, SimulatorPaths.Endpoint);
        TokenEndpoint = new Uri(BaseAddress, SimulatorPaths.Token);
        DeviceCodeEndpoint = new Uri(BaseAddress, SimulatorPaths.DeviceCode);
        TemporaryKeyEndpoint = new Uri(BaseAddress, SimulatorPaths.TemporaryKey);
        ModelCatalogueEndpoint = new Uri(BaseAddress, SimulatorPaths.ModelCatalogue);
    }

    /// <summary>Gets the root of the server, <c>http://127.0.0.1:port/</c>.</summary>
    public Uri BaseAddress { get; }

    /// <summary>Gets the base address of the chat API, <c>http://127.0.0.1:port/compatible-mode/v1</c>.</summary>
    public Uri Endpoint { get; }

    /// <summary>Gets the address of the OAuth token endpoint, <c>http://127.0.0.1:port/api/v1/oauth2/token</c>.</summary>
    public Uri TokenEndpoint { get; }

    /// <summary>Gets the address where a device login begins, <c>http://127.0.0.1:port/api/v1/oauth2/device/code</c>.</summary>
    public Uri DeviceCodeEndpoint { get; }

    /// <summary>Gets the address that mints temporary keys, <c>http://127.0.0.1:port/api/v1/tokens</c>.</summary>
    /// <remarks>It is on the host of <see cref="Endpoint"/>, as with the service.</remarks>
    public Uri TemporaryKeyEndpoint { get; }

    /// <summary>Gets the address of the native catalogue of models, <c>http://127.0.0.1:port/api/v1/models</c>.</summary>
    /// <remarks>
    /// It lists <see cref="QwenSimulatorOptions.Models"/> in pages (<c>page_no</c> from 1, <c>page_size</c> 1 to 100, default 10);
    /// other parameters are ignored. The feature <c>prefix-completion</c> is listed for models that have a partial mode.
    /// </remarks>
    public Uri ModelCatalogueEndpoint { get; }

    /// <summary>Gets the behaviours of <c>POST {Endpoint}/chat/completions</c>.</summary>
    public QwenScript Script => _server.State.Script;

    /// <summary>Gets the behaviours of <c>POST {Endpoint}/embeddings</c>.</summary>
    /// <remarks>Behaviours that are about streams or the words of an answer answer here as if they were not there.</remarks>
    public QwenScript EmbeddingScript => _server.State.EmbeddingScript;

    /// <summary>Gets the behaviours of <c>POST {TokenEndpoint}</c>.</summary>
    public QwenScript TokenScript => _server.State.TokenScript;

    /// <summary>Gets the behaviours of <c>POST {DeviceCodeEndpoint}</c>. Polls are token requests: <see cref="TokenScript"/>.</summary>
    public QwenScript DeviceScript => _server.State.DeviceScript;

    /// <summary>Gets the behaviours of <c>POST {TemporaryKeyEndpoint}</c>.</summary>
    public QwenScript TemporaryKeyScript => _server.State.TemporaryKeyScript;

    /// <summary>Gets the behaviours of <c>GET {ModelCatalogueEndpoint}</c>.</summary>
    public QwenScript ModelCatalogueScript => _server.State.ModelCatalogueScript;

    /// <summary>Gets what the simulator has received, on every path.</summary>
    public QwenJournal Journal => _server.State.Journal;

    /// <summary>Gets the authority that issues and withdraws tokens and keys.</summary>
    public QwenTokenAuthority Tokens => _server.State.Tokens;

    /// <summary>Gets the person's side of device logins: who approves and denies them.</summary>
    public QwenDeviceAuthority Devices => _server.State.Devices;

    /// <summary>Starts a simulator on a free port of 127.0.0.1.</summary>
    /// <param name="options">The settings; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <returns>A simulator that is listening. Dispose it to stop.</returns>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    /// <exception cref="IOException">The port could not be opened.</exception>
    public static async Task<QwenSimulator> StartAsync(
        QwenSimulatorOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        var state = SimulatorState.From(options ?? new QwenSimulatorOptions());
        return new QwenSimulator(await SimulatorServer.StartAsync(state, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Stops listening and aborts whatever is still being served, silent streams included.</summary>
    /// <returns>A task that ends, normally within two seconds, when every connection is closed.</returns>
    /// <remarks>The journal stays readable. Disposing twice is harmless.</remarks>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
