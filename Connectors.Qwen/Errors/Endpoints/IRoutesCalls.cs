namespace Connectors.Qwen.Errors;

/// <summary>
/// A client whose calls go to several endpoints, each to the one that its credential belongs to. Who remembers something of endpoints asks for
/// it with <c>GetService</c>; a client of one endpoint has none.
/// </summary>
internal interface IRoutesCalls
{
    /// <summary>Where the next request goes, as its credential says. Sends nothing.</summary>
    ValueTask<Uri> FindEndpointAsync(CancellationToken cancellationToken);
}
