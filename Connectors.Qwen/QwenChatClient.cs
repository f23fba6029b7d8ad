using System.Runtime.CompilerServices;
using Connectors.Qwen.Credentials;
using Connectors.Qwen.Diagnostics;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Mapping;
using Connectors.Qwen.Mapping.Words;
using Connectors.Qwen.Transport;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Qwen;

/// <summary>
/// Qwen's chat completions as an <see cref="IChatClient"/>: one call is one HTTP request. It maps, sends and reads; it does
/// not wait, retry, refresh or fall back. <see cref="QwenPipeline"/> puts those around it.
/// </summary>
/// <remarks>
/// <para>Thread-safe, except for <see cref="Dispose"/>.</para>
/// <para>An answer without a finish reason is never returned as whole: a stream that ends early throws a
/// <see cref="QwenException"/> of kind <see cref="QwenFailureKind.StreamInterrupted"/> with the partial text, and tool calls
/// are handed out only when the turn is finished.</para>
/// </remarks>
public sealed class QwenChatClient : IChatClient
{
    private readonly QwenClientOptions _options;
    private readonly IQwenCredentialProvider _credentials;
    private readonly HttpClient _http;
    private readonly bool _ownsHttp;
    private readonly ILogger _logger;
    private readonly QwenTransport _transport;
    private readonly ChatClientMetadata _metadata;
    private volatile Route? _route;

    /// <summary>Creates the client; nothing is sent.</summary>
    /// <param name="options">Where and what to ask. Read now; later changes have no effect.</param>
    /// <param name="credentials">Where the credential of each request comes from; null for the API key of the options, else of
    /// the environment variable <c>DASHSCOPE_API_KEY</c>.</param>
    /// <param name="httpClient">What sends the requests, not disposed; null for one of its own, without timeout and redirects.</param>
    /// <param name="loggerFactory">Where requests are logged.</param>
    /// <exception cref="ArgumentException">An option cannot be used, or the key cannot belong to the endpoint.</exception>
    /// <exception cref="InvalidOperationException">There is no credential.</exception>
    public QwenChatClient(
        QwenClientOptions options,
        IQwenCredentialProvider? credentials = null,
        HttpClient? httpClient = null,
        ILoggerFactory? loggerFactory = null
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        EndpointRules.Check(options);
        _options = options.Freeze();
        _credentials = credentials ?? ApiKey.Resolve(_options);
        _logger = (ILogger?)loggerFactory?.CreateLogger<QwenChatClient>() ?? NullLogger.Instance;
        _ownsHttp = httpClient is null;
        _http = httpClient ?? HttpHandlerSpecification.CreateClient();
        HttpHandlerSpecification.Inspect(_http, _logger);
        _transport = new QwenTransport(_http, new(options.MaxResponseBytes, options.MaxEventBytes), _logger);
        _metadata = new ChatClientMetadata("qwen", options.Endpoint ?? QwenEndpoints.Beijing, options.ModelId);
    }

    /// <summary>What was made for this client only, and ends with it.</summary>
    internal IDisposable? Owned { get; init; }

