namespace Connectors.Qwen.Demos.Chat.Services;

/// <summary>A question of the tour, and word for word what the simulated model says to it.</summary>
internal sealed record Line(string Question, string Answer);
