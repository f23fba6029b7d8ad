using Connectors.Qwen.Credentials;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Transport;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Client;

/// <summary>What each client of the service stands on: its options as they were when it was made, its credential, and what sends.</summary>
internal sealed class ClientConnection : IDisposable
{
    private readonly bool _ownsHttp;

    /// <exception cref="ArgumentException">An option cannot be used, or the key cannot belong to the endpoint.</exception>
    /// <exception cref="InvalidOperationException">There is no credential.</exception>
    public ClientConnection(
        QwenClientOptions options,
        IQwenCredentialProvider? credentials,
        HttpClient? httpClient,
        ILogger logger
    )
    {
        EndpointRules.Check(options);
        Options = options.Freeze();
        Credentials = credentials ?? ApiKey.Resolve(Options);
        _ownsHttp = httpClient is null;
        Http = httpClient ?? HttpHandlerSpecification.CreateClient();
        HttpHandlerSpecification.Inspect(Http, logger);
    }

    public QwenClientOptions Options { get; }

    public IQwenCredentialProvider Credentials { get; }

    public HttpClient Http { get; }

    /// <summary>What was made for this client only, and ends with it.</summary>
    public IDisposable? Owned { get; set; }

    public void Dispose()
    {
        if (_ownsHttp)
        {
            Http.Dispose();
        }

        Owned?.Dispose();
    }
}
