namespace Connectors.Qwen.Testing;

/// <summary>A request as read from the connection.</summary>
internal sealed record ReceivedRequest(ExchangeKind Kind, QwenSimulatedRequest Request);
