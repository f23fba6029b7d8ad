namespace Connectors.Qwen.Wire;

/// <summary>What one event of a stream says. The frequent delta is two strings; everything rare comes as a whole answer.</summary>
internal readonly struct StreamChunk
{
    private StreamChunk(string? content, string? reasoning, WireAnswer? rare, WireError? error, bool isDone)
    {
        Content = content;
        Reasoning = reasoning;
        Rare = rare;
        Error = error;
        IsDone = isDone;
    }

    /// <summary>The end mark <c>[DONE]</c>. It proves nothing: gateways write it after a cut too.</summary>
    public static StreamChunk Done { get; } = new(null, null, null, null, isDone: true);

    public string? Content { get; }

    public string? Reasoning { get; }

    /// <summary>The whole chunk when it holds more than text: the first, tools, a finish reason, usage, several choices.</summary>
    public WireAnswer? Rare { get; }

    public WireError? Error { get; }

    public bool IsDone { get; }

    public static StreamChunk Delta(string? content, string? reasoning)
    {
        return new(content, reasoning, null, null, isDone: false);
    }

    public static StreamChunk From(WireAnswer answer)
    {
        return new(null, null, answer, null, isDone: false);
    }

    public static StreamChunk From(WireError error)
    {
        return new(null, null, null, error, isDone: false);
    }
}
