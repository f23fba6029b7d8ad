using Connectors.Qwen.Mapping.Words;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>Makes the response of a non-streaming call.</summary>
internal static class ResponseMapper
{
    /// <param name="answer">The answer.</param>
    /// <param name="thinkTags">Whether reasoning in tags at the beginning of the text is handed out as reasoning.</param>
    public static ChatResponse ToResponse(WireAnswer answer, bool thinkTags = false)
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
            var message = ToMessage(wire, answer.Id, reason, thinkTags);
            message.CreatedAt = response.CreatedAt;
            message.MessageId =
                choices.Count == 1 ? answer.Id : $"{answer.Id}/{choice.Index ?? response.Messages.Count}";
            response.Messages.Add(message);
            response.FinishReason ??= reason;
        }

        return response;
    }

    /// <summary>What an answer lacks to be one, as the end of a sentence about it; null when it lacks nothing.</summary>
    public static string? Lack(ChatResponse response)
    {
        if (response.FinishReason is not { } reason)
        {
            return "is not finished";
        }

        // A filter or a limit may leave nothing, and says so; a model that ends by itself has said something.
        return reason != ChatFinishReason.Stop && reason != ChatFinishReason.ToolCalls ? null
            : response.Messages.All(static message => message.Contents.Count == 0)
                ? "holds neither text nor a tool call"
            : response.Messages.All(TimeoutPlaceholder.IsAllOf) ? $"is only {TimeoutPlaceholder.Text}"
            : null;
    }

    private static ChatMessage ToMessage(
        WireAnswerMessage? wire,
        string? responseId,
        ChatFinishReason? reason,
        bool thinkTags
    )
    {
        var message = new ChatMessage(ChatRole.Assistant, []);
        var text = wire?.Content ?? "";
        var tagged = "";
        if (thinkTags)
        {
            (tagged, text) = ThinkTags.Split(text);
        }

        foreach (var reasoning in new[] { wire?.ReasoningContent ?? wire?.Reasoning, tagged })
        {
            if (!string.IsNullOrEmpty(reasoning))
            {
                message.Contents.Add(new TextReasoningContent(reasoning));
            }
        }

        if (text.Length > 0)
        {
            message.Contents.Add(new TextContent(text));
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
