using Connectors.Qwen.Testing.Wire;

namespace Connectors.Qwen.Testing.Checks;

/// <summary>Why the service refuses a request, in the service's own words.</summary>
internal sealed record Refusal(int Status, string Code, string Message)
{
    public bool IsNative { get; init; }

    public bool HasId { get; init; } = true;

    public static Refusal InvalidParameter(string message) => new(400, "invalid_parameter_error", message);

    public ReadOnlyMemory<byte> ToBody(string requestId) =>
        IsNative
            ? ErrorBodies.Native(requestId, Code, Message)
            : ErrorBodies.Compatible(requestId, Code, Message, ErrorBodies.DefaultType(Status, Code), HasId);
}
