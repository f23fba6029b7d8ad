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
    private readonly TokenGuard _guard;
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
        credentials ??=
            innerClient.GetService<IQwenCredentialProvider>()
            ?? throw new ArgumentException(
                $"The inner client has no {nameof(IQwenCredentialProvider)}; hand one in.",
                nameof(credentials)
            );
        var time = timeProvider ?? TimeProvider.System;
        var logger = (ILogger?)loggerFactory?.CreateLogger<TokenRefreshChatClient>() ?? NullLogger.Instance;
        _guard = new TokenGuard(credentials, classify, time, logger);
        _shell = new StageShell(this, Stage.TokenRefresh, new ModelNames(innerClient), time, logger);
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
        return _guard.WithTokenAsync(
            call,
            () => AttemptAsync(call, messages, options, cancellationToken),
            cancellationToken
        );
    }

    Task<IAsyncEnumerator<ChatResponseUpdate>> IStage.OpenAsync(
        QwenCall call,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        return _guard.WithTokenAsync(
            call,
            () => CommittedStream.OpenAsync(InnerClient, messages, options, call, cancellationToken),
            cancellationToken
        );
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
}
