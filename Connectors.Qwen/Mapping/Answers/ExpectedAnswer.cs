using Connectors.Qwen.Continuation;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>What of an answer depends on how it was asked for.</summary>
/// <param name="IsRest">Whether it is the rest of an answer that broke off: it may be nothing, and does not begin.</param>
/// <param name="HidesReasoning">Whether the caller wants no reasoning.</param>
internal readonly record struct ExpectedAnswer(bool IsRest, bool HidesReasoning)
{
    public static ExpectedAnswer To(ChatOptions? options)
    {
        return new(options is ContinuationOptions, options?.Reasoning?.Output == ReasoningOutput.None);
    }
}
