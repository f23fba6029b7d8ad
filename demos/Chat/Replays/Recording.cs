namespace Connectors.Qwen.Demos.Chat.Replays;

/// <summary>An answer of the service that was written down.</summary>
internal sealed record Recording
{
    public required string FileName { get; init; }

    /// <summary>The data of each event of a stream; null when the answer was not streamed.</summary>
    public IReadOnlyList<string>? Events { get; init; }

    /// <summary>Whether the stream ended with its end marker, as far as the recording shows.</summary>
    public bool IsDone { get; init; }

    /// <summary>The completion; null when the answer was streamed.</summary>
    public string? Completion { get; init; }

    /// <summary>The text that was recorded, read without the library: what arrives is compared with it.</summary>
    public required string Text { get; init; }

    /// <summary>The chain of thought that was recorded.</summary>
    public required string Reasoning { get; init; }
}
