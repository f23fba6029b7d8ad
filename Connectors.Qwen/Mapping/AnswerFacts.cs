using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>The small facts of an answer: why it ended, what it cost.</summary>
internal static class AnswerFacts
{
    /// <summary>The error code under which a refusal of the model is handed out.</summary>
    public const string Refusal = "Refusal";

    /// <summary>
    /// Why the model stopped; null while it has not. Blank text and the text "null" mean "not yet": gateways send the
    /// one, the native API the other. A reason nobody knows yet is passed on as it is.
    /// </summary>
    public static ChatFinishReason? FinishReason(string? reason, bool hasToolCalls)
    {
        return reason switch
        {
            null or "" or "null" => null,
            // Some routes say "stop" although they call tools; the caller's loop looks at the reason.
            "stop" when hasToolCalls => ChatFinishReason.ToolCalls,
            "stop" => ChatFinishReason.Stop,
            "length" => ChatFinishReason.Length,
            "tool_calls" or "function_call" => ChatFinishReason.ToolCalls,
            "content_filter" => ChatFinishReason.ContentFilter,
            _ => string.IsNullOrWhiteSpace(reason) ? null : new ChatFinishReason(reason),
        };
    }

    /// <summary>Whether a reason is one of those that the service is known to give.</summary>
    public static bool IsKnown(ChatFinishReason reason)
    {
        return reason == ChatFinishReason.Stop
            || reason == ChatFinishReason.Length
            || reason == ChatFinishReason.ToolCalls
            || reason == ChatFinishReason.ContentFilter;
    }

    /// <summary>When the answer was made: seconds, on some gateways milliseconds; null when it is neither.</summary>
    public static DateTimeOffset? CreatedAt(long? created)
    {
        const long LastSecond = 253_402_300_799;
        return created switch
        {
            > 0 and <= LastSecond => DateTimeOffset.FromUnixTimeSeconds(created.Value),
            > LastSecond and <= LastSecond * 1000 => DateTimeOffset.FromUnixTimeMilliseconds(created.Value),
            _ => null,
        };
    }

    public static UsageDetails? Usage(WireUsage? usage)
    {
        if (usage is null)
        {
            return null;
        }

        var details = new UsageDetails
        {
            InputTokenCount = usage.PromptTokens,
            OutputTokenCount = usage.CompletionTokens,
            TotalTokenCount = usage.TotalTokens ?? usage.PromptTokens + usage.CompletionTokens,
            CachedInputTokenCount = usage.PromptDetails?.Cached ?? usage.CachedTokens,
            ReasoningTokenCount = usage.CompletionDetails?.Reasoning,
        };
        Count(details, "cache_creation_input_tokens", usage.PromptDetails?.CacheCreation);
        Count(details, "input_text_tokens", usage.PromptDetails?.Text);
        Count(details, "image_tokens", usage.PromptDetails?.Image);
        Count(details, "video_tokens", usage.PromptDetails?.Video);
        Count(details, "input_audio_tokens", usage.PromptDetails?.Audio);
        Count(details, "output_text_tokens", usage.CompletionDetails?.Text);
        Count(details, "output_audio_tokens", usage.CompletionDetails?.Audio);
        Count(details, "searches", usage.Plugins?.Search?.Count);
        return details;
    }

    private static void Count(UsageDetails details, string name, long? tokens)
    {
        if (tokens is > 0)
        {
            (details.AdditionalCounts ??= [])[name] = tokens.Value;
        }
    }
}
