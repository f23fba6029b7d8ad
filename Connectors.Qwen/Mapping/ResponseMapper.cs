using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>Makes the response of a non-streaming call.</summary>
internal static class ResponseMapper
{
    public static ChatResponse ToResponse(WireAnswer answer)
    {
        var choices = answer.Choices ?? [];
        var response = new ChatResponse
        {
            ResponseId = answer.Id,
            ModelId = answer.Model,
            CreatedAt = answer.Created is > 0 and { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null,
            Usage = AnswerFacts.Usage(answer.Usage),
        };
        foreach (var choice in choices)
        {
            var message = ToMessage(choice.Message ?? choice.Delta, answer, response.CreatedAt);
            message.MessageId = choices.Count == 1 ? answer.Id : $"{answer.Id}/{choice.Index}";
            response.Messages.Add(message);
            response.FinishReason ??= AnswerFacts.FinishReason(
                choice.FinishReason,
                message.Contents.Any(static content => content is FunctionCallContent)
            );
        }

        return response;
    }

    private static ChatMessage ToMessage(WireAnswerMessage? wire, WireAnswer answer, DateTimeOffset? createdAt)
    {
        var message = new ChatMessage(ChatRole.Assistant, []) { CreatedAt = createdAt };
        var reasoning = wire?.ReasoningContent ?? wire?.Reasoning;
        if (!string.IsNullOrEmpty(reasoning))
        {
            message.Contents.Add(new TextReasoningContent(reasoning));
        }

        if (!string.IsNullOrEmpty(wire?.Content))
        {
            message.Contents.Add(new TextContent(wire.Content));
        }

        if (!string.IsNullOrEmpty(wire?.Refusal))
        {
            message.Contents.Add(new ErrorContent(wire.Refusal) { ErrorCode = "Refusal" });
        }

        // A whole answer holds whole calls, yet a second one may share the first one's index.
        var calls = wire?.ToolCalls ?? [];
        for (var i = 0; i < calls.Count; i++)
        {
            var call = calls[i];
            var id = string.IsNullOrEmpty(call.Id) ? $"call_{answer.Id}_{i}" : call.Id;
            message.Contents.Add(ToolCallAssembler.ToContent(id, call.Function?.Name ?? "", call.Function?.Arguments));
        }

        return message;
    }
}
