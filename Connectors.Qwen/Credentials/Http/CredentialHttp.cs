using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Connectors.Qwen.Credentials;

/// <summary>No answer came.</summary>
/// <param name="wasSent">Whether the request may have arrived: then what it asked for may have been done.</param>
/// <param name="cause">What is known.</param>
internal sealed class NoAnswerException(bool wasSent, Exception cause) : Exception(cause.Message, cause)
{
    public bool WasSent { get; } = wasSent;
}

/// <summary>Sends one request to a server that hands out credentials, and reads its answer. No policy. Thread-safe.</summary>
internal sealed class CredentialHttp(HttpClient http, TimeProvider time)
{
    private const int MaxAnswerBytes = 64 << 10;

    /// <summary>A client that carries secrets nowhere else: it follows no redirect and keeps no cookie.</summary>
    public static HttpClient CreateClient()
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Sends and reads. What is not JSON of the expected shape is null.</summary>
    /// <exception cref="NoAnswerException">No answer came within the limit, or not all of it.</exception>
    public async Task<(HttpStatusCode Status, T? Body)> SendAsync<T>(
        HttpRequestMessage request,
        JsonTypeInfo<T> type,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
        where T : class
    {
        var asked = request.RequestUri!;
        request.Headers.Accept.Add(new("application/json"));
        request.Headers.UserAgent.Add(QwenProduct.UserAgent);
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token)
                .ConfigureAwait(false);
            ThrowIfRedirected(asked, response);
            return (response.StatusCode, await ReadAsync(response, type, either.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NoAnswerException(wasSent: true, e);
        }
        catch (OperationCanceledException e)
        {
            // The caller knows its own token, not the one that is linked to it.
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch (Exception e) when (e is IOException || (e is HttpRequestException and not QwenException))
        {
            var isConnecting =
                e is HttpRequestException
                {
                    HttpRequestError: HttpRequestError.ConnectionError
                        or HttpRequestError.NameResolutionError
                        or HttpRequestError.SecureConnectionError
                        or HttpRequestError.ProxyTunnelError
                };
            throw new NoAnswerException(!isConnecting, e);
        }
    }

    // A caller's own handler may follow redirects; the secret has then been where it should not.
    private static void ThrowIfRedirected(Uri asked, HttpResponseMessage response)
    {
        if (response.RequestMessage?.RequestUri is { } arrived && arrived.Authority != asked.Authority)
        {
            throw new QwenException(
                QwenFailureKind.Protocol,
                $"The HttpClient followed a redirect from {asked.Host} to {arrived.Authority}. "
                    + "Switch AllowAutoRedirect off: a redirect carries the secret to another host."
            )
            {
                IsPermanent = true,
            };
        }
    }

    private static async Task<T?> ReadAsync<T>(
        HttpResponseMessage response,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
        where T : class
    {
        if (response.Content.Headers.ContentLength > MaxAnswerBytes)
        {
            return null;
        }

        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            var buffer = new byte[MaxAnswerBytes];
            var length = await body.ReadAtLeastAsync(buffer, MaxAnswerBytes, false, cancellationToken)
                .ConfigureAwait(false);
            try
            {
                return JsonSerializer.Deserialize(buffer.AsSpan(0, length), type);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}
