using Connectors.Qwen.Demos.Chat.Playing;
using Connectors.Qwen.Demos.Chat.Services;

namespace Connectors.Qwen.Demos.Chat.Stations;

/// <summary>What a stop of the tour came to.</summary>
internal sealed record StationResult
{
    public required string Title { get; init; }

    public required RequestCount Requests { get; init; }

    public required PlayedAnswer Answer { get; init; }

    /// <summary>What arrived against what was said; all zero where nobody knows what was said.</summary>
    public required AnswerCheck Check { get; init; }

    /// <summary>How often the tool of the station ran; null when it has none.</summary>
    public int? ToolRuns { get; init; }

    /// <summary>Whether the tool ran less often than it should have.</summary>
    public bool MissedTool { get; init; }

    public bool IsLost => !Answer.HasEnded || Check.Lost > 0 || MissedTool;

    public bool IsRepeated => Check.Repeated > 0 || ToolRuns > 1;

    public bool IsComplete => !IsLost && !IsRepeated;
}
