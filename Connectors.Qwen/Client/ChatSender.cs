using Connectors.Qwen.Transport;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Client;

/// <summary>Sends a request as its model is known to take it, and learns from refusals. Thread-safe.</summary>
internal sealed class ChatSender(QwenTransport transport, ModelMemory models)
{
    /// <summary>What is learned, and what was before.</summary>
    public ModelLessonsByModel Lessons
    {
        set => models.Lessons = value;
    }

    public Task<WireAnswer> CompleteAsync(
        QwenChatRequest request,
        ChatOptions? options,
        RequestFacts facts,
        CancellationToken cancellationToken
    )
    {
        models.Adapt(request, options, facts);
        return LearningAsync(transport.CompleteAsync(request, facts, cancellationToken), request, options, facts);
    }

    public Task<(ChunkStream? Chunks, WireAnswer? Whole)> StreamAsync(
        QwenChatRequest request,
        ChatOptions? options,
        RequestFacts facts,
        CancellationToken cancellationToken
    )
    {
        models.Adapt(request, options, facts);
        return LearningAsync(transport.StreamAsync(request, facts, cancellationToken), request, options, facts);
    }

    /// <summary>Takes in a failure that stood in the stream itself.</summary>
    public void Learn(QwenException failure, QwenChatRequest request, ChatOptions? options, RequestFacts facts)
    {
        models.Learn(failure, request, options, facts);
    }

    private async Task<T> LearningAsync<T>(
        Task<T> answer,
        QwenChatRequest request,
        ChatOptions? options,
        RequestFacts facts
    )
    {
        try
        {
            return await answer.ConfigureAwait(false);
        }
        catch (QwenException e)
        {
            models.Learn(e, request, options, facts);
            throw;
        }
    }
}
