using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Diagnostics;

/// <summary>
/// Everything the library logs. Event ids are stable: 1xx tokens, 2xx retries and clocks, 3xx fallback, 4xx requests.
/// No secret, no prompt and no answer text is a parameter here.
/// </summary>
internal static partial class Log
{
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
