using System.Net;
using Connectors.Qwen.Credentials;
using Connectors.Qwen.Diagnostics;
using Connectors.Qwen.Errors;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Pipeline;

/// <summary>Runs the requests of calls with a token that works, whatever is asked for. Thread-safe.</summary>
internal sealed class TokenGuard(
    IQwenCredentialProvider credentials,
    Func<Exception, QwenFailureKind?>? classify,
    TimeProvider time,
    ILogger logger
)
{
    private readonly CachedCredential? _cache = (credentials as RenewingCredentialProvider)?.Cache;

    /// <summary>
    /// Sends with a checked token, and again with another one when the server rejects it, or lets it time out where that may
    /// have been its end.
    /// </summary>
    public async Task<T> WithTokenAsync<T>(QwenCall call, Func<Task<T>> attempt, CancellationToken cancellationToken)
    {
        var used = await CheckAsync(call, cancellationToken).ConfigureAwait(false);
        var isResend = false;
        while (true)
        {
            var sentAt = _cache?.Timestamp ?? 0;
            QwenCredential? other;
            try
            {
                var result = await attempt().ConfigureAwait(false);
                Succeeded(call, used, isResend);
                return result;
            }
            catch (Exception e) when (KindThatNeedsAnother(e, cancellationToken) is { } kind)
            {
                other = await AnotherAsync(call, e, kind, used, sentAt, cancellationToken).ConfigureAwait(false);
                if (isResend && kind == QwenFailureKind.Authentication)
                {
                    QwenMetrics.Resent(succeeded: false);
                }

                if (other is null || call.TakePermit(isFree: true) is not null)
                {
                    throw;
                }

                call.Ledger.Add(kind == QwenFailureKind.Authentication ? "rejected" : "suspected", kind, null);
            }

            logger.ResentAfterRefresh(other.Fingerprint);
            used = other;
            isResend = true;
        }
    }

    private async ValueTask<QwenCredential> CheckAsync(QwenCall call, CancellationToken cancellationToken)
    {
        var pending = credentials.GetCredentialAsync(cancellationToken);
        var credential = pending.IsCompletedSuccessfully
            ? pending.Result
            : await TimedAsync(call, pending.AsTask()).ConfigureAwait(false);
        QwenMetrics.TokenChecked(credential.ExpiresAt, time);
        if (logger.IsEnabled(LogLevel.Debug))
        {
            logger.TokenFresh(credential.Fingerprint, credential.ExpiresAt);
        }

        return credential;
    }

    private void Succeeded(QwenCall call, QwenCredential used, bool isResend)
    {
        _cache?.Accept(used);
        if (isResend)
        {
            call.Ledger.RecoveredBy = "token-refresh";
            logger.ResendSucceeded(used.Fingerprint);
            QwenMetrics.Resent(succeeded: true);
        }
    }

    private QwenFailureKind? KindThatNeedsAnother(Exception exception, CancellationToken cancellationToken)
    {
        return
            !cancellationToken.IsCancellationRequested
            && Failure.Of(exception, classify) is { IsOfRenewal: false } failure
            && (
                FailureTable.Of(failure.Kind).RefreshesToken
                || (_cache is not null && IsGatewayTimeout(failure.Kind, exception))
            )
            ? failure.Kind
            : null;
    }

    // Qwen itself says 408 or 500 when it is too slow: then it has taken the token.
    private static bool IsGatewayTimeout(QwenFailureKind kind, Exception exception)
    {
        return kind == QwenFailureKind.ServerTimeout
            && (exception as HttpRequestException)?.StatusCode
                is null
                    or HttpStatusCode.GatewayTimeout
                    or (HttpStatusCode)524;
    }

    /// <summary>Another credential to send the request with; null when there is none, or this call has had its share.</summary>
    private async Task<QwenCredential?> AnotherAsync(
        QwenCall call,
        Exception failure,
        QwenFailureKind kind,
        QwenCredential used,
        long sentAt,
        CancellationToken cancellationToken
    )
    {
        // The credential that the request really carried: since the check, another call may have renewed it.
        var carried = (failure as QwenException)?.CredentialHandle as QwenCredential ?? used;
        if (kind != QwenFailureKind.Authentication)
        {
            if (call.HasSuspected)
            {
                return null;
            }

            var suspected = _cache!.ReplaceSuspectAsync(carried, sentAt, cancellationToken);
            var other = await TimedAsync(call, suspected.AsTask()).ConfigureAwait(false);
            call.HasSuspected |= other is not null;
            return other;
        }

        logger.TokenRejected(carried.Fingerprint, (failure as QwenException)?.RequestId);
        QwenMetrics.TokenRejected();
        // What was adopted from the store may be rejected too, and is renewed then. Our providers know when that is a loop.
        if (call.Renewals >= (_cache is null ? 1 : 2))
        {
            return null;
        }

        var renewal = credentials.RenewCredentialAsync(carried, cancellationToken).AsTask();
        var renewed = await TimedAsync(call, renewal).ConfigureAwait(false);
        // Only a renewal that was answered counts: one that failed may be tried again by the next attempt.
        call.Renewals++;
        if (renewed is null)
        {
            logger.NoOtherCredential(carried.Fingerprint);
        }

        return renewed;
    }

    /// <summary>Waits for a token with the attempt's clock stopped: the time for it is not the server's.</summary>
    private async Task<T> TimedAsync<T>(QwenCall call, Task<T> pending)
    {
        var started = time.GetTimestamp();
        call.Clock?.Pause();
        try
        {
            return await pending.ConfigureAwait(false);
        }
        catch (QwenException e)
        {
            e.IsOfRenewal = true;
            throw;
        }
        finally
        {
            if (call.Clock is { } clock)
            {
                clock.Resume(started);
            }
            else
            {
                call.AddWait(started);
            }
        }
    }
}
