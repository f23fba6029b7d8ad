using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>What the continuations of one client share.</summary>
internal sealed record ContinuationContext(
    IChatClient Inner,
    StreamingFallbackOptions Options,
    ContinuationMemory Memory,
    FormMemory Forms,
    Continuations Effects,
    TimeProvider Time
);
