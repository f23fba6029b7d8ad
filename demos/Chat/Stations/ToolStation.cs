using Connectors.Qwen.Demos.Chat.Playing;
using Connectors.Qwen.Demos.Chat.Services;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Demos.Chat.Stations;

/// <summary>The model calls a tool of this program and answers with what it said.</summary>
internal sealed class ToolStation(IQwenService service) : Station(service, Dialogue.Tool)
{
    private readonly IQwenService _service = service;
    private readonly WeatherTool _tool = new();

    public override string Title => "a tool call";

    public override string Story => "The model asks this program for the weather, and answers with what it hears.";

    protected override ChatOptions Options => new() { Tools = [_tool.AsFunction()] };

    // Function invocation is outside the pipeline: inside, a retry would run tools twice.
    protected override IChatClient Open()
    {
        return _service.CreateClient().AsBuilder().UseFunctionInvocation().Build();
    }

    protected override StationResult Judge(PlayedAnswer answer, RequestCount requests)
    {
        // A real model may decide to do without the tool; the simulated one may not.
        return base.Judge(answer, requests) with
        {
            ToolRuns = _tool.Runs,
            MissedTool = _service.SaysWhatIsScripted && _tool.Runs == 0,
        };
    }
}
