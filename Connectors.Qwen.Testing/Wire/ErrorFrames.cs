using System.Globalization;
using System.Text;

namespace Connectors.Qwen.Testing.Wire;

/// <summary>The shapes in which errors turn up inside a stream whose status was 200.</summary>
internal static class ErrorFrames
{
    public static ReadOnlyMemory<byte> Write(
        QwenErrorFrame shape,
        ChatEnvelope envelope,
        string code,
        string message,
        int status
    )
    {
        var type = status >= 500 ? "server_error" : ErrorBodies.DefaultType(status, code);
        var error = ErrorBodies.InStream(code, message, type);
        var flat = ErrorBodies.Native(envelope.RequestId, code, message);
        return shape switch
        {
            QwenErrorFrame.CompatObject => StreamEvent.FromData(StreamEventKind.Filler, error).Bytes,
            QwenErrorFrame.Flat => StreamEvent.FromData(StreamEventKind.Filler, flat).Bytes,
            QwenErrorFrame.NativeEvent => Frame(
                string.Create(CultureInfo.InvariantCulture, $"id:1\nevent:error\n:HTTP_STATUS/{status}\ndata:"),
                flat
            ),
            QwenErrorFrame.ErrorEvent => Frame("event: error\ndata: ", error),
            QwenErrorFrame.ErrorObject => StreamEvent
                .FromData(StreamEventKind.Filler, ErrorBodies.TopLevel(code, message, type))
                .Bytes,
            _ => new ChunkWriter(envelope).ErrorFinish(Encoding.UTF8.GetString(error.Span)).Bytes,
        };
    }

    private static ReadOnlyMemory<byte> Frame(string head, ReadOnlyMemory<byte> data) =>
        (byte[])[.. Encoding.UTF8.GetBytes(head), .. data.Span, .. "\n\n"u8];
}
