using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using Connectors.Qwen.Diagnostics;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Transport;

/// <summary>Sends one request and hands back its answer: a completion, a stream of chunks, or embeddings. No policy. Thread-safe.</summary>
internal sealed class QwenTransport(HttpClient http, ResponseLimits limits, ILogger logger)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeWithQualityHeaderValue AcceptJson = new("application/json");
    private static readonly MediaTypeWithQualityHeaderValue AcceptEvents = new("text/event-stream");
    private static readonly StringWithQualityHeaderValue Identity = new("identity");
    private static readonly StringWithQualityHeaderValue Gzip = new("gzip");
    private static readonly StringWithQualityHeaderValue Brotli = new("br");

    // The address of a file in the vendor's temporary storage; the service reads it only where a header asks for it.
    private static ReadOnlySpan<byte> TemporaryUrl => "\"oss://"u8;

    /// <summary>Asks for a whole answer.</summary>
    /// <exception cref="QwenException">No answer, an error, or something else than a completion came back.</exception>
    public async Task<WireAnswer> CompleteAsync(
        QwenChatRequest body,
        RequestFacts facts,
        CancellationToken cancellationToken
    )
    {
        using var response = await SendAsync(body, facts, cancellationToken).ConfigureAwait(false);
        return await WholeAnswer.ReadAsync(response, facts, limits, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks for embeddings.</summary>
    /// <exception cref="QwenException">No answer, an error, or something else than embeddings came back.</exception>
    public async Task<WireEmbeddings> EmbedAsync(
        QwenEmbeddingRequest body,
        RequestFacts facts,
        CancellationToken cancellationToken
    )
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, QwenJsonContext.Wire.QwenEmbeddingRequest);
        using var response = await SendAsync(bytes, body.Model, isStream: false, facts, cancellationToken)
            .ConfigureAwait(false);
        return await WholeAnswer
            .ReadAsync(response, AnswerForm.Embeddings, facts, limits, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Asks for a stream. Some gateways answer such a request with a whole completion: then that is returned instead.
    /// </summary>
    /// <exception cref="QwenException">No answer, an error, or something else than a stream came back.</exception>
    public async Task<(ChunkStream? Chunks, WireAnswer? Whole)> StreamAsync(
        QwenChatRequest body,
        RequestFacts facts,
        CancellationToken cancellationToken
    )
    {
        var response = await SendAsync(body, facts, cancellationToken).ConfigureAwait(false);
        try
        {
            // No content type at all has been seen from compatible gateways.
            if (response.Content.Headers.ContentType?.MediaType is null || ResponseBody.IsEventStream(response))
            {
                var chunks = await ChunkStream
                    .OpenAsync(response, facts, limits, cancellationToken)
                    .ConfigureAwait(false);
                response = null;
                return (chunks, null);
            }

            return (
                null,
                await WholeAnswer.ReadAsync(response, facts, limits, cancellationToken).ConfigureAwait(false)
            );
        }
        finally
        {
            response?.Dispose();
        }
    }

    private Task<HttpResponseMessage> SendAsync(
        QwenChatRequest body,
        RequestFacts facts,
        CancellationToken cancellationToken
    )
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, QwenJsonContext.Wire.QwenChatRequest);
        return SendAsync(bytes, body.Model, body.Stream == true, facts, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(
        byte[] body,
        string? model,
        bool isStream,
        RequestFacts facts,
        CancellationToken cancellationToken
    )
    {
        logger.Sending(model, facts.Endpoint.Host, isStream);
        var response = await ExchangeAsync(body, isStream, facts, cancellationToken).ConfigureAwait(false);
        try
        {
            facts.Answered(response.Headers);
            logger.Answered(facts.RequestId, (int)response.StatusCode);
            if (!response.IsSuccessStatusCode)
            {
                throw await ErrorAnswer.ReadAsync(response, facts, cancellationToken).ConfigureAwait(false);
            }

            ThrowIfRedirected(response, facts);
            var accepted = response;
            response = null;
            return accepted;
        }
        finally
        {
            response?.Dispose();
        }
    }

    private async Task<HttpResponseMessage> ExchangeAsync(
        byte[] body,
        bool isStream,
        RequestFacts facts,
        CancellationToken cancellationToken
    )
    {
        using var request = CreateRequest(body, isStream, facts);
        request.Version = http.DefaultRequestVersion;
        request.VersionPolicy = http.DefaultVersionPolicy;
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            throw default(Arrival).Interrupted(e, cancellationToken);
        }
        catch (OperationCanceledException e)
        {
            // Not the caller's: a clock of the HttpClient or of its handler.
            throw http.Timeout != Timeout.InfiniteTimeSpan
                ? facts.Failure(
                    QwenFailureKind.RequestTimeout,
                    $"HttpClient.Timeout ({http.Timeout.TotalSeconds} s) ended the request to {facts.Endpoint.Host}. "
                        + "Set it to Timeout.InfiniteTimeSpan: TimeoutRetry has the clocks.",
                    e
                )
                : facts.Failure(QwenFailureKind.Connection, $"No connection to {facts.Endpoint.Host} in time.", e);
        }
        catch (HttpRequestException e)
        {
            throw NoAnswer(e, facts);
        }
    }

    private static HttpRequestMessage CreateRequest(byte[] body, bool isStream, RequestFacts facts)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = Json;
        var request = new HttpRequestMessage(HttpMethod.Post, facts.Address) { Content = content };
        var headers = request.Headers;
        headers.TryAddWithoutValidation("Authorization", facts.Authorization);
        if (body.AsSpan().IndexOf(TemporaryUrl) >= 0)
        {
            headers.TryAddWithoutValidation("X-DashScope-OssResourceResolve", "enable");
        }

        headers.UserAgent.Add(QwenProduct.UserAgent);
        if (isStream)
        {
            // A gateway that compresses a stream has to collect it first, and the words come late or not at all.
            headers.Accept.Add(AcceptEvents);
            headers.AcceptEncoding.Add(Identity);
        }
        else
        {
            headers.Accept.Add(AcceptJson);
            headers.AcceptEncoding.Add(Gzip);
            headers.AcceptEncoding.Add(Brotli);
        }

        return request;
    }

    // A caller's own handler may follow redirects; the prompt has then been where it should not.
    private static void ThrowIfRedirected(HttpResponseMessage response, RequestFacts facts)
    {
        if (response.RequestMessage?.RequestUri is { } arrived && arrived.Authority != facts.Endpoint.Authority)
        {
            throw facts.Failure(
                QwenFailureKind.Protocol,
                $"The HttpClient followed a redirect from {facts.Endpoint.Host} to {arrived.Authority}. "
                    + "Switch AllowAutoRedirect off: a redirect carries the prompt to another host.",
                isPermanent: true
            );
        }
    }

    /// <summary>The failure of a request to which nobody answered.</summary>
    public static QwenException NoAnswer(HttpRequestException e, RequestFacts facts)
    {
        // A handshake that is merely cut off is an IOException, and may go well the next time.
        var refused = e.InnerException as AuthenticationException;
        var advice = refused is null
            ? FailureTable.Of(QwenFailureKind.Connection).Advice
            : "Check the certificate of the endpoint, and whether a proxy in between puts its own in its place.";
        return facts.Failure(
            QwenFailureKind.Connection,
            $"No answer from {facts.Endpoint.Host}: {Cause(e)}. {advice}",
            e,
            isPermanent: refused is not null
        );
    }

    private static string Cause(HttpRequestException e)
    {
        return e switch
        {
            { InnerException: AuthenticationException refused } =>
                $"no secure connection ({refused.Message.TrimEnd('.')})",
            // A resolver that cannot be reached counts as a connection that failed; it is about the name all the same.
            {
                InnerException: SocketException
                {
                    SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData
                }
            }
            or { HttpRequestError: HttpRequestError.NameResolutionError } => "the name cannot be resolved",
            { HttpRequestError: HttpRequestError.SecureConnectionError } => "no secure connection (certificate or TLS)",
            { HttpRequestError: HttpRequestError.ConnectionError } => "the connection was refused or lost",
            { HttpRequestError: HttpRequestError.ResponseEnded } => "the connection was closed before an answer",
            _ => e.InnerException?.Message ?? e.Message,
        };
    }
}
