using System.Text.Json;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>
/// Makes the wire request of one call. Precedence: what the caller set on a raw <see cref="QwenChatRequest"/>, then the
/// portable options, then additional properties by name. Only nulls are filled, and the caller's objects are never changed.
/// </summary>
internal static class RequestMapper
{
    public static QwenChatRequest ToWire(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options,
        string defaultModel,
        bool isStream,
        IChatClient client
    )
    {
        RefuseServerState(options);
        var conversation = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        if (conversation.Count == 0)
        {
            throw new ArgumentException("There is no message to send.", nameof(messages));
        }

        var request = options?.RawRepresentationFactory?.Invoke(client) is QwenChatRequest raw
            ? raw.Copy()
            : new QwenChatRequest();
        if (options is not null)
        {
            FillPortable(request, options);
            ToolMapper.Fill(request, options);
            NamedProperties.Fill(request, options.AdditionalProperties);
        }

        request.Model ??= defaultModel;
        request.Messages = MessageMapper.ToWire(conversation, options?.Instructions, request.PreserveThinking == true);
        if (isStream)
        {
            if (request.N > 1)
            {
                throw new ArgumentException(
                    "Several answers (n) cannot be streamed: their words would come mixed. Use GetResponseAsync.",
                    nameof(options)
                );
            }

            request.Stream = true;
            request.StreamOptions = new WireStreamOptions { IncludeUsage = true };
        }

        return request;
    }

    private static void FillPortable(QwenChatRequest request, ChatOptions options)
    {
        request.Model ??= options.ModelId;
        request.Temperature ??= options.Temperature;
        request.TopP ??= options.TopP;
        request.TopK ??= options.TopK;
        request.FrequencyPenalty ??= options.FrequencyPenalty;
        request.PresencePenalty ??= options.PresencePenalty;
        request.Seed ??= options.Seed;
        request.MaxTokens ??= options.MaxOutputTokens;
        // An empty list is refused by the service and means nothing.
        request.Stop ??= options.StopSequences is { Count: > 0 } stops ? stops : null;
        request.ResponseFormat ??= ToWire(options.ResponseFormat);
        FillReasoning(request, options);
    }

    private static void FillReasoning(QwenChatRequest request, ChatOptions options)
    {
        if (options.Reasoning?.Effort is not { } effort)
        {
            return;
        }

        request.EnableThinking ??= effort != ReasoningEffort.None;
        // A budget and an effort conflict: the service takes one of them.
        var hasBudget =
            request.ThinkingBudget is not null
            || options.AdditionalProperties?.GetValueOrDefault("thinking_budget") is not null;
        if (request.EnableThinking == true && !hasBudget)
        {
            request.ReasoningEffort ??= effort switch
            {
                ReasoningEffort.Low => "low",
                ReasoningEffort.Medium => "medium",
                ReasoningEffort.High => "high",
                ReasoningEffort.ExtraHigh => "xhigh",
                _ => null,
            };
        }
    }

    private static JsonElement? ToWire(ChatResponseFormat? format)
    {
        var wire = format switch
        {
            ChatResponseFormatJson { Schema: { } schema } json => new WireResponseFormat
            {
                Type = "json_schema",
                JsonSchema = new WireJsonSchema
                {
                    Name = json.SchemaName ?? "answer",
                    Description = json.SchemaDescription,
                    Strict = true,
                    Schema = schema,
                },
            },
            ChatResponseFormatJson => new WireResponseFormat { Type = "json_object" },
            _ => null,
        };
        return wire is null ? null : JsonSerializer.SerializeToElement(wire, QwenJsonContext.Wire.WireResponseFormat);
    }

    // Chat completions keep no state: a caller that believes the server remembers would lose its history.
    private static void RefuseServerState(ChatOptions? options)
    {
        if (options?.ConversationId is not null)
        {
            throw new ArgumentException(
                "ConversationId is not supported: Qwen's chat completions keep no history. Send the messages.",
                nameof(options)
            );
        }

        if (options?.ContinuationToken is not null)
        {
            throw new ArgumentException("This ContinuationToken does not come from this client.", nameof(options));
        }
    }
}
