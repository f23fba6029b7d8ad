using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Demos.Chat.Playing;

/// <summary>What became of one question.</summary>
internal sealed record PlayedAnswer
{
    public required string Text { get; init; }

    public required string Reasoning { get; init; }

    public ChatFinishReason? FinishReason { get; init; }

    public UsageDetails? Usage { get; init; }

    /// <summary>What saved the answer, as the library says it; null when nothing had to.</summary>
    public string? RecoveredBy { get; init; }

    public TimeSpan? FirstWord { get; init; }

    public TimeSpan Total { get; init; }

    /// <summary>Why there is no whole answer.</summary>
    public Exception? Failure { get; init; }

    public bool WasCancelled { get; init; }

    /// <summary>The answer as messages, for the history of a conversation.</summary>
    public IList<ChatMessage> Messages { get; init; } = [];

    /// <summary>Whether the answer came to its end, by its own account.</summary>
    public bool HasEnded => Failure is null && !WasCancelled && FinishReason is not null;
}
