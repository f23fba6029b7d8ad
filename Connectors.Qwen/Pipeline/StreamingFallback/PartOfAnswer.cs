using Connectors.Qwen.Continuation;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>A whole answer of which only a part came: the server ends it at its limit of time.</summary>
internal static class PartOfAnswer
{
    /// <summary>The part that came with a failure; null when there is none.</summary>
    public static ChatResponse? Of(Exception exception)
    {
        return exception
                is not QwenException
                {
                    Kind: QwenFailureKind.StreamInterrupted,
                    PartialText: { Length: > 0 } text
                } known
                ? null
            : known.Part is ChatResponse part
                ? new ChatResponse([.. part.Messages.Select(static message => message.Clone())])
                {
                    ResponseId = part.ResponseId,
                    ModelId = part.ModelId,
                    CreatedAt = part.CreatedAt,
                    RawRepresentation = part.RawRepresentation,
                }
            : new ChatResponse(new ChatMessage(ChatRole.Assistant, text));
    }

    /// <summary>The part as a stream that breaks off and may be seen: without calls, which are not whole, and the rest goes on with the text.</summary>
    public static IAsyncEnumerator<ChatResponseUpdate> ShownStream(ChatResponse part, Exception why)
    {
        foreach (var message in part.Messages)
        {
            message.Contents = [.. message.Contents.Where(static content => content is not ToolCallContent)];
        }

        return Stream(part, why);
    }

    /// <summary>The part as a stream that breaks off.</summary>
    public static async IAsyncEnumerator<ChatResponseUpdate> Stream(ChatResponse part, Exception why)
    {
        foreach (var update in AnswerUpdates.Of(part))
        {
            yield return update;
        }

        await Task.CompletedTask.ConfigureAwait(false);
        throw why;
    }

    /// <summary>The failure of an answer that says "length" though no limit of the caller was reached.</summary>
    public static QwenException Cut(ChatResponse response)
    {
        return new QwenException(
            QwenFailureKind.StreamInterrupted,
            "The server stopped in the middle of the answer, at its limit of time. Use streaming, or ask for a shorter answer."
        )
        {
            Part = response,
            PartialText = response.Text.Length > 0 ? response.Text : null,
            ReportedUsage = response.Usage,
            RequestId = response.AdditionalProperties?.GetValueOrDefault(QwenResponseProperties.RequestId) as string,
        };
    }
}
