using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Diagnostics;

/// <summary>The 1xx events: what becomes of tokens. Credentials are named by their fingerprints.</summary>
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

    [LoggerMessage(EventId = 104, Message = "Token refresh of {Fingerprint} failed after {ElapsedMs} ms: {Kind}.")]
    public static partial void RefreshFailed(
        this ILogger logger,
        LogLevel level,
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

    [LoggerMessage(107, LogLevel.Information, "Request sent again with token {Fingerprint}.")]
    public static partial void ResentAfterRefresh(this ILogger logger, string fingerprint);

    [LoggerMessage(108, LogLevel.Information, "The request with the new token {Fingerprint} succeeded.")]
    public static partial void ResendSucceeded(this ILogger logger, string fingerprint);

    [LoggerMessage(109, LogLevel.Error, "There is no other credential for the rejected one {Fingerprint}.")]
    public static partial void NoOtherCredential(this ILogger logger, string? fingerprint);

    [LoggerMessage(
        110,
        LogLevel.Error,
        "The refreshed token {Fingerprint} could not be saved; it is used from memory, and saving is tried again. "
            + "The store may hold a refresh token that is used up: if this process ends before it is saved, log in again."
    )]
    public static partial void RefreshedTokenNotSaved(this ILogger logger, Exception exception, string fingerprint);

    [LoggerMessage(
        111,
        LogLevel.Information,
        "Token {Fingerprint} was adopted from the store in place of {OldFingerprint}: another process had refreshed it (ends {ExpiresAt})."
    )]
    public static partial void TokenAdopted(
        this ILogger logger,
        string fingerprint,
        string oldFingerprint,
        DateTimeOffset? expiresAt
    );

    [LoggerMessage(
        112,
        LogLevel.Information,
        "Refresh attempt {Attempt} failed with {Kind}; the next in {DelayMs} ms."
    )]
    public static partial void RefreshRetried(this ILogger logger, int attempt, QwenFailureKind kind, double delayMs);

    [LoggerMessage(
        113,
        LogLevel.Warning,
        "The store holds another login than the one that was refreshed, or none: {Fingerprint} is not saved. Someone has logged in or out."
    )]
    public static partial void LoginChangedMeanwhile(this ILogger logger, string fingerprint);

    [LoggerMessage(114, LogLevel.Information, "The refreshed token {Fingerprint} is saved after all.")]
    public static partial void SavedAfterAll(this ILogger logger, string fingerprint);

    [LoggerMessage(
        115,
        LogLevel.Warning,
        "A request with token {Fingerprint} timed out at the gateway, and the token may have ended: it is refreshed once."
    )]
    public static partial void TimeoutSuspected(this ILogger logger, string fingerprint);

    [LoggerMessage(116, LogLevel.Debug, "Waited {ElapsedMs} ms for the lock {Path}.")]
    public static partial void LockWaitedFor(this ILogger logger, string path, double elapsedMs);

    [LoggerMessage(117, LogLevel.Warning, "The lock {Path} was {AgeSeconds} s old: its owner is gone, it was broken.")]
    public static partial void StaleLockBroken(this ILogger logger, string path, double ageSeconds);

    [LoggerMessage(118, LogLevel.Warning, "The lock {Path} was lost to another process while it was held.")]
    public static partial void LockLost(this ILogger logger, string path);

    [LoggerMessage(119, LogLevel.Warning, "The lock {Path} could not be released; others wait until it is stale.")]
    public static partial void LockNotReleased(this ILogger logger, Exception exception, string path);

    [LoggerMessage(121, LogLevel.Information, "Device login at {Host} started; the code is good until {ExpiresAt}.")]
    public static partial void DeviceLoginStarted(this ILogger logger, string host, DateTimeOffset expiresAt);

    [LoggerMessage(122, LogLevel.Debug, "Device login: {Poll}; asking again in {DelaySeconds} s.")]
    public static partial void DeviceLoginPending(this ILogger logger, string poll, double delaySeconds);

    [LoggerMessage(
        123,
        LogLevel.Information,
        "Device login at {Host} succeeded: token {Fingerprint} (ends {ExpiresAt})."
    )]
    public static partial void DeviceLoginSucceeded(
        this ILogger logger,
        string host,
        string fingerprint,
        DateTimeOffset? expiresAt
    );

    [LoggerMessage(124, LogLevel.Information, "The API key changed: {Fingerprint} replaces {OldFingerprint}.")]
    public static partial void ApiKeyRotated(this ILogger logger, string fingerprint, string? oldFingerprint);

    [LoggerMessage(125, LogLevel.Warning, "The changed API key cannot be used ({Why}); the one before is kept.")]
    public static partial void ApiKeyNotUsable(this ILogger logger, string why);
}
