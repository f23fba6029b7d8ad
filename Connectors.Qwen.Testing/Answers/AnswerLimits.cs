using System.Text.Json;
using Connectors.Qwen.Testing.Json;

namespace Connectors.Qwen.Testing.Answers;

/// <summary>Ends an answer where the request says: at a stop sequence or at a token limit.</summary>
internal static class AnswerLimits
{
    public static void Apply(QwenSimulatedAnswer answer, QwenSimulatedRequest request)
    {
        if (answer.Text is null)
        {
            return;
        }

        foreach (var stop in StopsOf(request.Body.Member("stop")))
        {
            var at = answer.Text.IndexOf(stop, StringComparison.Ordinal);
            answer.Text = at < 0 ? answer.Text : answer.Text[..at];
        }

        // max_tokens limits the visible answer only; max_completion_tokens counts the chain of thought too.
        Cut(answer, request.Body.Number("max_tokens"));
        Cut(answer, request.Body.Number("max_completion_tokens") - TokenCount.Of(answer.Reasoning));
    }

    private static void Cut(QwenSimulatedAnswer answer, double? maxTokens)
    {
        if (maxTokens is { } tokens && TokenCount.Of(answer.Text) > tokens)
        {
            answer.Text = TextChunks.Head(answer.Text!, (int)Math.Max(0, tokens) * TokenCount.CharactersPerToken);
            answer.FinishReason = "length";
        }
    }

    private static IEnumerable<string> StopsOf(JsonElement stop) =>
        (stop.ValueKind == JsonValueKind.String ? [stop] : stop.Items())
            .Where(item => item.ValueKind == JsonValueKind.String)
            .Select(item => item.GetString()!)
            .Where(text => text.Length > 0);
}
