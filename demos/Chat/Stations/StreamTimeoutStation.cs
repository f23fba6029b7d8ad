using Connectors.Qwen.Demos.Chat.Services;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Demos.Chat.Stations;

/// <summary>No stream gets through: each ends in the gateway's 504.</summary>
internal sealed class StreamTimeoutStation(SimulatedService service, TimeSpan patience)
    : Station(service, Dialogue.Timeout)
{
    private readonly SimulatedService _service = service;

    public override string Title => "a 504 timeout";

    public override string Story => "The gateway answers every stream with 504 \"stream timeout\".";

    protected override IChatClient Open()
    {
        _service.Simulator.Script.Always(
            QwenBehavior.StreamTimeout().After(patience),
            static request => request.IsStream
        );
        return _service.CreateClient();
    }

    protected override void Close()
    {
        _service.Simulator.Script.Clear();
    }
}
