using System.Diagnostics;
using System.Runtime.CompilerServices;
using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Pipeline;

/// <summary>What one stage of the pipeline does; <see cref="StageShell"/> does what all of them do.</summary>
internal interface IStage
{
    Task<ChatResponse> AnswerAsync(
        QwenCall call,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    );

    /// <summary>Opens a stream and reads until something is committed: a failure before that may still be answered here.</summary>
    Task<IAsyncEnumerator<ChatResponseUpdate>> OpenAsync(
        QwenCall call,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    );

    /// <summary>An opened stream broke off: for those who remember such things.</summary>
    ValueTask BrokeAsync(ChatOptions? options, Exception exception)
    {
        return default;
    }
}

/// <summary>
/// What every stage does around its own work: copy the messages, join the call or begin it, and, as the outermost stage,
/// tell the caller, the log, the metrics and the trace what became of it.
/// </summary>
internal sealed class StageShell(IStage stage, Stage kind, ModelNames models, TimeProvider time, ILogger logger)
{
    private readonly OutageLogger _logger = new(logger, time);

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        var snapshot = MessageSnapshot.Of(messages);
        var call = QwenCall.Join(QwenCall.Current, kind, stage, snapshot, time);
        var isOwner = call.IsOwnedBy(stage);
        using var span = isOwner ? Begin(call, Activity.Current, RetryRun.NonStreaming, options) : null;
        try
        {
            var response = await stage.AnswerAsync(call, snapshot, options, cancellationToken).ConfigureAwait(false);
            if (isOwner)
            {
                CallOutcome.Annotate(call, response);
                Tell(call);
            }

            return response;
        }
        catch (Exception e) when (isOwner)
        {
            var failure = Conclude(call, e, cancellationToken);
            failure.ThrowUnlessIs(e);
            throw;
        }
    }

    // Not an iterator itself: arguments are checked, and the ambient call is read, when the method is called.
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        return StreamAsync(
            QwenCall.Current,
            Activity.Current,
            MessageSnapshot.Of(messages),
            options,
            cancellationToken
        );
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        QwenCall? ambient,
        Activity? parent,
        MessageSnapshot messages,
        ChatOptions? options,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var call = QwenCall.Join(ambient, kind, stage, messages, time);
        var isOwner = call.IsOwnedBy(stage);
        using var span = isOwner ? Begin(call, parent, RetryRun.Streaming, options) : null;
        IAsyncEnumerator<ChatResponseUpdate>? stream = null;
        try
        {
            while (true)
            {
                try
                {
                    stream ??= await OpenAsync(call, isOwner, messages, options, cancellationToken)
                        .ConfigureAwait(false);
                    if (!await stream.MoveNextAsync().ConfigureAwait(false))
                    {
                        break;
                    }
                }
                catch (Exception e)
                {
                    if (stream is not null && !cancellationToken.IsCancellationRequested)
                    {
                        await stage.BrokeAsync(options, e).ConfigureAwait(false);
                    }

                    var failure = isOwner ? Conclude(call, e, cancellationToken) : e;
                    failure.ThrowUnlessIs(e);
                    throw;
                }

                yield return stream.Current;
            }

            if (isOwner)
            {
                Tell(call);
                if (CallOutcome.Annotation(call) is { } annotation)
                {
                    yield return annotation;
                }
            }
        }
        finally
        {
            if (stream is not null)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<IAsyncEnumerator<ChatResponseUpdate>> OpenAsync(
        QwenCall call,
        bool isOwner,
        MessageSnapshot messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        var stream = await stage.OpenAsync(call, messages, options, cancellationToken).ConfigureAwait(false);
        if (isOwner)
        {
            QwenMetrics.FirstTokenCame(time.GetElapsedTime(call.StartedAt));
        }

        return stream;
    }

    private Activity? Begin(QwenCall call, Activity? parent, string form, ChatOptions? options)
    {
        call.Span = QwenTracing.StartCall(parent, form, models.Of(options));
        return call.Span;
    }

    private static void Tell(QwenCall call)
    {
        call.Span.Tell(call.Attempts, call.Ledger.RecoveredBy, call.Ledger.Tried());
    }

    /// <summary>The failure of the call as its caller is to see it.</summary>
    private Exception Conclude(QwenCall call, Exception exception, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested && exception is not OperationCanceledException)
        {
            // Clients and streams that are cancelled break in ways of their own.
            exception = new OperationCanceledException("The call was cancelled.", exception, cancellationToken);
        }

        call.Span.Failed(exception);
        Tell(call);
        if (exception is not QwenException failure)
        {
            return exception;
        }

        _logger.CallFailed(failure.Kind, call.Attempts, call.Waited.TotalMilliseconds);
        QwenMetrics.Failed(failure.Kind);
        return CallOutcome.Of(call, failure);
    }
}
