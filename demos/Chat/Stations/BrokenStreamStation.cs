using Connectors.Qwen.Demos.Chat.Services;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Demos.Chat.Stations;

/// <summary>The connection dies in the middle of the answer, and once more in the middle of its rest.</summary>
internal sealed class BrokenStreamStation(SimulatedService service) : Station(service, Dialogue.Broken)
{
    private readonly SimulatedService _service = service;

    public override string Title => "a broken stream";

    public override string Story => "The connection is reset in the middle of the answer, and then once more.";

    protected override IChatClient Open()
    {
        _service.Simulator.Script.Enqueue(QwenBehavior.ResetAfter(11), QwenBehavior.ResetAfter(17));
        return _service.CreateClient();
    }

    protected override void Close()
    {
        _service.Simulator.Script.Clear();
    }
}
