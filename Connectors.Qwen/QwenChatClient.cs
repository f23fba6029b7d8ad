using System.Runtime.CompilerServices;
using Connectors.Qwen.Client;
using Connectors.Qwen.Continuation;
using Connectors.Qwen.Diagnostics;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Mapping;
using Connectors.Qwen.Mapping.Words;
using Connectors.Qwen.Transport;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using static Connectors.Qwen.QwenFailureKind;

namespace Connectors.Qwen;

/// <summary>
/// Qwen's chat completions as an <see cref="IChatClient"/>: one call is one HTTP request. It maps, sends and reads; it does
/// not wait, retry, refresh or fall back. <see cref="QwenPipeline"/> puts those around it.
/// </summary>
/// <remarks>
/// <para>Thread-safe, except for <see cref="Dispose"/>.</para>
/// <para>An answer without a finish reason is not returned as whole: a stream that ends early throws a
/// <see cref="QwenException"/> of kind <see cref="QwenFailureKind.StreamInterrupted"/> with the partial text, and tool calls
/// are handed out only when the turn is finished. Text that ends with the usage figures in a chunk of their own is whole
/// without a reason; <see cref="QwenClientOptions.TrustDone"/> adds <c>[DONE]</c>.</para>
/// </remarks>
public sealed class QwenChatClient : IChatClient
{
    private readonly ClientConnection _connection;
    private readonly RequestRouter _router;
    private readonly WholeAnswerReader _whole;
    private volatile string? _repeatingModel;
    private readonly ILogger _logger;
    private readonly ChatSender _sender;
    private readonly ChatClientMetadata _metadata;
    private readonly ContinuationSource _continuation;
    private readonly QwenModelCatalogue _catalogue;

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
        _logger = (ILogger?)loggerFactory?.CreateLogger<QwenChatClient>() ?? NullLogger.Instance;
        _connection = new ClientConnection(options, credentials, httpClient, _logger);
        var limits = new ResponseLimits(options.MaxResponseBytes, options.MaxEventBytes, options.KeepRawRepresentation);
        _sender = new ChatSender(new QwenTransport(_connection.Http, limits, _logger), new ModelMemory(this, _logger));
        _whole = new WholeAnswerReader(_connection.Options, _logger);
        _router = new RequestRouter(_connection.Options, _connection.Credentials, _logger);
        var catalogue = new ModelCatalogue(_connection.Http);
        _continuation = new ContinuationSource(this, _connection.Options, _router, catalogue);
        _catalogue = new QwenModelCatalogue(_router, catalogue, TimeProvider.System);
        _metadata = new ChatClientMetadata("qwen", options.Endpoint ?? QwenEndpoints.Beijing, options.ModelId);
    }

    /// <summary>What was made for this client only, and ends with it.</summary>
    internal IDisposable? Owned
    {
        init => _connection.Owned = value;
    }

    /// <summary>What was learned of models before; none unless set.</summary>
    internal ModelLessonsByModel Lessons
    {
        init => _sender.Lessons = value;
    }

    /// <inheritdoc/>
    /// <exception cref="QwenException">The request failed; its kind says how.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(messages);
        var request = RequestMapper.ToWire(messages, options, _connection.Options.ModelId, isStream: false, this);
        var facts = await _router.PrepareAsync(cancellationToken).ConfigureAwait(false);
        var answer = await _sender.CompleteAsync(request, options, facts, cancellationToken).ConfigureAwait(false);
        return _whole.Read(answer, facts, ExpectedAnswer.To(options));
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
        var request = RequestMapper.ToWire(messages, options, _connection.Options.ModelId, isStream: true, this);
        return StreamAsync(request, options, ExpectedAnswer.To(options), cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType == typeof(IQwenCredentialProvider) ? _connection.Credentials
            : serviceType == typeof(IContinuesAnswers) ? _continuation
            : serviceType == typeof(IRoutesCalls) ? _router.Several
            : serviceType == typeof(QwenModelCatalogue) ? _catalogue
            : serviceType == typeof(HttpClient) ? _connection.Http
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Disposes the HTTP client, if it is the client's own.</summary>
    public void Dispose()
    {
        _connection.Dispose();
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        QwenChatRequest request,
        ChatOptions? options,
        ExpectedAnswer expected,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var facts = await _router.PrepareAsync(cancellationToken).ConfigureAwait(false);
        var (chunks, whole) = await _sender
            .StreamAsync(request, options, facts, cancellationToken)
            .ConfigureAwait(false);
        if (whole is not null)
        {
            foreach (var update in AnswerUpdates.Of(_whole.Read(whole, facts, expected)))
            {
                yield return update;
            }

            yield break;
        }

        // The service itself never sends cumulative text; whoever stands in front of other hosts may.
        var isKnown = EndpointCatalogue.Find(facts.Endpoint).Product != EndpointProduct.Unknown;
        var mapper = new UpdateMapper(
            mayRepeat: !isKnown,
            // In the rest of an answer a tag is no longer at the beginning.
            _connection.Options.ThinkTagsAsReasoning && !expected.IsRest,
            // And it may be too short to show it.
            repeatsLikely: expected.IsRest && _repeatingModel == request.Model,
            expected.HidesReasoning
        );
        // Gateways have been seen to make up the figures, after whatever had come.
        var isCountTrusted = isKnown || _connection.Options.TrustDone;
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
            catch (QwenException e)
                when (mapper.IsFinished
                    || (isCountTrusted && mapper.IsCounted && e.Kind is StreamInterrupted or Protocol)
                )
            {
                // Only usage is to come after the finish reason, and nothing after that: a failure there does not cost the answer.
                _logger.CutAfterTheEnd(e.Kind, e.RequestId);
                break;
            }
            catch (QwenException e)
            {
                e.ReportedUsage ??= mapper.Usage;
                _sender.Learn(e, request, options, facts);
                throw;
            }

            var update = mapper.Map(stream.Current);
            if (mapper.IsCumulative && _repeatingModel != request.Model)
            {
                _repeatingModel = request.Model;
            }

            if (mapper.IsContradicted && !isToldFinished)
            {
                throw stream.Fail(
                    Protocol,
                    $"{facts.Endpoint.Host} repeats its text with each event, and then sent another text",
                    isPermanent: true
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
                yield return Finish(mapper, stream, facts, expected);
            }
        }

        if (!isToldFinished)
        {
            EnsureFinished(mapper, stream, isCountTrusted);
            yield return Finish(mapper, stream, facts, expected);
        }

        var end = mapper.Facts();
        end.AdditionalProperties = AnswerProperties.Of(facts);
        yield return end;
    }

    // The end of a body proves nothing. What the service writes last does, and [DONE] where the user says so; never for calls.
    private void EnsureFinished(UpdateMapper mapper, ChunkStream stream, bool isCountTrusted)
    {
        if (!mapper.IsFinished)
        {
            var isWhole =
                (isCountTrusted && mapper.IsCounted)
                || (_connection.Options.TrustDone && stream.SawDone && mapper.IsText);
            if (!isWhole)
            {
                throw stream.Unfinished(mapper.Usage, mapper.IsText);
            }

            mapper.TakeForFinished();
        }
    }

    private ChatResponseUpdate Finish(
        UpdateMapper mapper,
        ChunkStream stream,
        RequestFacts facts,
        ExpectedAnswer expected
    )
    {
        var last = mapper.Finish();
        if (mapper.IsPlaceholder || (mapper.IsEmpty && !expected.IsRest))
        {
            var what = mapper.IsPlaceholder ? $"sent only {TimeoutPlaceholder.Text}" : "finished the answer";
            throw stream.Fail(EmptyResponse, $"{facts.Endpoint.Host} {what}", usage: mapper.Usage);
        }

        Keep(stream.Received, last);
        _logger.Completed(facts.RequestId, last.FinishReason?.Value);
        return last;
    }

    private static void Keep(PartialText received, ChatResponseUpdate update)
    {
        for (var i = 0; i < update.Contents.Count; i++)
        {
            received.Append((update.Contents[i] as TextContent)?.Text);
        }
    }
}
