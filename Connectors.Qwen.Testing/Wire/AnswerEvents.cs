using Connectors.Qwen.Testing.Answers;

namespace Connectors.Qwen.Testing.Wire;

/// <summary>Cuts an answer into the events of a stream, the end marker included.</summary>
internal static class AnswerEvents
{
    public static List<StreamEvent> Of(
        ChatEnvelope envelope,
        QwenSimulatedAnswer answer,
        UsageFigures? usage,
        int chunkLength
    )
    {
        var chunks = new ChunkWriter(envelope);
        var events = new List<StreamEvent>();
        var hasCalls = answer.ToolCalls.Count > 0;

        // A recorded answer that is nothing but a tool call has no role chunk: its first piece carries the role.
        if (!hasCalls || answer.Thinks || !string.IsNullOrEmpty(answer.Text))
        {
            events.Add(chunks.Role(answer.Thinks));
        }

        events.AddRange(TextChunks.Split(answer.Reasoning, chunkLength).Select(chunks.Reasoning));
        events.AddRange(TextChunks.Split(answer.Text, chunkLength).Select(piece => chunks.Text(piece, answer.Thinks)));
        AddToolCalls(events, chunks, answer, chunkLength);
        events.Add(
            hasCalls ? chunks.BareFinish(answer.FinishReason) : chunks.Finish(answer.FinishReason, answer.Thinks)
        );
        if (usage is not null)
        {
            events.Add(chunks.Usage(usage));
        }

        events.Add(StreamEvent.Done);
        return events;
    }

    private static void AddToolCalls(
        List<StreamEvent> events,
        ChunkWriter chunks,
        QwenSimulatedAnswer answer,
        int chunkLength
    )
    {
        for (var index = 0; index < answer.ToolCalls.Count; index++)
        {
            var call = answer.ToolCalls[index];
            var position = index;
            events.Add(chunks.ToolCallStart(call, position));
            events.AddRange(
                TextChunks.Split(call.Arguments, chunkLength).Select(piece => chunks.ToolCallPiece(piece, position))
            );
        }

        if (answer.ToolCalls.Count > 0)
        {
            events.Add(chunks.ToolCallEnd(answer.ToolCalls.Count - 1));
        }
    }
}
