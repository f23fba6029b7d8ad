using System.Text.Json;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>Makes the messages of a request. Content that cannot be sent is refused, never dropped in silence.</summary>
internal static class MessageMapper
{
    /// <param name="messages">The conversation.</param>
    /// <param name="instructions">Becomes the first system message.</param>
    /// <param name="keepReasoning">Whether reasoning of earlier turns is sent back. It is billed as input, so only when asked.</param>
    public static IList<WireMessage> ToWire(
        IReadOnlyList<ChatMessage> messages,
        string? instructions,
        bool keepReasoning
    )
    {
        var wire = new List<WireMessage>(messages.Count + 1);
        if (!string.IsNullOrEmpty(instructions))
        {
            wire.Add(new WireMessage { Role = "system", Content = new(instructions) });
        }

        HashSet<string>? results = null;
        var hasResult = (string id) => (results ??= Results(messages)).Contains(id);
        var toolResults = new ToolResults(wire);
        foreach (var message in messages)
        {
            if (message.Role == ChatRole.Tool)
            {
                AddToolResults(toolResults, message);
                continue;
            }

            toolResults.End();
            var files = HostedFiles.Of(message);
            if (files is not null)
            {
                wire.Add(files);
            }

            if (files is null || message.Contents.Any(static content => content is not HostedFileContent))
            {
                wire.Add(ToWire(message, keepReasoning, hasResult));
            }
            else
            {
                // A message of nothing but files is said with them.
                files.Extra = Extra(message, null, null);
            }
        }

        toolResults.End();
        return wire;
    }

    private static WireMessage ToWire(ChatMessage message, bool keepReasoning, Func<string, bool> hasResult)
    {
        var isAssistant = message.Role == ChatRole.Assistant;
        List<WireContentPart>? parts = null;
        List<WireToolCall>? calls = null;
        string? reasoning = null;
        foreach (var content in message.Contents)
        {
            switch (content)
            {
                case TextReasoningContent thought:
                    reasoning = isAssistant && keepReasoning ? reasoning + thought.Text : null;
                    break;
                // A call that was never made (its arguments were no JSON) has no result, and the service refuses a call
                // without one. Calls that were made are marked in the same way, but theirs follow.
                case FunctionCallContent { InformationalOnly: true } call when !hasResult(call.CallId):
                    break;
                case FunctionCallContent call when isAssistant:
                    (calls ??= []).Add(ToWire(call));
                    break;
                // Bookkeeping of an earlier answer, not something to say. What was spoken stands there as text, too.
                case UsageContent or HostedFileContent:
                case DataContent spoken when isAssistant && spoken.HasTopLevelMediaType("audio"):
                case ErrorContent when SpokenAnswer.IsUnreadable(content):
                    break;
                default:
                    (parts ??= []).Add(ContentMapper.ToPart(content, message.Role));
                    break;
            }
        }

        var name = string.IsNullOrEmpty(message.AuthorName) || isAssistant ? null : message.AuthorName;
        return new WireMessage
        {
            Role = ToWire(message.Role),
            Content = ContentMapper.ToContent(parts, mayBeNull: calls is not null),
            Name = name,
            ReasoningContent = reasoning,
            ToolCalls = calls,
            Extra = Extra(message, name, reasoning),
        };
    }

    // Without what the message says itself: a second member of the same name in one object would be anybody's guess.
    public static Dictionary<string, JsonElement>? Extra(ChatMessage message, string? name, string? reasoning)
    {
        return message.AdditionalProperties is null
            ? null
            : NamedProperties.Extra(
                message.AdditionalProperties,
                [
                    "role",
                    "content",
                    "tool_calls",
                    "tool_call_id",
                    name is null ? "" : "name",
                    reasoning is null ? "" : "reasoning_content",
                ]
            );
    }

    private static HashSet<string> Results(IReadOnlyList<ChatMessage> messages)
    {
        return messages
            .SelectMany(static message => message.Contents)
            .OfType<FunctionResultContent>()
            .Select(static result => result.CallId)
            .ToHashSet(StringComparer.Ordinal);
    }

    private static void AddToolResults(ToolResults results, ChatMessage message)
    {
        foreach (var content in message.Contents)
        {
            if (content is not FunctionResultContent result)
            {
                throw new NotSupportedException(
                    $"A tool message holds {content?.GetType().Name ?? "null"}; Qwen takes function results there. "
                        + "Put other content into a user message after it."
                );
            }

            results.Add(message, result);
        }
    }

    private static WireToolCall ToWire(FunctionCallContent call)
    {
        return new WireToolCall
        {
            Id = call.CallId,
            Type = "function",
            Function = new WireFunctionCall
            {
                Name = call.Name,
                Arguments = call.Arguments is null
                    ? "{}"
                    : JsonSerializer.Serialize(
                        call.Arguments,
                        ContentMapper.ToolJson.GetTypeInfo(typeof(IDictionary<string, object?>))
                    ),
            },
        };
    }

    // The service knows four roles and refuses "developer"; what it says belongs to the system.
    private static string ToWire(ChatRole role)
    {
        return role.Value.Equals("developer", StringComparison.OrdinalIgnoreCase) ? "system" : role.Value;
    }
}
