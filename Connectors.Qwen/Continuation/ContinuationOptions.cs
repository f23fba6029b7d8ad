using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Continuation;

/// <summary>
/// The options of a request that goes on with an answer: those of the first request, and what must be otherwise whatever they, or a raw
/// request of the caller, say. The mapper recognizes them by their type, so nothing of it can reach a wire.
/// </summary>
internal sealed class ContinuationOptions : ChatOptions
{
    public ContinuationOptions(ChatOptions? options, long receivedTokens, long receivedReasoningTokens)
        : base(options)
    {
        ReceivedTokens = receivedTokens;
        ReceivedReasoningTokens = receivedReasoningTokens;
        WholeMaxOutputTokens = MaxOutputTokens;
        // For inner clients that know only the portable members.
        MaxOutputTokens = Rest(MaxOutputTokens, receivedTokens);
        WholeResponseFormat = ResponseFormat;
        ResponseFormat = null;
        ContinuationToken = null;
        Reasoning = new ReasoningOptions { Effort = ReasoningEffort.None, Output = options?.Reasoning?.Output };
    }

    private ContinuationOptions(ContinuationOptions other)
        : base(other)
    {
        WholeMaxOutputTokens = other.WholeMaxOutputTokens;
        WholeResponseFormat = other.WholeResponseFormat;
        ReceivedTokens = other.ReceivedTokens;
        ReceivedReasoningTokens = other.ReceivedReasoningTokens;
    }

    /// <summary>The limit of the whole answer, as the caller set it.</summary>
    public int? WholeMaxOutputTokens { get; }

    /// <summary>The form of the whole answer: the rest is not asked for in it, but with the same words in the messages.</summary>
    public ChatResponseFormat? WholeResponseFormat { get; }

    /// <summary>What has come of the text, in estimated tokens: it counts towards the limits of the caller.</summary>
    public long ReceivedTokens { get; }

    /// <summary>What has come of the reasoning, likewise.</summary>
    public long ReceivedReasoningTokens { get; }

    /// <summary>What is left of a limit; at least one token, because a request for none is refused.</summary>
    public static int? Rest(int? limit, long received)
    {
        return limit is { } tokens ? (int)Math.Max(1, tokens - received) : null;
    }

    /// <inheritdoc/>
    public override ChatOptions Clone()
    {
        return new ContinuationOptions(this);
    }
}
