using System.Runtime.CompilerServices;
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
public sealed class StreamingFallbackChatClient : DelegatingChatClient
{
    private readonly StreamingFallbackOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

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
        _time = timeProvider ?? TimeProvider.System;
        _logger = (ILogger?)loggerFactory?.CreateLogger<StreamingFallbackChatClient>() ?? NullLogger.Instance;
    }

    /// <inheritdoc/>
    /// <exception cref="QwenException">The call failed.</exception>
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        var snapshot = MessageSnapshot.Of(messages);
        var call = QwenCall.Join(QwenCall.Current, Stage.StreamingFallback, this, snapshot, _time);
        try
        {
            var response = await AskAsync(call, snapshot, options, cancellationToken).ConfigureAwait(false);
            call.Annotate(response, this);
            return response;
        }
        catch (QwenException e)
        {
            call.Conclude(e, this, _logger);
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="QwenException">Both forms failed, or the stream broke off after its first word.</exception>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        return StreamAsync(QwenCall.Current, MessageSnapshot.Of(messages), options, cancellationToken);
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        QwenCall? ambient,
        MessageSnapshot messages,
        ChatOptions? options,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var call = QwenCall.Join(ambient, Stage.StreamingFallback, this, messages, _time);
        CommittedStream? stream;
        ChatResponse? whole;
        try
        {
            (stream, whole) = await OpenAsync(call, messages, options, cancellationToken).ConfigureAwait(false);
        }
        catch (QwenException e)
        {
            call.Conclude(e, this, _logger);
            throw;
        }

        if (whole is not null)
        {
            foreach (var update in whole.ToChatResponseUpdates())
            {
                yield return update;
            }
        }

        if (stream is not null)
        {
            await using var _ = stream.ConfigureAwait(false);
            while (true)
            {
                try
                {
                    if (!await stream.MoveNextAsync().ConfigureAwait(false))
                    {
                        break;
                    }
                }
                catch (QwenException e)
                {
                    call.Conclude(e, this, _logger);
                    throw;
                }

                yield return stream.Current;
            }
        }

        if (call.Annotation(this) is { } annotation)
        {
            yield return annotation;
        }
    }

    /// <summary>The stream, or the whole answer that takes its place.</summary>
    private async Task<(CommittedStream? Stream, ChatResponse? Whole)> OpenAsync(
        QwenCall call,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var stream = await CommittedStream
                .OpenAsync(InnerClient, messages, options, call, cancellationToken)
                .ConfigureAwait(false);
            return (stream, null);
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
            var whole = await AskAsync(call, messages, options, cancellationToken).ConfigureAwait(false);
            call.RecoveredBy = "non-streaming";
            _logger.FallbackSucceeded(call.Attempts);
            return (null, whole);
        }
    }

    private QwenFailureKind? KindThatChangesForm(Exception exception)
    {
        var failure = Failure.Of(exception, _options.Classify);
        return FallbackPlan.Decide(failure, CommitLevel.Nothing, _options) == FallbackStep.AskWithoutStreaming
            ? failure?.Kind
            : null;
    }

    private async Task<ChatResponse> AskAsync(
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
