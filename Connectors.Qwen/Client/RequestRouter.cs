using System.Collections.Concurrent;
using Connectors.Qwen.Diagnostics;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Transport;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Client;

/// <summary>Where the next request goes, and with which credential. Thread-safe.</summary>
internal sealed class RequestRouter(
    QwenClientOptions options,
    IQwenCredentialProvider credentials,
    ILogger logger,
    string path = RequestRouter.Chat
) : IRoutesCalls
{
    /// <summary>The path of chat completions, below the base address.</summary>
    public const string Chat = "/chat/completions";

    /// <summary>The path of embeddings.</summary>
    public const string Embeddings = "/embeddings";

    // Of more endpoints the addresses are made for each request.
    private const int MaxRoutes = 100;

    private readonly ConcurrentDictionary<Uri, Uri> _addresses = new();

    /// <summary>For those who have to know the endpoint before the request: null where it is the same for every one.</summary>
    public IRoutesCalls? Several =>
        options.Endpoint is null && credentials is not (RenewingCredentialProvider or ApiKeyCredentialProvider)
            ? this
            : null;

    /// <inheritdoc/>
    public async ValueTask<Uri> FindEndpointAsync(CancellationToken cancellationToken)
    {
        return EndpointOf(await credentials.GetCredentialAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The facts of the next request.</summary>
    /// <exception cref="QwenException">There is no credential now, or it names an endpoint that cannot be used.</exception>
    public async ValueTask<RequestFacts> PrepareAsync(CancellationToken cancellationToken)
    {
        var credential = await credentials.GetCredentialAsync(cancellationToken).ConfigureAwait(false);
        var endpoint = EndpointOf(credential);
        var address = _addresses.TryGetValue(endpoint, out var known) ? known : AddressAt(endpoint);
        return new RequestFacts
        {
            Endpoint = endpoint,
            Address = address,
            Secret = credential.AccessToken,
            Authorization = credential.HeaderValue,
            CredentialHandle = credential,
        };
    }

    private Uri EndpointOf(QwenCredential credential)
    {
        return options.Endpoint ?? credential.Endpoint ?? QwenEndpoints.Beijing;
    }

    // Made once, not for each request.
    private Uri AddressAt(Uri endpoint)
    {
        var isFromCredential = options.Endpoint is null && endpoint != QwenEndpoints.Beijing;
        // A login may say where prompts go, but not in the clear and not in silence.
        if (isFromCredential && EndpointRules.Refusal(endpoint) is { } refusal)
        {
            throw new QwenException(
                QwenFailureKind.CredentialStore,
                $"The endpoint that the credential names cannot be used: {refusal}"
            );
        }

        var address = new Uri(endpoint.AbsoluteUri.TrimEnd('/') + path);
        if (_addresses.Count < MaxRoutes && _addresses.TryAdd(endpoint, address) && isFromCredential)
        {
            logger.EndpointFromCredential(endpoint.Host);
        }

        return address;
    }
}
