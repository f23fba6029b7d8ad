using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Connectors.Qwen.Errors;

namespace Connectors.Qwen.Credentials;

/// <summary>Speaks to the token endpoint: one call, one request (RFC 6749, section 6).</summary>
internal sealed class TokenEndpointClient(QwenOAuthOptions options, HttpClient http, TimeProvider time)
{
    private const int MaxAnswerBytes = 64 << 10;

    /// <summary>Exchanges a refresh token for a new login; what the answer leaves out is kept from the old one.</summary>
    public async Task<QwenCredential> RefreshAsync(QwenCredential login, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, options.TokenEndpoint)
        {
            Content = new FormUrlEncodedContent([
                new("grant_type", "refresh_token"),
                new("refresh_token", login.RefreshToken!),
                new("client_id", options.ClientId),
            ]),
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.UserAgent.Add(QwenProduct.UserAgent);

        try
        {
            using var response = await http.SendAsync(
                    request,
                    HttpCompletionOption.ResponseHeadersRead,
                    cancellationToken
                )
                .ConfigureAwait(false);
            ThrowIfRedirected(response);
            var answer = await ReadAnswerAsync(response, cancellationToken).ConfigureAwait(false);
            return response.IsSuccessStatusCode && answer?.AccessToken is { Length: > 0 }
                ? ToCredential(answer, login)
                : throw Refused(response.StatusCode, answer);
        }
        catch (Exception e)
            when (e is not QwenException and (HttpRequestException or IOException)
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            throw NoAnswer(e);
        }
    }

    /// <summary>The token endpoint did not answer in time, or its answer was lost.</summary>
    public QwenException NoAnswer(Exception cause)
    {
        var host = options.TokenEndpoint.Host;
        return
            cause
                is HttpRequestException
                {
                    HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                }
            ? new QwenException(
                QwenFailureKind.Connection,
                $"The token could not be renewed: no connection to {host}. Check the token endpoint and the network.",
                cause
            )
            : new QwenException(
                cause is OperationCanceledException ? QwenFailureKind.ServerTimeout : QwenFailureKind.Connection,
                $"The outcome of the renewal is unknown: the answer of {host} was lost. The refresh token may be used up; "
                    + "if the next renewal is refused, log in again.",
                cause
            )
            {
                // A refresh token that may be used up is not sent again and again: reuse revokes the whole login.
                IsPermanent = true,
            };
    }

    // A caller's own handler may follow redirects; the refresh token has then been where it should not.
    private void ThrowIfRedirected(HttpResponseMessage response)
    {
        if (response.RequestMessage?.RequestUri is { } arrived && arrived.Authority != options.TokenEndpoint.Authority)
        {
            throw new QwenException(
                QwenFailureKind.Protocol,
                $"The HttpClient followed a redirect from {options.TokenEndpoint.Host} to {arrived.Authority}. "
                    + "Switch AllowAutoRedirect off: a redirect carries the refresh token to another host."
            )
            {
                IsPermanent = true,
            };
        }
    }

    private static async Task<TokenAnswer?> ReadAnswerAsync(
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
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
                return JsonSerializer.Deserialize(buffer.AsSpan(0, length), TokenJsonContext.Default.TokenAnswer);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }

    private QwenCredential ToCredential(TokenAnswer answer, QwenCredential old)
    {
        var now = time.GetUtcNow();
        var life = TimeSpan.FromSeconds(Seconds(answer.ExpiresIn) is > 0 and < 1e9 and { } seconds ? seconds : 3600);
        return new QwenCredential(
            answer.AccessToken!,
            now + life,
            string.IsNullOrEmpty(answer.RefreshToken) ? old.RefreshToken : answer.RefreshToken,
            ResourceUrl.Parse(answer.ResourceUrl) ?? old.Endpoint
        )
        {
            ObtainedAt = now,
        };
    }

    // A success that holds an error has been seen too. Codes of passing trouble are no reason to send a person away.
    private static bool IsLostLogin(HttpStatusCode status, string? error)
    {
        return error is not ("server_error" or "temporarily_unavailable" or "slow_down")
            && (
                status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized
                || ((int)status < 300 && !string.IsNullOrEmpty(error))
            );
    }

    private static double? Seconds(JsonElement expiresIn)
    {
        return expiresIn.ValueKind switch
        {
            JsonValueKind.Number when expiresIn.TryGetDouble(out var number) => number,
            JsonValueKind.String
                when double.TryParse(expiresIn.GetString(), CultureInfo.InvariantCulture, out var parsed) => parsed,
            _ => null,
        };
    }

    // Only the fields of RFC 6749 reach a message: the body may hold anything.
    private QwenException Refused(HttpStatusCode status, TokenAnswer? answer)
    {
        var said = answer?.Error is { Length: > 0 and < 100 } error
            ? $"HTTP {(int)status}, {error}"
            : $"HTTP {(int)status}";
        if (IsLostLogin(status, answer?.Error))
        {
            return new QwenAuthenticationException(
                $"The login at {options.TokenEndpoint.Host} has ended or was revoked ({said}). Log in again. "
                    + "The vendor's free OAuth tier ended on 2026-04-15: an API key is the way that stays.",
                statusCode: status
            )
            {
                ErrorCode = answer?.Error,
            };
        }

        if ((int)status < 300)
        {
            return new QwenException(
                QwenFailureKind.Protocol,
                $"The token could not be renewed: {options.TokenEndpoint.Host} answered {said} without one. The refresh token may be used up; "
                    + "if the next renewal is refused, log in again.",
                statusCode: status
            )
            {
                IsPermanent = true,
            };
        }

        return new QwenException(
            FailureClassifier.Classify((int)status < 400 ? 502 : (int)status, null, null, null),
            $"The token could not be renewed: {options.TokenEndpoint.Host} answered {said}. Try again later.",
            statusCode: status
        );
    }
}

internal sealed class TokenAnswer
{
    [JsonPropertyName("access_token")]
    public string? AccessToken { get; set; }

    [JsonPropertyName("refresh_token")]
    public string? RefreshToken { get; set; }

    // Seconds; seen as number and as text. Whatever it is, it must not cost the token beside it.
    [JsonPropertyName("expires_in")]
    public JsonElement ExpiresIn { get; set; }

    [JsonPropertyName("resource_url")]
    public string? ResourceUrl { get; set; }

    [JsonPropertyName("error")]
    public string? Error { get; set; }
}

[JsonSerializable(typeof(TokenAnswer))]
internal sealed partial class TokenJsonContext : JsonSerializerContext;
