namespace Connectors.Qwen.Demos.Chat.Side;

/// <summary>Something the pipeline did at the side of an answer, and how long after the question.</summary>
internal sealed record SideNote(TimeSpan At, string Text);
