using System.Text.Json;
using Connectors.Qwen.Testing.Json;

namespace Connectors.Qwen.Testing.Wire;

/// <summary>Writes a whole answer as one completion object.</summary>
internal static class CompletionWriter
{
    public static ReadOnlyMemory<byte> Write(ChatEnvelope envelope, QwenSimulatedAnswer answer, UsageFigures usage) =>
        Write(envelope, usage, writer => WriteChoice(writer, answer));

    /// <summary>A completion that reports usage and has no choice at all.</summary>
    public static ReadOnlyMemory<byte> WriteUsageOnly(ChatEnvelope envelope, UsageFigures usage) =>
        Write(envelope, usage, _ => { });

    private static ReadOnlyMemory<byte> Write(
        ChatEnvelope envelope,
        UsageFigures usage,
        Action<Utf8JsonWriter> choices
    ) =>
        JsonWrite.ToUtf8(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("choices");
            choices(writer);
            writer.WriteEndArray();
            writer.WriteString("object", "chat.completion");
            usage.Write(writer);
            envelope.WriteTail(writer);
            writer.WriteEndObject();
        });

    private static void WriteChoice(Utf8JsonWriter writer, QwenSimulatedAnswer answer)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("message");
        writer.WriteText("content", answer.Text ?? "");
        if (answer.Thinks)
        {
            writer.WriteText("reasoning_content", answer.Reasoning);
        }

        writer.WriteText("role", "assistant");
        if (answer.ToolCalls.Count > 0)
        {
            WriteToolCalls(writer, answer.ToolCalls);
        }

        writer.WriteEndObject();
        writer.WriteText("finish_reason", answer.FinishReason);
        writer.WriteNumber("index", 0);
        writer.WriteNull("logprobs");
        writer.WriteEndObject();
    }

    private static void WriteToolCalls(Utf8JsonWriter writer, IList<QwenSimulatedToolCall> calls)
    {
        writer.WriteStartArray("tool_calls");
        for (var index = 0; index < calls.Count; index++)
        {
            writer.WriteStartObject();
            writer.WriteStartObject("function");
            writer.WriteText("arguments", calls[index].Arguments);
            writer.WriteText("name", calls[index].Name);
            writer.WriteEndObject();
            writer.WriteText("id", calls[index].Id);
            writer.WriteNumber("index", index);
            writer.WriteText("type", "function");
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
