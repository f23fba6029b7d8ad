using System.Runtime.CompilerServices;
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
}

/// <summary>
/// What every stage does around its own work: copy the messages, join the call or begin it, and, as the outermost stage,
/// tell the caller what became of it.
/// </summary>
internal sealed class StageShell(IStage stage, Stage kind, TimeProvider time, ILogger logger)
{
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        var snapshot = MessageSnapshot.Of(messages);
        var call = QwenCall.Join(QwenCall.Current, kind, stage, snapshot, time);
        try
        {
            var response = await stage.AnswerAsync(call, snapshot, options, cancellationToken).ConfigureAwait(false);
            call.Annotate(response, stage);
            return response;
        }
        catch (QwenException e)
        {
            call.Conclude(e, stage, logger);
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
        return StreamAsync(QwenCall.Current, MessageSnapshot.Of(messages), options, cancellationToken);
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        QwenCall? ambient,
        MessageSnapshot messages,
        ChatOptions? options,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var call = QwenCall.Join(ambient, kind, stage, messages, time);
        IAsyncEnumerator<ChatResponseUpdate>? stream = null;
        try
        {
            while (true)
            {
                try
                {
                    stream ??= await stage.OpenAsync(call, messages, options, cancellationToken).ConfigureAwait(false);
                    if (!await stream.MoveNextAsync().ConfigureAwait(false))
                    {
                        break;
                    }
                }
                catch (QwenException e)
                {
                    call.Conclude(e, stage, logger);
                    throw;
                }

                yield return stream.Current;
            }

            if (call.Annotation(stage) is { } annotation)
            {
                yield return annotation;
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
}
