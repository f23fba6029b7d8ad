using System.Text.Json;
using Connectors.Qwen.Mapping;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using AI = Microsoft.Extensions.AI;
using SK = Microsoft.SemanticKernel;

#pragma warning disable SKEXP0001, SKEXP0110 // Audio, data and reasoning are experimental in Semantic Kernel; without them content would be lost.

namespace Connectors.Qwen.SemanticKernel;

/// <summary>Makes Semantic Kernel's contents of answers, with all that is known of them.</summary>
internal static class AnswerMapper
{
    private const string NotAll = " (not to be called)";

    /// <param name="message">The message.</param>
    /// <param name="response">The response whose facts the content tells; null for a message in the middle of a call.</param>
    /// <param name="names">The functions that may be called.</param>
    public static ChatMessageContent ToContent(ChatMessage message, ChatResponse? response, FunctionNames names)
    {
        var content = new ChatMessageContent
        {
            Role = new AuthorRole(message.Role.Value),
            AuthorName = message.AuthorName,
            ModelId = response?.ModelId,
            InnerContent = response?.RawRepresentation ?? message.RawRepresentation ?? response,
        };
        var facts = new Dictionary<string, object?>(message.AdditionalProperties ?? []);
        foreach (var part in message.Contents)
        {
            if (ToItem(part, names) is { } item)
            {
                item.ModelId = response?.ModelId;
                content.Items.Add(item);
            }
            else if (part is ErrorContent error)
            {
                facts[NameOf(error)] = error.Message;
            }
        }

        if (response is not null)
        {
            Add(facts, response.AdditionalProperties);
            Add(facts, QwenChatCompletionService.Id, response.ResponseId);
            Add(facts, QwenChatCompletionService.CreatedAt, response.CreatedAt);
            Add(facts, QwenChatCompletionService.FinishReason, response.FinishReason?.Value);
            Add(facts, QwenChatCompletionService.Usage, response.Usage);
        }

        content.Metadata = facts.Count > 0 ? facts : null;
        return content;
    }

    /// <param name="update">The update.</param>
    /// <param name="names">The functions that may be called.</param>
    /// <param name="calls">How many tool calls came before it; those in it are added.</param>
    /// <returns>The content; null when the update says nothing.</returns>
    public static StreamingChatMessageContent? ToContent(ChatResponseUpdate update, FunctionNames names, ref int calls)
    {
        var content = new StreamingChatMessageContent(
            update.Role is { } role ? new AuthorRole(role.Value) : null,
            content: null,
            update.RawRepresentation ?? update,
            modelId: update.ModelId
        )
        {
            AuthorName = update.AuthorName,
        };
        Dictionary<string, object?>? facts = null;
        foreach (var part in update.Contents)
        {
            switch (part)
            {
                case AI.TextContent text:
                    content.Items.Add(new StreamingTextContent(text.Text, modelId: update.ModelId));
                    break;
                case TextReasoningContent thought:
                    content.Items.Add(new StreamingReasoningContent(thought.Text) { ModelId = update.ModelId });
                    break;
                case AI.FunctionCallContent call:
                    content.Items.Add(
                        new StreamingFunctionCallUpdateContent(
                            call.CallId,
                            names.ForStream(call.Name),
                            Arguments(call),
                            calls++
                        )
                        {
                            ModelId = update.ModelId,
                        }
                    );
                    break;
                case UsageContent usage:
                    (facts ??= [])[QwenChatCompletionService.Usage] = usage.Details;
                    break;
                case ErrorContent error:
                    (facts ??= [])[NameOf(error)] = error.Message;
                    break;
            }
        }

        if (update.FinishReason is { } reason)
        {
            (facts ??= [])[QwenChatCompletionService.FinishReason] = reason.Value;
        }

        if (update.AdditionalProperties is { Count: > 0 } properties)
        {
            Add(facts ??= [], properties);
        }

        if (facts is not null)
        {
            Add(facts, QwenChatCompletionService.Id, update.ResponseId);
            Add(facts, QwenChatCompletionService.CreatedAt, update.CreatedAt);
            content.Metadata = facts;
        }

        return content.Items.Count > 0 || facts is not null ? content : null;
    }

    private static string NameOf(ErrorContent error)
    {
        return error.ErrorCode == AnswerFacts.Refusal
            ? QwenChatCompletionService.Refusal
            : QwenChatCompletionService.Error;
    }

    private static KernelContent? ToItem(AIContent content, FunctionNames names)
    {
        return content switch
        {
            AI.TextContent text => new SK.TextContent(text.Text),
            TextReasoningContent thought => new ReasoningContent(thought.Text),
            AI.FunctionCallContent call => ToCall(call, names),
            // A result names its call by the id; that is enough for the service.
            AI.FunctionResultContent result => new SK.FunctionResultContent(null, null, result.CallId, result.Result),
            DataContent data when data.HasTopLevelMediaType("image") => new ImageContent(data.Uri),
            DataContent data when data.HasTopLevelMediaType("audio") => new AudioContent(data.Uri),
            DataContent data => new BinaryContent(data.Uri),
            _ => null,
        };
    }

    private static SK.FunctionCallContent ToCall(AI.FunctionCallContent call, FunctionNames names)
    {
        var (plugin, function) = names.FromWire(call.Name);
        return new SK.FunctionCallContent(
            function,
            plugin,
            call.CallId,
            call.Arguments is null ? null : new KernelArguments(call.Arguments)
        )
        {
            Exception = call.Exception,
        };
    }

    private static string? Arguments(AI.FunctionCallContent call)
    {
        if (call.Exception is not null)
        {
            // Whoever puts the pieces together must find a call that nobody may make, and only arguments that are no JSON say so there.
            return call.RawRepresentation + NotAll;
        }

        return call.Arguments is null
            ? call.RawRepresentation as string
            : JsonSerializer.Serialize(
                call.Arguments,
                ContentMapper.ToolJson.GetTypeInfo(typeof(IDictionary<string, object?>))
            );
    }

    private static void Add(Dictionary<string, object?> facts, AdditionalPropertiesDictionary? properties)
    {
        foreach (var (name, value) in properties ?? [])
        {
            facts[name] = value;
        }
    }

    private static void Add(Dictionary<string, object?> facts, string name, object? value)
    {
        if (value is not null)
        {
            facts[name] = value;
        }
    }
}
