using Connectors.Qwen.Diagnostics;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Pipeline;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Qwen;

/// <summary>
/// Sees to it that each request goes out with a token that works: checked before it is sent, renewed ahead of its end, and
/// after a rejection renewed once and the request sent once more.
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
        _classify = classify;
        _time = timeProvider ?? TimeProvider.System;
        _logger = (ILogger?)loggerFactory?.CreateLogger<TokenRefreshChatClient>() ?? NullLogger.Instance;
        _shell = new StageShell(this, Stage.TokenRefresh, _time, _logger);
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

    /// <summary>Sends with a checked token, and once more with another one when the server rejects it.</summary>
    private async Task<T> WithTokenAsync<T>(QwenCall call, Func<Task<T>> attempt, CancellationToken cancellationToken)
    {
        var used = await CheckAsync(call, cancellationToken).ConfigureAwait(false);
        try
        {
            return await attempt().ConfigureAwait(false);
        }
        catch (Exception e) when (IsRejection(e, cancellationToken))
        {
            if (await RenewAsync(call, e, used, cancellationToken).ConfigureAwait(false) is not { } renewed)
            {
                throw;
            }

            var result = await attempt().ConfigureAwait(false);
            call.RecoveredBy = "token-refresh";
            _logger.ResendSucceeded(renewed.Fingerprint);
            return result;
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
        if (_logger.IsEnabled(LogLevel.Debug))
        {
            _logger.TokenFresh(credential.Fingerprint, credential.ExpiresAt);
        }

        return credential;
    }

    private bool IsRejection(Exception exception, CancellationToken cancellationToken)
    {
        return !cancellationToken.IsCancellationRequested
            && Failure.Of(exception, _classify) is { } failure
            && FailureTable.Of(failure.Kind).RefreshesToken;
    }

    /// <summary>Another credential to send the request with; null when there is none, or this call has had its one renewal.</summary>
    private async Task<QwenCredential?> RenewAsync(
        QwenCall call,
        Exception rejection,
        QwenCredential used,
        CancellationToken cancellationToken
    )
    {
        // The credential that the request really carried: since the check, another call may have renewed it.
        var rejected = (rejection as QwenException)?.CredentialHandle as QwenCredential ?? used;
        _logger.TokenRejected(rejected.Fingerprint, (rejection as QwenException)?.RequestId);
        if (call.HasRefreshed)
        {
            return null;
        }

        var renewal = _credentials.RenewCredentialAsync(rejected, cancellationToken).AsTask();
        var renewed = await TimedAsync(call, renewal).ConfigureAwait(false);
        // Only a renewal that was answered counts: one that failed may be tried again by the next attempt.
        call.HasRefreshed = true;
        if (renewed is null)
        {
            _logger.NoOtherCredential(rejected.Fingerprint);
            return null;
        }

        if (!call.TryTakePermit())
        {
            return null;
        }

        call.Record("rejected", QwenFailureKind.Authentication);
        _logger.ResentAfterRefresh(renewed.Fingerprint);
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
