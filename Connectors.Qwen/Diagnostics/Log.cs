using Connectors.Qwen.Errors;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Diagnostics;

/// <summary>
/// Everything the library logs. Event ids are stable: 1xx tokens, 2xx retries and clocks, 3xx fallback, 4xx requests.
/// No secret, no prompt and no answer text is a parameter here.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(
        EventId = 201,
        Message = "Attempt {Attempt} ({Form}) failed with {Kind} after {ElapsedMs} ms; retry in {DelayMs} ms (request {RequestId})."
    )]
    public static partial void Retrying(
        this ILogger logger,
        LogLevel level,
        int attempt,
        string form,
        QwenFailureKind kind,
        double elapsedMs,
        double delayMs,
        string? requestId
    );

    [LoggerMessage(202, LogLevel.Information, "Attempt {Attempt} ({Form}) succeeded after a retry.")]
    public static partial void RetrySucceeded(this ILogger logger, int attempt, string form);

    [LoggerMessage(EventId = 203, Message = "Attempt {Attempt} ({Form}) failed with {Kind}; not retried: {Reason}.")]
    public static partial void NotRetried(
        this ILogger logger,
        LogLevel level,
        int attempt,
        string form,
        QwenFailureKind kind,
        string reason
    );

    [LoggerMessage(
        204,
        LogLevel.Error,
        "The circuit of {Form} requests to {Model} is open: too many have failed. Nothing is sent for {BreakSeconds} s."
    )]
    public static partial void CircuitOpened(this ILogger logger, string form, string model, double breakSeconds);

    [LoggerMessage(
        205,
        LogLevel.Information,
        "The circuit of {Form} requests to {Model} is on trial: one request is let through."
    )]
    public static partial void CircuitHalfOpened(this ILogger logger, string form, string model);

    [LoggerMessage(
        206,
        LogLevel.Information,
        "The circuit of {Form} requests to {Model} is closed: the service is back."
    )]
    public static partial void CircuitClosed(this ILogger logger, string form, string model);

    [LoggerMessage(
        207,
        LogLevel.Warning,
        "{Count} more failures with {Kind} within {WindowSeconds} s were logged at Debug only."
    )]
    public static partial void FailuresNotShown(
        this ILogger logger,
        int count,
        QwenFailureKind kind,
        double windowSeconds
    );

    [LoggerMessage(
        EventId = 301,
        Message = "The {Form} request failed with {Kind} before any text; asking in the other form ({OtherForm})."
    )]
    public static partial void ChangingForm(
        this ILogger logger,
        LogLevel level,
        string form,
        QwenFailureKind kind,
        string otherForm
    );

    [LoggerMessage(302, LogLevel.Information, "The answer came in the other form ({Form}), after {Attempts} requests.")]
    public static partial void FormChanged(this ILogger logger, string form, int attempts);

    [LoggerMessage(EventId = 303, Message = "The call failed with {Kind} after {Attempts} requests and {WaitedMs} ms.")]
    public static partial void CallFailed(
        this ILogger logger,
        LogLevel level,
        QwenFailureKind kind,
        int attempts,
        double waitedMs
    );

    [LoggerMessage(
        304,
        LogLevel.Warning,
        "Streams of {Model} keep failing where whole answers come: asking without streaming for {BreakSeconds} s."
    )]
    public static partial void StreamingSuspended(this ILogger logger, string model, double breakSeconds);

    [LoggerMessage(305, LogLevel.Information, "Streaming of {Model} works again.")]
    public static partial void StreamingResumed(this ILogger logger, string model);

    [LoggerMessage(
        306,
        LogLevel.Information,
        "{Model} answers only as a stream: whole answers are put together from one."
    )]
    public static partial void StreamOnlyModel(this ILogger logger, string model);

    [LoggerMessage(
        EventId = 311,
        Message = "The answer broke off with {Kind} after {Characters} characters of text (request {RequestId})."
    )]
    public static partial void StreamBroke(
        this ILogger logger,
        LogLevel level,
        QwenFailureKind kind,
        long characters,
        string? requestId
    );

    [LoggerMessage(
        312,
        LogLevel.Information,
        "Going on with the answer, request {Number} ({Form}, {Step}): about {Tokens} tokens of it were there."
    )]
    public static partial void Continuing(this ILogger logger, int number, string form, string step, long tokens);

    [LoggerMessage(
        313,
        LogLevel.Information,
        "The answer is whole after {Continuations} further requests that went on with it, {Attempts} in all."
    )]
    public static partial void ContinuationSucceeded(this ILogger logger, int continuations, int attempts);

    [LoggerMessage(EventId = 314, Message = "The answer that broke off with {Kind} is not gone on with: {Reason}.")]
    public static partial void NotContinued(this ILogger logger, LogLevel level, QwenFailureKind kind, string reason);

    [LoggerMessage(
        315,
        LogLevel.Warning,
        "{Model} refuses to go on with an answer. It is not asked to for {Minutes} minutes."
    )]
    public static partial void ContinuationRefused(this ILogger logger, string model, double minutes);

    [LoggerMessage(
        316,
        LogLevel.Warning,
        "An answer that broke off with {Kind} would be gone on with ({Step}, {Form}), but the option says to report only."
    )]
    public static partial void WouldContinue(this ILogger logger, QwenFailureKind kind, string step, string form);

    [LoggerMessage(317, LogLevel.Warning, "The answer was begun by {Before} and is gone on with by {Now}.")]
    public static partial void ModelChanged(this ILogger logger, string? before, string? now);

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

    [LoggerMessage(
        409,
        LogLevel.Warning,
        "{Model} at {Host} has refused a request ({Lesson}, {Parameter}). Its requests are adapted to that from now on."
    )]
    public static partial void ModelRefuses(
        this ILogger logger,
        string? model,
        string host,
        ModelLesson lesson,
        string? parameter
    );

    [LoggerMessage(407, LogLevel.Debug, "Request {RequestId} is complete ({Count} embeddings).")]
    public static partial void Embedded(this ILogger logger, string? requestId, int count);

    [LoggerMessage(
        408,
        LogLevel.Information,
        "{Model} takes {Limit} texts in one request, not {Count}: from now on it gets no more. MaxBatchSize saves finding out."
    )]
    public static partial void BatchLimitLearned(this ILogger logger, string model, int limit, int count);
}
