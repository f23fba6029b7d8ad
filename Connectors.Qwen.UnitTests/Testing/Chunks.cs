using System.Text;
using Connectors.Qwen.Wire;

namespace Connectors.Qwen.UnitTests.Testing;

/// <summary>Reads chunks as the transport does, from text.</summary>
internal static class Chunks
{
    public static StreamChunk Read(string data, bool whole = false, string eventType = "message")
    {
        return ChunkReader.Read(eventType, Encoding.UTF8.GetBytes(data), whole);
    }

    /// <summary>What a chunk says, whichever way it was read; the empty text says nothing.</summary>
    public static string View(StreamChunk chunk)
    {
        var choice = chunk.Rare?.Choices is [var first, ..] ? first : null;
        var delta = choice?.Delta;
        var calls = (delta?.ToolCalls ?? []).Select(c =>
            $"{c.Index}/{c.Id}/{c.Function?.Name}/{c.Function?.Arguments}"
        );
        return string.Join(
            " | ",
            Shown(chunk.Content ?? delta?.Content),
            Shown(chunk.Reasoning ?? delta?.ReasoningContent),
            Shown(delta?.Reasoning),
            Shown(delta?.Refusal),
            string.Join(",", calls),
            Shown(choice?.FinishReason),
            choice?.Index ?? 0,
            chunk.Rare?.Choices?.Count is null or 1 ? "one" : "many",
            chunk.Rare?.Usage?.TotalTokens,
            chunk.Error is null ? "ok" : "error",
            chunk.IsDone ? "done" : "more"
        );
    }

    private static string Shown(string? text)
    {
        return string.IsNullOrEmpty(text) ? "-" : string.Concat(text.Select(c => $"{(int)c:x4}"));
    }
}
