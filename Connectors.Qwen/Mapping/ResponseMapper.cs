using System.Text.Json;
using Connectors.Qwen.Mapping.Words;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>Makes the response of a non-streaming call.</summary>
internal static class ResponseMapper
{
    /// <param name="answer">The answer.</param>
    /// <param name="thinkTags">Whether reasoning in tags at the beginning of the text is handed out as reasoning.</param>
    /// <param name="hidesReasoning">Whether the caller wants no reasoning.</param>
    public static ChatResponse ToResponse(WireAnswer answer, bool thinkTags = false, bool hidesReasoning = false)
    {
        var choices = answer.Choices ?? [];
        var response = new ChatResponse
        {
            ResponseId = answer.Id,
            ModelId = answer.Model,
            CreatedAt = AnswerFacts.CreatedAt(answer.Created),
            Usage = AnswerFacts.Usage(answer.Usage),
            RawRepresentation = answer.Raw,
        };
        foreach (var choice in choices)
        {
            var wire = choice.Message ?? choice.Delta;
            var reason = AnswerFacts.FinishReason(choice.FinishReason, wire?.ToolCalls is { Count: > 0 });
            var message = ToMessage(wire, answer.Id, reason, thinkTags, hidesReasoning);
            message.CreatedAt = response.CreatedAt;
            message.MessageId =
                choices.Count == 1 ? answer.Id : $"{answer.Id}/{choice.Index ?? response.Messages.Count}";
            if (choice.Logprobs is { ValueKind: JsonValueKind.Object } logprobs)
            {
                message.AdditionalProperties = TokenProbabilities.Properties(logprobs);
            }

            response.Messages.Add(message);
            // One that is cut leaves the whole unfinished: nobody looks at the others' reasons.
            if (response.Messages.Count == 1 || (IsFinished(response) && !IsFinished(reason)))
            {
                response.FinishReason = reason;
            }
        }

        Cite(response, answer.SearchInfo);
        return response;
    }

    /// <summary>
    /// Whether the model has ended its turn. A reason that nobody knows is none: cut at its time budget, the service says null or
    /// something new in the place of a reason.
    /// </summary>
    public static bool IsFinished(ChatResponse response)
    {
        return IsFinished(response.FinishReason);
    }

    /// <summary>What an answer lacks to be one, as the end of a sentence about it; null when it lacks nothing.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="mayBeEmpty">Whether an answer of nothing lacks nothing.</param>
    public static string? Lack(ChatResponse response, bool mayBeEmpty = false)
    {
        if (!IsFinished(response))
        {
            return response.FinishReason is { } unknown
                ? $"is not finished: '{unknown.Value}' is no known finish reason"
                : "is not finished";
        }

        // A filter or a limit may leave nothing, and says so; a model that ends by itself has said something.
        var reason = response.FinishReason;
        return reason != ChatFinishReason.Stop && reason != ChatFinishReason.ToolCalls ? null
            : response.Messages.All(static message => message.Contents.All(SpokenAnswer.IsUnreadable))
                ? (mayBeEmpty ? null : "holds neither text nor a tool call")
            : response.Messages.All(TimeoutPlaceholder.IsAllOf) ? $"is only {TimeoutPlaceholder.Text}"
            : null;
    }

    private static bool IsFinished(ChatFinishReason? reason)
    {
        return reason is { } known && AnswerFacts.IsKnown(known);
    }

    private static void Cite(ChatResponse response, JsonElement? searchInfo)
    {
        if (
            response.Messages is [var message, ..]
            && message.Contents.OfType<TextContent>().LastOrDefault() is { } text
            && Citations.Of(searchInfo) is { } citations
        )
        {
            text.Annotations = citations;
        }
    }

    private static ChatMessage ToMessage(
        WireAnswerMessage? wire,
        string? responseId,
        ChatFinishReason? reason,
        bool thinkTags,
        bool hidesReasoning
    )
    {
        var message = new ChatMessage(ChatRole.Assistant, []);
        var words = string.IsNullOrEmpty(wire?.Content) ? SpokenAnswer.Transcript(wire?.Audio) : wire.Content;
        var text = SurrogatePairs.Repair(words ?? "");
        var tagged = "";
        if (thinkTags)
        {
            (tagged, text) = ThinkTags.Split(text);
        }

        foreach (var reasoning in new[] { wire?.ReasoningContent ?? wire?.Reasoning, tagged })
        {
            if (!string.IsNullOrEmpty(reasoning) && !hidesReasoning)
            {
                message.Contents.Add(new TextReasoningContent(SurrogatePairs.Repair(reasoning)));
            }
        }

        if (text.Length > 0)
        {
            message.Contents.Add(new TextContent(text));
        }

        var spoken = new SpokenAnswer();
        foreach (var sound in new[] { spoken.Add(wire?.Audio), spoken.Finish() })
        {
            if (sound is not null)
            {
                message.Contents.Add(sound);
            }
        }

        if (!string.IsNullOrEmpty(wire?.Refusal))
        {
            message.Contents.Add(new ErrorContent(wire.Refusal) { ErrorCode = AnswerFacts.Refusal });
        }

        // A whole answer holds whole calls, yet a second one may share the first one's index.
        // The same one twice is one.
        var calls = wire?.ToolCalls ?? [];
        var said = new HashSet<(string, string?, string?)>();
        for (var i = 0; i < calls.Count; i++)
        {
            var function = calls[i].Function;
            var id = string.IsNullOrEmpty(calls[i].Id) ? $"call_{responseId}_{i}" : calls[i].Id!;
            if (said.Add((id, function?.Name, function?.Arguments)))
            {
                message.Contents.Add(
                    ToolCallAssembler.ToContent(id, function?.Name ?? "", function?.Arguments, reason)
                );
            }
        }

        return message;
    }
}
