using System.Text;
using Connectors.Qwen.Testing.Json;

namespace Connectors.Qwen.Testing.Wire;

/// <summary>One event of a stream, framed and ready to be written.</summary>
internal sealed record StreamEvent(StreamEventKind Kind, ReadOnlyMemory<byte> Bytes)
{
    public static StreamEvent Done { get; } = new(StreamEventKind.Done, "data: [DONE]\n\n"u8.ToArray());

    public static StreamEvent FromData(StreamEventKind kind, ReadOnlyMemory<byte> data)
    {
        var bytes = new byte["data: "u8.Length + data.Length + "\n\n"u8.Length];
        "data: "u8.CopyTo(bytes);
        data.Span.CopyTo(bytes.AsSpan("data: "u8.Length));
        "\n\n"u8.CopyTo(bytes.AsSpan(bytes.Length - 2));
        return new StreamEvent(kind, bytes);
    }

    /// <summary>An event with any payload, also one that is no JSON; it counts as content when it carries some.</summary>
    public static StreamEvent Verbatim(string data)
    {
        var delta = JsonRead.ParseOrUndefined(data).Member("choices").Items().FirstOrDefault().Member("delta");
        var hasContent =
            !string.IsNullOrEmpty(delta.Text("content"))
            || !string.IsNullOrEmpty(delta.Text("reasoning_content"))
            || delta.Member("tool_calls").Items().Any(HasSubstance);
        return FromData(hasContent ? StreamEventKind.Content : StreamEventKind.Filler, Encoding.UTF8.GetBytes(data));
    }

    private static bool HasSubstance(System.Text.Json.JsonElement call) =>
        !string.IsNullOrEmpty(call.Member("function").Text("name"))
        || !string.IsNullOrEmpty(call.Member("function").Text("arguments"));
}
