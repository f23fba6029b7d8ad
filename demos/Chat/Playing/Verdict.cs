using System.Globalization;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Demos.Chat.Playing;

/// <summary>The line under an answer.</summary>
internal static class Verdict
{
    public static string Of(PlayedAnswer answer, bool isComplete)
    {
        if (answer.WasCancelled)
        {
            return $"cancelled after {Seconds(answer.Total)}";
        }

        if (answer.Failure is { } failure)
        {
            return $"lost: {failure.Message}";
        }

        string?[] parts =
        [
            isComplete
                ? $"complete ({answer.FinishReason})"
                : $"incomplete ({answer.FinishReason?.Value ?? "no finish reason"})",
            $"{answer.Text.Length} characters",
            answer.FirstWord is { } first ? $"first word after {Seconds(first)}" : null,
            $"all after {Seconds(answer.Total)}",
            answer.RecoveredBy is { } how ? $"recovered by {how}" : null,
        ];
        return string.Join(", ", parts.Where(part => part is not null));
    }

    public static string Usage(UsageDetails usage)
    {
        var reasoning = usage.ReasoningTokenCount is > 0 and var tokens ? $" ({tokens} of them thinking)" : "";
        return $"usage: {usage.InputTokenCount} tokens in, {usage.OutputTokenCount} out{reasoning}, {usage.TotalTokenCount} in all";
    }

    public static string Seconds(TimeSpan time)
    {
        return string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s");
    }
}
