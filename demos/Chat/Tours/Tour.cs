using Connectors.Qwen.Demos.Chat.Playing;
using Connectors.Qwen.Demos.Chat.Services;
using Connectors.Qwen.Demos.Chat.Stations;
using Connectors.Qwen.Demos.Chat.Views;

namespace Connectors.Qwen.Demos.Chat.Tours;

/// <summary>The stations one after the other, and what they came to.</summary>
internal sealed class Tour(IQwenService service, AnswerPlayer player, IView view)
{
    /// <param name="patience">How long the gateway of the 504 station seems to wait before it gives up.</param>
    /// <param name="cancellationToken">Ends the tour after the answer that it cancels.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var stations = Stations(patience);
        var results = new List<StationResult>();
        foreach (var station in stations)
        {
            view.Heading($"{results.Count + 1}/{stations.Count}", station.Title, station.Story);
            var result = await station.VisitAsync(player, view, cancellationToken);
            view.Verdict(VerdictOn(result), result.IsComplete);
            if (result.Answer.WasCancelled)
            {
                return Interrupted(results, stations.Count);
            }

            results.Add(result);
        }

        if (!service.SaysWhatIsScripted)
        {
            view.Note("");
            view.Note(
                "Skipped: an expired token, a 504 timeout, a broken stream. They need the simulator, which fails on demand."
            );
        }

        view.Table(ResultTable.Header, [.. results.Select(ResultTable.Row)]);
        view.Summary($"tour: {Sum(results, stations.Count)}", results.TrueForAll(result => result.IsComplete));
        return results.TrueForAll(result => result.IsComplete) ? ExitCodes.Complete : ExitCodes.Lost;
    }

    private static string VerdictOn(StationResult result)
    {
        var verdict = Verdict.Of(result.Answer, result.IsComplete);
        if (!result.Answer.HasEnded)
        {
            return verdict;
        }

        if (result.MissedTool)
        {
            verdict += ", the tool did not run";
        }

        if (result.Check != default)
        {
            verdict += $", {result.Check.Lost} characters lost, {result.Check.Repeated} repeated";
        }

        return result.ToolRuns switch
        {
            null or 0 => verdict,
            1 => verdict + ", the tool ran once",
            var runs => verdict + $", the tool ran {runs} times",
        };
    }

    private static string Sum(List<StationResult> results, int of)
    {
        var complete = results.Count(result => result.IsComplete);
        var lost = results.Count(result => result.IsLost);
        var repeated = results.Count(result => result.IsRepeated);
        return $"{complete} of {of} answers complete, {lost} lost, {repeated} repeated";
    }

    private IReadOnlyList<Station> Stations(TimeSpan patience)
    {
        return service is SimulatedService simulated
            ?
            [
                new PlainStation(service),
                new ExpiredTokenStation(simulated),
                new StreamTimeoutStation(simulated, patience),
                new BrokenStreamStation(simulated),
                new ToolStation(service),
            ]
            : [new PlainStation(service), new ToolStation(service)];
    }

    private int Interrupted(List<StationResult> results, int of)
    {
        view.Note("");
        view.Summary($"tour: ended by Ctrl+C, {Sum(results, of)}", isGood: false);
        return ExitCodes.Interrupted;
    }
}
