using System.Text.Json;
using Connectors.Qwen.Testing.Json;

namespace Connectors.Qwen.Testing.Wire;

/// <summary>Writes the chunks of one streamed answer, member by member as the service's recorded streams have them.</summary>
internal sealed class ChunkWriter(ChatEnvelope envelope)
{
    // The order of the members varies within one recorded stream; a reader that relies on it should fail here too.
    private static readonly string[] FirstOrder = ["delta", "index", "logprobs", "finish_reason"];
    private static readonly string[] SecondOrder = ["finish_reason", "logprobs", "delta", "index"];
    private static readonly string[] UsualOrder = ["delta", "finish_reason", "index", "logprobs"];
    private static readonly string[] FinishOrder = ["finish_reason", "delta", "index", "logprobs"];
    private static readonly string[] BareOrder = ["delta", "index"];

    private int _written;

    public StreamEvent Role(bool thinks) =>
        Chunk(
            StreamEventKind.Role,
            FirstOrder,
            writer =>
            {
                writer.WriteText("content", thinks ? null : "");
                writer.WriteText("role", "assistant");
                if (thinks)
                {
                    writer.WriteText("reasoning_content", "");
                }
            }
        );

    public StreamEvent Reasoning(string piece) =>
        Chunk(
            StreamEventKind.Content,
            NextOrder(),
            writer =>
            {
                writer.WriteNull("content");
                writer.WriteText("reasoning_content", piece);
            }
        );

    public StreamEvent Text(string piece, bool thinks) =>
        Chunk(StreamEventKind.Content, NextOrder(), writer => WriteContent(writer, piece, thinks));

    public StreamEvent ToolCallStart(QwenSimulatedToolCall call, int index) =>
        Chunk(
            StreamEventKind.Content,
            UsualOrder,
            writer =>
            {
                var opensTheAnswer = _written == 0;
                writer.WriteNull("content");
                WriteToolCall(writer, index, call.Id, call.Name, "");
                if (opensTheAnswer)
                {
                    writer.WriteText("role", "assistant");
                }
            }
        );

    public StreamEvent ToolCallPiece(string arguments, int index) =>
        Chunk(
            StreamEventKind.Content,
            UsualOrder,
            writer =>
            {
                writer.WriteNull("content");
                WriteToolCall(writer, index, "", null, arguments);
            }
        );

    public StreamEvent ToolCallEnd(int index) =>
        Chunk(StreamEventKind.Filler, BareOrder, writer => WriteToolCallEnd(writer, index));

    public StreamEvent Finish(string reason, bool thinks) =>
        Chunk(StreamEventKind.Finish, FinishOrder, writer => WriteContent(writer, "", thinks), reason);

    public StreamEvent BareFinish(string reason) => Chunk(StreamEventKind.Finish, FinishOrder, _ => { }, reason);

    /// <summary>An error dressed as the end of an answer: its text stands in the content.</summary>
    public StreamEvent ErrorFinish(string error) =>
        Chunk(
            StreamEventKind.Finish,
            FinishOrder,
            writer => WriteContent(writer, error, thinks: false),
            "error_finish"
        );

    public StreamEvent Usage(UsageFigures usage) =>
        Chunk(StreamEventKind.Usage, choices: _ => { }, writer => usage.Write(writer));

    private static void WriteContent(Utf8JsonWriter writer, string piece, bool thinks)
    {
        writer.WriteText("content", piece);
        if (thinks)
        {
            writer.WriteNull("reasoning_content");
        }
    }

    private static void WriteToolCall(Utf8JsonWriter writer, int index, string id, string? name, string arguments)
    {
        writer.WriteStartArray("tool_calls");
        writer.WriteStartObject();
        writer.WriteNumber("index", index);
        writer.WriteText("id", id);
        writer.WriteText("type", "function");
        writer.WriteStartObject("function");
        if (name is not null)
        {
            writer.WriteText("name", name);
        }

        writer.WriteText("arguments", arguments);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    // The service's empty last piece has an order of its own.
    private static void WriteToolCallEnd(Utf8JsonWriter writer, int index)
    {
        writer.WriteStartArray("tool_calls");
        writer.WriteStartObject();
        writer.WriteStartObject("function");
        writer.WriteText("arguments", "");
        writer.WriteEndObject();
        writer.WriteNumber("index", index);
        writer.WriteText("id", "");
        writer.WriteText("type", "function");
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private string[] NextOrder() => _written == 1 ? SecondOrder : UsualOrder;

    private StreamEvent Chunk(
        StreamEventKind kind,
        string[] order,
        Action<Utf8JsonWriter> delta,
        string? finishReason = null
    ) =>
        Chunk(
            kind,
            writer =>
            {
                writer.WriteStartObject();
                foreach (var member in order)
                {
                    WriteChoiceMember(writer, member, delta, finishReason);
                }

                writer.WriteEndObject();
            },
            writer => writer.WriteNull("usage")
        );

    private StreamEvent Chunk(StreamEventKind kind, Action<Utf8JsonWriter> choices, Action<Utf8JsonWriter> usage)
    {
        var data = JsonWrite.ToUtf8(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("choices");
            choices(writer);
            writer.WriteEndArray();
            writer.WriteString("object", "chat.completion.chunk");
            usage(writer);
            envelope.WriteTail(writer);
            writer.WriteEndObject();
        });
        _written++;
        return StreamEvent.FromData(kind, data);
    }

    private static void WriteChoiceMember(
        Utf8JsonWriter writer,
        string member,
        Action<Utf8JsonWriter> delta,
        string? finishReason
    )
    {
        switch (member)
        {
            case "delta":
                writer.WriteStartObject("delta");
                delta(writer);
                writer.WriteEndObject();
                break;
            case "index":
                writer.WriteNumber("index", 0);
                break;
            case "logprobs":
                writer.WriteNull("logprobs");
                break;
            default:
                writer.WriteText("finish_reason", finishReason);
                break;
        }
    }
}
