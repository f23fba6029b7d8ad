namespace Connectors.Qwen.Testing;

/// <summary>What the simulated model says to one request. Not thread-safe.</summary>
public sealed class QwenSimulatedAnswer
{
    private string? _finishReason;

    /// <summary>Gets or sets the visible text; <see langword="null"/> and the empty string mean none.</summary>
    public string? Text { get; set; }

    /// <summary>Gets or sets the chain of thought that goes before the text.</summary>
    /// <value>The default is <see langword="null"/>: the answer is sent in the shape of a model that does not think.</value>
    public string? Reasoning { get; set; }

    /// <summary>Gets the tool calls, sent after the text.</summary>
    public IList<QwenSimulatedToolCall> ToolCalls { get; } = [];

    /// <summary>Gets or sets the finish reason.</summary>
    /// <value>The default is <c>tool_calls</c> when there are tool calls, otherwise <c>stop</c>.</value>
    public string FinishReason
    {
        get => _finishReason ?? (ToolCalls.Count > 0 ? "tool_calls" : "stop");
        set => _finishReason = value;
    }

    /// <summary>Gets or sets the reported prompt tokens.</summary>
    /// <value>The default is <see langword="null"/>: a quarter of the characters of the messages and tools.</value>
    public int? PromptTokens { get; set; }

    /// <summary>Gets or sets the reported completion tokens, those of the reasoning included.</summary>
    /// <value>The default is <see langword="null"/>: a quarter of the characters of the answer.</value>
    public int? CompletionTokens { get; set; }

    /// <summary>Gets or sets the reported reasoning tokens.</summary>
    /// <value>The default is <see langword="null"/>: a quarter of the characters of the reasoning; not reported without reasoning.</value>
    public int? ReasoningTokens { get; set; }

    /// <summary>Gets or sets the reported prompt tokens that came from the cache.</summary>
    /// <value>The default is <see langword="null"/>, which is reported as 0.</value>
    public int? CachedTokens { get; set; }

    internal bool Thinks => Reasoning is not null;

    internal QwenSimulatedAnswer Copy()
    {
        var copy = new QwenSimulatedAnswer
        {
            Text = Text,
            Reasoning = Reasoning,
            PromptTokens = PromptTokens,
            CompletionTokens = CompletionTokens,
            ReasoningTokens = ReasoningTokens,
            CachedTokens = CachedTokens,
            _finishReason = _finishReason,
        };
        foreach (var call in ToolCalls)
        {
            copy.ToolCalls.Add(call.Copy());
        }

        return copy;
    }
}
