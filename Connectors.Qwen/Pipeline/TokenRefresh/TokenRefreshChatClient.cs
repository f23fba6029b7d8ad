using System.Net;
using Connectors.Qwen.Credentials;
using Connectors.Qwen.Diagnostics;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Pipeline;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Qwen;

/// <summary>
/// Sees to it that each request goes out with a token that works: checked before it is sent, renewed ahead of its end, and
/// after a rejection replaced and the request sent once more. A gateway's timeout counts as a rejection only where the token
/// may really have ended.
/// </summary>
/// <remarks>
/// <para>Around a <see cref="QwenChatClient"/> that shares the provider this is all there is to do. Around a foreign client it
/// cannot put the token into the request: it renews the shared provider and sends again, so that client must read the provider
/// for each request.</para>
/// <para>Thread-safe, except for disposal.</para>
/// </remarks>
public sealed class TokenRefreshChatClient : DelegatingChatClient, IStage
{
    private readonly IQwenCredentialProvider _credentials;
    private readonly CachedCredential? _cache;
    private readonly Func<Exception, QwenFailureKind?>? _classify;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly StageShell _shell;

    /// <summary>Creates the client.</summary>
    /// <param name="innerClient">What sends the requests; disposed with this client.</param>
    /// <param name="credentials">What renews the token; null for the one the inner client answers <c>GetService</c> with.</param>
    /// <param name="loggerFactory">Where rejections and renewals are logged.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <param name="classify">Says which exceptions of a foreign client are rejections of the token
    /// (<see cref="QwenFailureKind.Authentication"/>); null when there is no foreign client.</param>
    /// <exception cref="ArgumentException">No provider is given and the inner client has none.</exception>
    /// <exception cref="InvalidOperationException">The inner client invokes functions.</exception>
    public TokenRefreshChatClient(
        IChatClient innerClient,
        IQwenCredentialProvider? credentials = null,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null,
        Func<Exception, QwenFailureKind?>? classify = null
    )
        : base(InnerClients.Accept(innerClient))
    {
        _credentials =
            credentials
            ?? innerClient.GetService<IQwenCredentialProvider>()
            ?? throw new ArgumentException(
                $"The inner client has no {nameof(IQwenCredentialProvider)}; hand one in.",
                nameof(credentials)
            );
        _cache = (_credentials as RenewingCredentialProvider)?.Cache;
        _classify = classify;
        _time = timeProvider ?? TimeProvider.System;
        _logger = (ILogger?)loggerFactory?.CreateLogger<TokenRefreshChatClient>() ?? NullLogger.Instance;
        _shell = new StageShell(this, Stage.TokenRefresh, new ModelNames(innerClient), _time, _logger);
    }

    /// <inheritdoc/>
    /// <exception cref="QwenAuthenticationException">The server rejects the credential and there is no other.</exception>
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        return _shell.GetResponseAsync(messages, options, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="QwenAuthenticationException">The server rejects the credential and there is no other.</exception>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        return _shell.GetStreamingResponseAsync(messages, options, cancellationToken);
    }

    Task<ChatResponse> IStage.AnswerAsync(
        QwenCall call,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        return WithTokenAsync(call, () => AttemptAsync(call, messages, options, cancellationToken), cancellationToken);
    }

    Task<IAsyncEnumerator<ChatResponseUpdate>> IStage.OpenAsync(
        QwenCall call,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        return WithTokenAsync(
            call,
            () => CommittedStream.OpenAsync(InnerClient, messages, options, call, cancellationToken),
            cancellationToken
        );
    }

    /// <summary>
    /// Sends with a checked token, and again with another one when the server rejects it, or lets it time out where that may
    /// have been its end.
    /// </summary>
    private async Task<T> WithTokenAsync<T>(QwenCall call, Func<Task<T>> attempt, CancellationToken cancellationToken)
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

            _logger.ResentAfterRefresh(other.Fingerprint);
            used = other;
            isResend = true;
        }
    }

    private async Task<ChatResponse> AttemptAsync(
        QwenCall call,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        call.EnterAttempt();
        return await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<QwenCredential> CheckAsync(QwenCall call, CancellationToken cancellationToken)
    {
        var pending = _credentials.GetCredentialAsync(cancellationToken);
        var credential = pending.IsCompletedSuccessfully
            ? pending.Result
            : await TimedAsync(call, pending.AsTask()).ConfigureAwait(false);
        QwenMetrics.TokenChecked(credential.ExpiresAt, _time);
        if (_logger.IsEnabled(LogLevel.Debug))
        {
            _logger.TokenFresh(credential.Fingerprint, credential.ExpiresAt);
        }

        return credential;
    }

    private void Succeeded(QwenCall call, QwenCredential used, bool isResend)
    {
        _cache?.Accept(used);
        if (isResend)
        {
            call.Ledger.RecoveredBy = "token-refresh";
            _logger.ResendSucceeded(used.Fingerprint);
            QwenMetrics.Resent(succeeded: true);
        }
    }

    private QwenFailureKind? KindThatNeedsAnother(Exception exception, CancellationToken cancellationToken)
    {
        return
            !cancellationToken.IsCancellationRequested
            && Failure.Of(exception, _classify) is { IsOfRenewal: false } failure
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

        _logger.TokenRejected(carried.Fingerprint, (failure as QwenException)?.RequestId);
        QwenMetrics.TokenRejected();
        // What was adopted from the store may be rejected too, and is renewed then. Our providers know when that is a loop.
        if (call.Renewals >= (_cache is null ? 1 : 2))
        {
            return null;
        }

        var renewal = _credentials.RenewCredentialAsync(carried, cancellationToken).AsTask();
        var renewed = await TimedAsync(call, renewal).ConfigureAwait(false);
        // Only a renewal that was answered counts: one that failed may be tried again by the next attempt.
        call.Renewals++;
        if (renewed is null)
        {
            _logger.NoOtherCredential(carried.Fingerprint);
        }

        return renewed;
    }

    /// <summary>Waits for a token with the attempt's clock stopped: the time for it is not the server's.</summary>
    private async Task<T> TimedAsync<T>(QwenCall call, Task<T> pending)
    {
        var started = _time.GetTimestamp();
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
