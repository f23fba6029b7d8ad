using Connectors.Qwen.Continuation;

namespace Connectors.Qwen.Mapping;

/// <summary>What continuing an answer depends on in its wire request, and what is otherwise in the request that goes on with it.</summary>
internal static class ContinuationMapper
{
    public static RequestTraits ToTraits(QwenChatRequest request)
    {
        return new RequestTraits
        {
            Model = request.Model ?? "",
            Hindrance = Hindrance(request),
            HasSeveralAnswers = request.N > 1,
            IsJson = ResponseFormatMapper.TypeOf(request.ResponseFormat) is "json_object" or "json_schema",
            Stops = [.. request.Stop ?? []],
            MaxTokens = request.MaxTokens,
            MaxCompletionTokens = request.MaxCompletionTokens,
        };
    }

    /// <summary>
    /// Partial mode excludes thinking. A document would be begun anew under constrained decoding. A second search would number its
    /// sources anew.
    /// </summary>
    public static void Override(QwenChatRequest request, ContinuationOptions options)
    {
        request.EnableThinking = false;
        request.ThinkingBudget = null;
        request.ReasoningEffort = null;
        request.ResponseFormat = null;
        if (request.EnableSearch == true)
        {
            request.EnableSearch = false;
            request.SearchOptions = null;
        }

        request.MaxTokens = ContinuationOptions.Rest(request.MaxTokens, options.ReceivedTokens);
        request.MaxCompletionTokens = ContinuationOptions.Rest(
            request.MaxCompletionTokens,
            options.ReceivedTokens + options.ReceivedReasoningTokens
        );
        request.AdditionalProperties?.Remove("thinking");
        request.AdditionalProperties?.Remove("chat_template_kwargs");
    }

    private static string? Hindrance(QwenChatRequest request)
    {
        return request.N > 1 ? "its request asks for several answers"
            : request.Audio is not null || request.Modalities?.Contains("audio") == true
                ? "its request asks for a spoken answer"
            : request.Logprobs == true ? "its request asks for log probabilities"
            : ResponseFormatMapper.IsForcedChoice(request.ToolChoice) ? RequestTraits.ForcedTool
            : null;
    }
}