    /// <inheritdoc/>
    /// <exception cref="QwenException">The request failed; its kind says how.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(messages);
        var request = RequestMapper.ToWire(messages, options, _options.ModelId, isStream: false, this);
        var facts = await PrepareAsync(cancellationToken).ConfigureAwait(false);
        var answer = await _transport.CompleteAsync(request, facts, cancellationToken).ConfigureAwait(false);
        return ToResponse(answer, facts);
    }

    /// <inheritdoc/>
    /// <exception cref="QwenException">The request failed, or the stream broke off; its kind says how.</exception>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(messages);
        var request = RequestMapper.ToWire(messages, options, _options.ModelId, isStream: true, this);
        return StreamAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType == typeof(IQwenCredentialProvider) ? _credentials
            : serviceType == typeof(HttpClient) ? _http
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Disposes the HTTP client, if it is the client's own.</summary>
    public void Dispose()
    {
        if (_ownsHttp)
        {
            _http.Dispose();
        }

        Owned?.Dispose();
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        QwenChatRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var facts = await PrepareAsync(cancellationToken).ConfigureAwait(false);
        var (chunks, whole) = await _transport.StreamAsync(request, facts, cancellationToken).ConfigureAwait(false);
        if (whole is not null)
        {
            foreach (var update in ToResponse(whole, facts).ToChatResponseUpdates())
            {
                yield return update;
            }

            yield break;
        }

        // The service itself never sends cumulative text; whoever stands in front of other hosts may.
        var isKnown = EndpointCatalogue.Find(facts.Endpoint).Product != EndpointProduct.Unknown;
        var mapper = new UpdateMapper(mayRepeat: !isKnown, _options.ThinkTagsAsReasoning);
        var isToldFinished = false;
        var stream = chunks!;
        await using var _ = stream.ConfigureAwait(false);
        while (true)
        {
            try
            {
                if (!await stream.MoveNextAsync().ConfigureAwait(false))
                {
                    break;
                }
            }
            catch (QwenException e) when (mapper.IsFinished)
            {
                // After the finish reason only usage is to come: a failure there costs the figures, not the answer.
                _logger.CutAfterTheEnd(e.Kind, e.RequestId);
                break;
            }

            var update = mapper.Map(stream.Current);
            if (mapper.IsContradicted && !isToldFinished)
            {
                throw stream.Fail(
                    QwenFailureKind.Protocol,
                    $"{facts.Endpoint.Host} repeats its text with each event, and then sent another text"
                );
            }

            if (update is not null)
            {
                Keep(stream.Received, update);
                yield return update;
            }

            if (mapper.IsReadyToFinish && !isToldFinished)
            {
                // At once: whatever happens to the rest of the stream, the answer is whole.
                isToldFinished = true;
                yield return Finish(mapper, stream, facts);
            }
        }

        if (!isToldFinished)
        {
            yield return mapper.IsFinished
                ? Finish(mapper, stream, facts)
                : throw stream.Interrupted("ended without saying that the answer is finished");
        }

        var end = mapper.Facts();
        end.AdditionalProperties = Properties(facts);
        yield return end;
    }

    private ChatResponseUpdate Finish(UpdateMapper mapper, ChunkStream stream, RequestFacts facts)
    {
        var last = mapper.Finish();
        if (mapper.IsEmpty)
        {
            var what = mapper.IsPlaceholder ? $"sent only {TimeoutPlaceholder.Text}" : "finished the answer";
            throw stream.Fail(QwenFailureKind.EmptyResponse, $"{facts.Endpoint.Host} {what}");
        }

        Keep(stream.Received, last);
        _logger.Completed(facts.RequestId, last.FinishReason?.Value);
        return last;
    }

    private ChatResponse ToResponse(WireAnswer answer, RequestFacts facts)
    {
        var response = ResponseMapper.ToResponse(answer, _options.ThinkTagsAsReasoning);
        _logger.Completed(facts.RequestId, response.FinishReason?.Value);
        if (ResponseMapper.Lack(response) is { } lack)
        {
            var isCut = response.FinishReason is null;
            var kind = isCut ? QwenFailureKind.StreamInterrupted : QwenFailureKind.EmptyResponse;
            throw facts.Failure(
                kind,
                $"The answer from {facts.Endpoint.Host} {lack}. {FailureTable.Of(kind).Advice}",
                partialText: isCut && response.Text.Length > 0 ? response.Text : null
            );
        }

        response.AdditionalProperties = Properties(facts);
        return response;
    }

    private static void Keep(PartialText received, ChatResponseUpdate update)
    {
        for (var i = 0; i < update.Contents.Count; i++)
        {
            received.Append((update.Contents[i] as TextContent)?.Text);
        }
    }

    private static AdditionalPropertiesDictionary? Properties(RequestFacts facts)
    {
        if (facts.RequestId is null && facts.ServerTimeout is null)
        {
            return null;
        }

        var properties = new AdditionalPropertiesDictionary();
        if (facts.RequestId is not null)
        {
            properties[QwenResponseProperties.RequestId] = facts.RequestId;
        }

        if (facts.ServerTimeout is { } limit)
        {
            properties[QwenResponseProperties.ServerTimeoutSeconds] = (long)limit.TotalSeconds;
        }

        return properties;
    }

    private async ValueTask<RequestFacts> PrepareAsync(CancellationToken cancellationToken)
    {
        var credential = await _credentials.GetCredentialAsync(cancellationToken).ConfigureAwait(false);
        var endpoint = _options.Endpoint ?? credential.Endpoint ?? QwenEndpoints.Beijing;
        var route = _route;
        if (route is null || route.Endpoint != endpoint)
        {
            _route = route = NewRoute(endpoint);
        }

        return new RequestFacts
        {
            Endpoint = endpoint,
            Address = route.Address,
            Secret = credential.AccessToken,
            Authorization = credential.HeaderValue,
            CredentialHandle = credential,
        };
    }

    private Route NewRoute(Uri endpoint)
    {
        if (_options.Endpoint is null && endpoint != QwenEndpoints.Beijing)
        {
            // A login may say where prompts go, but not in the clear and not in silence.
            if (EndpointRules.Refusal(endpoint) is { } refusal)
            {
                throw new QwenException(
                    QwenFailureKind.CredentialStore,
                    $"The endpoint that the credential names cannot be used: {refusal}"
                );
            }

            _logger.EndpointFromCredential(endpoint.Host);
        }

        return new Route(endpoint, new Uri(endpoint.AbsoluteUri.TrimEnd('/') + "/chat/completions"));
    }

    // Read and written by many calls at once, so one reference: the address is made once, not for each request.
    private sealed record Route(Uri Endpoint, Uri Address);
}
