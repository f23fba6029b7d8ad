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
    ValueTask BrokeAsync(QwenCall call, ChatOptions? options, Exception exception)
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
    private readonly CallReport _report = new(logger, time);

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        var snapshot = MessageSnapshot.Of(messages);
        var call = QwenCall.Join(QwenCall.Current, kind, stage, snapshot, time);
        var isOwner = call.IsOwnedBy(stage);
        options = isOwner ? options?.Clone() : options;
        using var span = isOwner
            ? CallReport.Begin(call, Activity.Current, RetryRun.NonStreaming, models.Of(options))
            : null;
        try
        {
            var response = await stage.AnswerAsync(call, snapshot, options, cancellationToken).ConfigureAwait(false);
            if (isOwner)
            {
                CallOutcome.Annotate(call, response);
                CallReport.Tell(call);
            }

            return response;
        }
        catch (Exception e) when (isOwner)
        {
            var failure = _report.Conclude(call, e, cancellationToken);
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
            // What the caller does with them later has no effect; inner stages get a copy already.
            QwenCall.Current
                is null
                ? options?.Clone()
                : options,
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
        using var span = isOwner ? CallReport.Begin(call, parent, RetryRun.Streaming, models.Of(options)) : null;
        IAsyncEnumerator<ChatResponseUpdate>? stream = null;
        string? responseId = null;
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
                        await stage.BrokeAsync(call, options, e).ConfigureAwait(false);
                    }

                    var failure = isOwner ? _report.Conclude(call, e, cancellationToken) : e;
                    failure.ThrowUnlessIs(e);
                    throw;
                }

                var update = stream.Current;
                responseId = update.ResponseId ?? responseId;
                yield return isOwner ? CallOutcome.Account(call, update) : update;
            }

            if (isOwner)
            {
                CallReport.Tell(call);
                if (CallOutcome.Annotation(call, responseId) is { } annotation)
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
}
