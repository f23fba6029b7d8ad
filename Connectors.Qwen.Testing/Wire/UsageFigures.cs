using System.Text.Json;
using Connectors.Qwen.Testing.Answers;

namespace Connectors.Qwen.Testing.Wire;

/// <summary>The token counts that an answer reports.</summary>
internal sealed record UsageFigures(int Prompt, int Completion, int? Reasoning, int Cached)
{
    public static UsageFigures Of(QwenSimulatedRequest request, QwenSimulatedAnswer answer)
    {
        var reasoning = answer.ReasoningTokens ?? (answer.Thinks ? TokenCount.Of(answer.Reasoning) : null);
        var completion =
            TokenCount.Of(answer.Text)
            + answer.ToolCalls.Sum(call => TokenCount.Of(call.Name) + TokenCount.Of(call.Arguments))
            + (reasoning ?? 0);
        return new UsageFigures(
            answer.PromptTokens ?? TokenCount.OfPrompt(request),
            answer.CompletionTokens ?? completion,
            reasoning,
            answer.CachedTokens ?? 0
        );
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", Prompt);
        writer.WriteNumber("completion_tokens", Completion);
        writer.WriteNumber("total_tokens", Prompt + Completion);
        if (Reasoning is { } reasoning)
        {
            writer.WriteStartObject("completion_tokens_details");
            writer.WriteNumber("reasoning_tokens", reasoning);
            writer.WriteEndObject();
        }

        writer.WriteStartObject("prompt_tokens_details");
        writer.WriteNumber("cached_tokens", Cached);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
