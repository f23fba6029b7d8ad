using Connectors.Qwen.Continuation;
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

        if (conversation.Contains(null))
        {
            throw new ArgumentException("A message is null.", nameof(messages));
        }

        var request = Parameters(options, defaultModel, client);
        request.Messages = MessageMapper.ToWire(conversation, options?.Instructions, request.PreserveThinking == true);
        LastMessage.Settle(request.Messages);
        JsonWord.Ensure(request);
        CacheMarkers.Order(request);
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

        ThinkingRules.Settle(request);
        // Not one of those that only fill what is null: nothing may speak against it.
        if (options is ContinuationOptions continuation)
        {
            ContinuationMapper.Override(request, continuation);
        }

        return request;
    }

    /// <summary>What the caller has said of the request, without its messages.</summary>
    public static QwenChatRequest Parameters(ChatOptions? options, string defaultModel, IChatClient client)
    {
        var request = options?.RawRepresentationFactory?.Invoke(client) is QwenChatRequest raw
            ? raw.Copy()
            : new QwenChatRequest();
        NamedProperties.Tidy(request);
        if (options is not null)
        {
            FillPortable(request, options);
            // A wish in portable words is translated; what the caller said in the service's own is not touched.
            NamedProperties.Fill(request, options.AdditionalProperties, only: ThinkingRules.Names);
            ThinkingRules.Fill(request, options, request.Model ?? defaultModel);
            ToolMapper.Fill(request, options);
            NamedProperties.Fill(request, options.AdditionalProperties);
            HostedTools.Force(request, options);
        }

        request.Model ??= defaultModel;
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
        request.MaxTokens ??= options is ContinuationOptions rest ? rest.WholeMaxOutputTokens : options.MaxOutputTokens;
        // An empty list is refused by the service and means nothing.
        if (options.StopSequences is { Count: > 0 } stops && !NamedProperties.HasStop(request))
        {
            request.Stop = stops;
        }

        request.ResponseFormat ??= ResponseFormatMapper.ToWire(
            options is ContinuationOptions first ? first.WholeResponseFormat : options.ResponseFormat,
            Strictness.Of(options)
        );
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
