using Connectors.Qwen.Demos.Chat.Playing;
using Connectors.Qwen.Demos.Chat.Services;
using Connectors.Qwen.Demos.Chat.Views;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Demos.Chat.Replays;

/// <summary>Lets the simulator say what was recorded, and shows what a person would have seen.</summary>
internal sealed class Replay(Recording recording, SimulatedService service, AnswerPlayer player, IView view)
{
    /// <summary>A pause between two events with which long recordings do not become a test of patience.</summary>
    public static TimeSpan Pause(Recording recording)
    {
        return TimeSpan.FromMilliseconds(Math.Min(25, 6000.0 / Math.Max(1, recording.Events?.Count ?? 0)));
    }

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        view.Title($"Replay of {recording.FileName}", Form + ", served by the simulator, read by the whole pipeline.");
        service.Simulator.Script.Always(
            recording.Events is { } events
                ? QwenBehavior.Stream(events, recording.IsDone)
                : QwenBehavior.Completion(recording.Completion!)
        );
        using var client = service.CreateClient();
        var answer = await view.ShowAnswerAsync(
            question: null,
            sink => player.PlayAsync(client, [new(ChatRole.User, "(recorded)")], null, sink, cancellationToken)
        );
        if (answer.Usage is { } usage)
        {
            view.Note(Verdict.Usage(usage));
        }

        var isComplete = answer.HasEnded && IsWhatWasRecorded(answer);
        view.Verdict(Verdict.Of(answer, isComplete), isComplete);
        view.Summary(Summary(answer, isComplete), isComplete);
        return isComplete ? ExitCodes.Complete
            : answer.WasCancelled ? ExitCodes.Interrupted
            : ExitCodes.Lost;
    }

    private string Form => recording.Events is { } events ? $"A stream of {events.Count} events" : "One completion";

    private static string Summary(PlayedAnswer answer, bool isComplete)
    {
        var outcome = isComplete ? "complete" : "incomplete";
        var reason = answer switch
        {
            { WasCancelled: true } => "ended by Ctrl+C",
            { Failure: QwenException failure } => $"failed with {failure.Kind}",
            { Failure: not null } => "failed",
            _ => $"finish reason {answer.FinishReason?.Value ?? "none"}",
        };
        var size = answer.Usage?.TotalTokenCount is { } tokens
            ? $"{tokens} tokens"
            : $"{answer.Text.Length} characters";
        return $"replay: {outcome}, {reason}, {size}";
    }

    private bool IsWhatWasRecorded(PlayedAnswer answer)
    {
        return AnswerCheck.Compare(recording.Text, answer.Text) == default
            && AnswerCheck.Compare(recording.Reasoning, answer.Reasoning) == default;
    }
}
