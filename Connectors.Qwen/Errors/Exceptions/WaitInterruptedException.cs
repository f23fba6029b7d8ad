namespace Connectors.Qwen.Errors;

/// <summary>
/// A wait for the server was cancelled, by the caller or by a clock of ours, and this is how far the answer had come. It stays
/// an <see cref="OperationCanceledException"/> with the token of the wait.
/// </summary>
internal sealed class WaitInterruptedException(
    string phase,
    OperationCanceledException cause,
    CancellationToken cancellationToken
) : OperationCanceledException($"The wait for the server was cancelled: {phase}.", cause, cancellationToken)
{
    /// <summary>How far the answer had come, as a clause: <c>nothing had come</c>.</summary>
    public string Phase { get; } = phase;

    /// <summary>The server's id of the request; null when it has not answered.</summary>
    public string? RequestId { get; init; }
}
