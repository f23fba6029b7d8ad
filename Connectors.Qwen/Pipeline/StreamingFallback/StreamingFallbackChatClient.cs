using Connectors.Qwen.Diagnostics;
using Connectors.Qwen.Pipeline;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Qwen;

/// <summary>
/// Changes the form of a call that does not work in the form it was made: a stream that fails before its first word is asked
/// for again without streaming, and the answer is handed out as updates.
/// </summary>
/// <remarks>
/// <para>Works around any <see cref="IChatClient"/>. Nothing that the caller has seen is ever replaced or repeated: a stream that
/// breaks off later ends in a <see cref="QwenException"/> with the partial text.</para>
/// <para>Thread-safe, except for disposal.</para>
/// </remarks>
public sealed class StreamingFallbackChatClient : DelegatingChatClient, IStage
{
    private readonly StreamingFallbackOptions _options;
    private readonly ILogger _logger;
    private readonly StageShell _shell;

    /// <summary>Creates the client.</summary>
    /// <param name="innerClient">What answers in both forms; disposed with this client.</param>
    /// <param name="options">When to change the form; null for the defaults. Read now.</param>
    /// <param name="loggerFactory">Where changes are logged.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <exception cref="InvalidOperationException">The inner client invokes functions.</exception>
    public StreamingFallbackChatClient(
        IChatClient innerClient,
        StreamingFallbackOptions? options = null,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null
    )
        : base(InnerClients.Accept(innerClient))
    {
        _options = (options ?? new StreamingFallbackOptions()).Freeze();
        _logger = (ILogger?)loggerFactory?.CreateLogger<StreamingFallbackChatClient>() ?? NullLogger.Instance;
        _shell = new StageShell(this, Stage.StreamingFallback, timeProvider ?? TimeProvider.System, _logger);
    }

    /// <inheritdoc/>
    /// <exception cref="QwenException">The call failed.</exception>
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        return _shell.GetResponseAsync(messages, options, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="QwenException">Both forms failed, or the stream broke off after its first word.</exception>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        return _shell.GetStreamingResponseAsync(messages, options, cancellationToken);
    }

    async Task<ChatResponse> IStage.AnswerAsync(
        QwenCall call,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        call.EnterAttempt();
        return await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
    }

    async Task<IAsyncEnumerator<ChatResponseUpdate>> IStage.OpenAsync(
        QwenCall call,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await CommittedStream
                .OpenAsync(InnerClient, messages, options, call, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && KindThatChangesForm(e) is { } kind)
        {
            if (!call.TryTakePermit())
            {
                throw;
            }

            call.RecordIfAlone(kind);
            _logger.FallingBack(kind);
            QwenMetrics.FellBack(kind);
            var whole = await ((IStage)this)
                .AnswerAsync(call, messages, options, cancellationToken)
                .ConfigureAwait(false);
            call.RecoveredBy = "non-streaming";
            _logger.FallbackSucceeded(call.Attempts);
            return CommittedStream.Of(whole);
        }
    }

    private QwenFailureKind? KindThatChangesForm(Exception exception)
    {
        var failure = Failure.Of(exception, _options.Classify);
        return FallbackPlan.Decide(failure, CommitLevel.Nothing, _options) == FallbackStep.AskWithoutStreaming
            ? failure?.Kind
            : null;
    }
}
