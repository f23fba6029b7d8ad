using Connectors.Qwen.Demos.Chat.Services;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Demos.Chat.Stations;

/// <summary>Nothing goes wrong.</summary>
internal sealed class PlainStation(IQwenService service) : Station(service, Dialogue.Plain)
{
    private readonly IQwenService _service = service;

    public override string Title => "a plain answer";

    public override string Story => "Nothing goes wrong: one request, and the words are shown as they come.";

    protected override IChatClient Open()
    {
        return _service.CreateClient();
    }
}
