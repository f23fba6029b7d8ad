using Connectors.Qwen.Testing.Serving;
using Microsoft.AspNetCore.Http;

namespace Connectors.Qwen.Testing.Replies;

/// <summary>What a reply works with.</summary>
/// <param name="Http">The HTTP request and response.</param>
/// <param name="Exchange">The entry in the journal.</param>
/// <param name="State">The simulator.</param>
/// <param name="Ended">Cancelled when the client has left or the simulator stops.</param>
internal sealed record ReplyContext(
    HttpContext Http,
    QwenExchange Exchange,
    SimulatorState State,
    CancellationToken Ended
);
