using Connectors.Qwen.Demos.Chat.Services;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Demos.Chat.Stations;

/// <summary>The access token of the login has ended, and only the server knows.</summary>
internal sealed class ExpiredTokenStation(SimulatedService service) : Station(service, Dialogue.Expired)
{
    private readonly SimulatedService _service = service;

    public override string Title => "an expired token";

    public override string Story =>
        "The login's access token has ended. The client does not know it yet, the server does.";

    protected override IChatClient Open()
    {
        // The harder case: a token whose end the client knows is renewed before it is sent, and no request fails at all.
        var tokens = _service.Simulator.Tokens;
        var issued = tokens.Issue();
        tokens.Expire(issued.AccessToken);
        return _service.CreateClient(new QwenCredential(issued.AccessToken, issued.ExpiresAt, issued.RefreshToken));
    }
}
