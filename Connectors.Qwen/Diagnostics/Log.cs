using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Diagnostics;

/// <summary>
/// Everything the library logs. Event ids are stable: 1xx tokens, 2xx retries and clocks, 3xx fallback, 4xx requests.
/// No secret, no prompt and no answer text is a parameter here.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(101, LogLevel.Debug, "Token {Fingerprint} is fresh (ends {ExpiresAt}).")]
    public static partial void TokenFresh(this ILogger logger, string fingerprint, DateTimeOffset? expiresAt);

    [LoggerMessage(102, LogLevel.Information, "Token {Fingerprint} needs a refresh ({Reason}); refresh started.")]
    public static partial void RefreshStarted(this ILogger logger, string fingerprint, string reason);

    [LoggerMessage(
        103,
        LogLevel.Information,
        "Token refreshed in {ElapsedMs} ms: {Fingerprint} replaces {OldFingerprint} (ends {ExpiresAt})."
    )]
    public static partial void RefreshSucceeded(
        this ILogger logger,
        double elapsedMs,
        string fingerprint,
        string oldFingerprint,
        DateTimeOffset? expiresAt
    );

    [LoggerMessage(104, LogLevel.Warning, "Token refresh of {Fingerprint} failed after {ElapsedMs} ms: {Kind}.")]
    public static partial void RefreshFailed(
        this ILogger logger,
        Exception exception,
        string fingerprint,
        double elapsedMs,
        QwenFailureKind kind
    );

    [LoggerMessage(
        105,
        LogLevel.Warning,
        "Token {Fingerprint} is used without a refresh: it has not ended yet (ends {ExpiresAt})."
    )]
    public static partial void UnrefreshedTokenUsed(this ILogger logger, string fingerprint, DateTimeOffset? expiresAt);

    [LoggerMessage(106, LogLevel.Warning, "The server rejected token {Fingerprint} (request {RequestId}).")]
    public static partial void TokenRejected(this ILogger logger, string? fingerprint, string? requestId);

    [LoggerMessage(107, LogLevel.Information, "Request sent again with token {Fingerprint} after a rejection.")]
    public static partial void ResentAfterRefresh(this ILogger logger, string fingerprint);

    [LoggerMessage(108, LogLevel.Information, "The request with the new token {Fingerprint} succeeded.")]
    public static partial void ResendSucceeded(this ILogger logger, string fingerprint);

    [LoggerMessage(109, LogLevel.Error, "There is no other credential for the rejected one {Fingerprint}.")]
    public static partial void NoOtherCredential(this ILogger logger, string? fingerprint);

    [LoggerMessage(
        110,
        LogLevel.Error,
        "The refreshed token {Fingerprint} could not be saved; it is used from memory."
    )]
    public static partial void RefreshedTokenNotSaved(this ILogger logger, Exception exception, string fingerprint);

    [LoggerMessage(
        201,
        LogLevel.Warning,
        "Attempt {Attempt} ({Form}) failed with {Kind} after {ElapsedMs} ms; retry in {DelayMs} ms (request {RequestId})."
    )]
    public static partial void Retrying(
        this ILogger logger,
        int attempt,
        string form,
        QwenFailureKind kind,
        double elapsedMs,
        double delayMs,
        string? requestId
    );

    [LoggerMessage(202, LogLevel.Information, "Attempt {Attempt} ({Form}) succeeded after a retry.")]
    public static partial void RetrySucceeded(this ILogger logger, int attempt, string form);

    [LoggerMessage(203, LogLevel.Warning, "Attempt {Attempt} ({Form}) failed with {Kind}; not retried: {Reason}.")]
    public static partial void NotRetried(
        this ILogger logger,
        int attempt,
        string form,
        QwenFailureKind kind,
        string reason
    );

    [LoggerMessage(301, LogLevel.Warning, "Streaming failed with {Kind} before any text; asking without streaming.")]
    public static partial void FallingBack(this ILogger logger, QwenFailureKind kind);

    [LoggerMessage(302, LogLevel.Information, "The answer came without streaming, after {Attempts} requests.")]
    public static partial void FallbackSucceeded(this ILogger logger, int attempts);

    [LoggerMessage(303, LogLevel.Error, "The call failed with {Kind} after {Attempts} requests and {WaitedMs} ms.")]
    public static partial void CallFailed(this ILogger logger, QwenFailureKind kind, int attempts, double waitedMs);

    [LoggerMessage(401, LogLevel.Debug, "Asking {Model} at {Host} (streaming: {IsStream}).")]
    public static partial void Sending(this ILogger logger, string? model, string host, bool isStream);

    [LoggerMessage(402, LogLevel.Debug, "Request {RequestId} answered with HTTP {Status}.")]
    public static partial void Answered(this ILogger logger, string? requestId, int status);

    [LoggerMessage(403, LogLevel.Debug, "Request {RequestId} is complete ({FinishReason}).")]
    public static partial void Completed(this ILogger logger, string? requestId, string? finishReason);

    [LoggerMessage(
        406,
        LogLevel.Warning,
        "Request {RequestId} was cut ({Kind}) after its answer was complete; usage may be missing."
    )]
    public static partial void CutAfterTheEnd(this ILogger logger, QwenFailureKind kind, string? requestId);

    [LoggerMessage(
        404,
        LogLevel.Warning,
        "The HttpClient has a Timeout of {Timeout}: it cuts answers that are still coming. Set it to Timeout.InfiniteTimeSpan; TimeoutRetry has the clocks."
    )]
    public static partial void FiniteHttpClientTimeout(this ILogger logger, TimeSpan timeout);

    [LoggerMessage(405, LogLevel.Information, "The credential names its own endpoint: requests go to {Host}.")]
    public static partial void EndpointFromCredential(this ILogger logger, string host);
}
