using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Connectors.Qwen.Errors;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Credentials;

/// <summary>Mints temporary keys. A key too many costs nothing, so an answer that was lost is simply asked for again.</summary>
internal sealed class TemporaryKeySource(
    IQwenCredentialProvider parent,
    TemporaryKeyOptions options,
    HttpClient http,
    TimeProvider time,
    ILogger logger,
    Func<double> random
) : ICredentialSource
{
    private readonly CredentialHttp _http = new(http, time);
    private readonly RenewalRetry _retry = new(time, logger, random);

    private (string Key, QwenException Failure, long Since)? _refused;

    private string Host => options.Endpoint.Host;

    public Task<Renewal> RenewAsync(
        Func<QwenCredential, bool> isUsable,
        bool isAhead,
        CancellationToken cancellationToken
    )
    {
        return _retry.RunAsync(() => TryAsync(cancellationToken), cancellationToken);
    }

    private async Task<Renewal> TryAsync(CancellationToken cancellationToken)
    {
        var key = await parent.GetCredentialAsync(cancellationToken).ConfigureAwait(false);
        if (
            _refused is var (refused, failure, since)
            && refused == key.AccessToken
            && time.GetElapsedTime(since) < RefreshPolicy.Pause
        )
        {
            throw failure.AsOutcome(failure.Message, failure.Attempts);
        }

        try
        {
            return new Renewal(await MintAsync(key, cancellationToken).ConfigureAwait(false), IsAdopted: false);
        }
        catch (QwenAuthenticationException e)
        {
            // The parent may have been rotated.
            if (await parent.RenewCredentialAsync(key, cancellationToken).ConfigureAwait(false) is not { } rotated)
            {
                _refused = (key.AccessToken, e, time.GetTimestamp());
                throw;
            }

            return new Renewal(await MintAsync(rotated, cancellationToken).ConfigureAwait(false), IsAdopted: false);
        }
    }

    private async Task<QwenCredential> MintAsync(QwenCredential key, CancellationToken cancellationToken)
    {
        // The life counts from before the request: the key ends by the server's clock, which we do not know.
        var asked = time.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Address);
        request.Headers.TryAddWithoutValidation("Authorization", key.HeaderValue);
        try
        {
            var (status, answer) = await _http
                .SendAsync(
                    request,
                    TemporaryKeyJsonContext.Default.TemporaryKeyAnswer,
                    options.RefreshTimeout,
                    cancellationToken
                )
                .ConfigureAwait(false);
            return status == HttpStatusCode.OK && !string.IsNullOrEmpty(answer?.Token)
                ? new QwenCredential(answer.Token, asked + Life(answer, asked), endpoint: null) { ObtainedAt = asked }
                : throw Refused(status, answer, key);
        }
        catch (NoAnswerException e)
        {
            throw new QwenException(
                e.InnerException is OperationCanceledException
                    ? QwenFailureKind.ServerTimeout
                    : QwenFailureKind.Connection,
                $"No temporary key: no answer from {Host}. Check the endpoint and the network.",
                e.InnerException
            );
        }
        catch (ArgumentException)
        {
            throw new QwenException(
                QwenFailureKind.Protocol,
                $"No temporary key: {Host} answered with one that no header can carry."
            );
        }
    }

    // A server may grant less than was asked for; a clock that differs from ours may make it look like more, or like nothing.
    private TimeSpan Life(TemporaryKeyAnswer answer, DateTimeOffset asked)
    {
        var granted =
            answer.ExpiresAt.ValueKind == JsonValueKind.Number
            && answer.ExpiresAt.TryGetInt64(out var seconds)
            && seconds is > 0 and < 253_402_300_799
                ? DateTimeOffset.FromUnixTimeSeconds(seconds) - asked
                : options.Lifetime;
        return granted > TimeSpan.Zero && granted < options.Lifetime ? granted : options.Lifetime;
    }

    private QwenException Refused(HttpStatusCode status, TemporaryKeyAnswer? answer, QwenCredential key)
    {
        var code = ServerWords.Code(answer?.Code, key.AccessToken);
        var requestId = ServerWords.Code(answer?.RequestId, key.AccessToken);
        var said = ServerWords.Said(status, code);
        var kind =
            (int)status < 400 ? QwenFailureKind.Protocol : FailureClassifier.Classify((int)status, code, null, null);
        var isRefused = kind == QwenFailureKind.Authentication;
        var advice = isRefused
            ? KeyDiagnosis.Describe(options.Endpoint, EndpointCatalogue.KindOf(key.AccessToken))
            : FailureTable.Of(kind).Advice;
        var what = isRefused ? $"refuses the parent key {key.Fingerprint} ({said})" : $"answered {said}";
        var failure = new QwenException(kind, $"No temporary key: {Host} {what}. {advice}", statusCode: status)
        {
            ErrorCode = code,
            RequestId = requestId,
            Endpoint = options.Endpoint,
        };
        return isRefused ? new QwenAuthenticationException(failure) : failure;
    }
}

/// <summary>A minted key, or an error in the native form.</summary>
internal sealed class TemporaryKeyAnswer
{
    [JsonPropertyName("token")]
    public string? Token { get; set; }

    // Unix seconds, by the server's clock.
    [JsonPropertyName("expires_at")]
    public JsonElement ExpiresAt { get; set; }

    [JsonPropertyName("code")]
    public string? Code { get; set; }

    [JsonPropertyName("request_id")]
    public string? RequestId { get; set; }
}

[JsonSerializable(typeof(TemporaryKeyAnswer))]
internal sealed partial class TemporaryKeyJsonContext : JsonSerializerContext;
