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
            var answer = await ReadAnswerAsync(response, cancellationToken).ConfigureAwait(false);
            return response.IsSuccessStatusCode && answer?.AccessToken is { Length: > 0 }
                ? ToCredential(answer, login)
                : throw Refused(response.StatusCode, answer);
        }
        catch (Exception e) when (e is HttpRequestException and not QwenException or IOException)
        {
            throw new QwenException(
                QwenFailureKind.Connection,
                $"The token could not be renewed: no answer from {options.TokenEndpoint.Host}. Check the token endpoint and the network.",
                e
            );
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
        var life = TimeSpan.FromSeconds(answer.ExpiresIn is > 0 and < 1e9 ? answer.ExpiresIn.Value : 3600);
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

    // Only the fields of RFC 6749 reach a message: the body may hold anything.
    private QwenException Refused(HttpStatusCode status, TokenAnswer? answer)
    {
        var said = answer?.Error is { Length: > 0 and < 100 } error
            ? $"HTTP {(int)status}, {error}"
            : $"HTTP {(int)status}";
        if (status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized || answer?.Error is not null and not "")
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

        return new QwenException(
            FailureClassifier.Classify(status == HttpStatusCode.OK ? 502 : (int)status, null, null, null),
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

    // Seconds; seen as number and as text.
    [JsonPropertyName("expires_in")]
    public double? ExpiresIn { get; set; }

    [JsonPropertyName("resource_url")]
    public string? ResourceUrl { get; set; }

    [JsonPropertyName("error")]
    public string? Error { get; set; }
}

[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(TokenAnswer))]
internal sealed partial class TokenJsonContext : JsonSerializerContext;
