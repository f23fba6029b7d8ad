using Connectors.Qwen.Demos.Chat.Playing;
using Connectors.Qwen.Demos.Chat.Stations;

namespace Connectors.Qwen.Demos.Chat.Tours;

/// <summary>The table at the end of the tour. Its words are short: it fits 80 columns.</summary>
internal static class ResultTable
{
    private const string None = "-";

    public static IReadOnlyList<string> Header { get; } =
    ["station", "requests", "recovered by", "first", "total", "chars", "complete"];

    public static IReadOnlyList<string> Row(StationResult result)
    {
        return
        [
            result.Title,
            result.Requests.ToString(),
            result.Answer.RecoveredBy ?? None,
            result.Answer.FirstWord is { } first ? Verdict.Seconds(first) : None,
            Verdict.Seconds(result.Answer.Total),
            $"{result.Answer.Text.Length}",
            result.IsComplete ? "yes" : "no",
        ];
    }
}
