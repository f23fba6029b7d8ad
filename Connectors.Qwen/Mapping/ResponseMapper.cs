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
            CreatedAt = AnswerFacts.CreatedAt(answer.Created),
            Usage = AnswerFacts.Usage(answer.Usage),
        };
        foreach (var choice in choices)
        {
            var wire = choice.Message ?? choice.Delta;
            var reason = AnswerFacts.FinishReason(choice.FinishReason, wire?.ToolCalls is { Count: > 0 });
            var message = ToMessage(wire, answer.Id, reason);
            message.CreatedAt = response.CreatedAt;
            message.MessageId =
                choices.Count == 1 ? answer.Id : $"{answer.Id}/{choice.Index ?? response.Messages.Count}";
            response.Messages.Add(message);
            response.FinishReason ??= reason;
        }

        return response;
    }

    private static ChatMessage ToMessage(WireAnswerMessage? wire, string? responseId, ChatFinishReason? reason)
    {
        var message = new ChatMessage(ChatRole.Assistant, []);
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
            message.Contents.Add(new ErrorContent(wire.Refusal) { ErrorCode = AnswerFacts.Refusal });
        }

        // A whole answer holds whole calls, yet a second one may share the first one's index.
        var calls = wire?.ToolCalls ?? [];
        for (var i = 0; i < calls.Count; i++)
        {
            var call = calls[i];
            var id = string.IsNullOrEmpty(call.Id) ? $"call_{responseId}_{i}" : call.Id;
            var function = call.Function;
            message.Contents.Add(ToolCallAssembler.ToContent(id, function?.Name ?? "", function?.Arguments, reason));
        }

        return message;
    }
}
