using System.Text.Json;
using Connectors.Qwen.Testing.Json;

namespace Connectors.Qwen.Testing.Wire;

/// <summary>The shapes in which the service reports errors.</summary>
internal static class ErrorBodies
{
    /// <summary>The shape of the OpenAI-compatible endpoints.</summary>
    public static ReadOnlyMemory<byte> Compatible(
        string requestId,
        string? code,
        string message,
        string? type,
        bool hasId = true
    ) =>
        JsonWrite.ToUtf8(writer =>
        {
            writer.WriteStartObject();
            WriteError(writer, code, message, type, hasParameter: true);
            if (hasId)
            {
                writer.WriteText("id", "chatcmpl-" + requestId);
            }

            writer.WriteText("request_id", requestId);
            writer.WriteEndObject();
        });

    /// <summary>The flat shape of the native endpoints.</summary>
    public static ReadOnlyMemory<byte> Native(string requestId, string code, string message) =>
        JsonWrite.ToUtf8(writer =>
        {
            writer.WriteStartObject();
            writer.WriteText("code", code);
            writer.WriteText("message", message);
            writer.WriteText("request_id", requestId);
            writer.WriteEndObject();
        });

    /// <summary>The bare <c>{"error":{...}}</c> seen inside streams.</summary>
    public static ReadOnlyMemory<byte> InStream(string code, string message, string type) =>
        JsonWrite.ToUtf8(writer =>
        {
            writer.WriteStartObject();
            WriteError(writer, code, message, type, hasParameter: false);
            writer.WriteEndObject();
        });

    /// <summary>The error object without an envelope.</summary>
    public static ReadOnlyMemory<byte> TopLevel(string code, string message, string type) =>
        JsonWrite.ToUtf8(writer =>
        {
            writer.WriteStartObject();
            writer.WriteText("object", "error");
            writer.WriteText("message", message);
            writer.WriteText("type", type);
            writer.WriteNull("param");
            writer.WriteText("code", code);
            writer.WriteEndObject();
        });

    /// <summary>The shape of an OAuth token endpoint (RFC 6749, section 5.2).</summary>
    public static ReadOnlyMemory<byte> OAuth(string error, string? description) =>
        JsonWrite.ToUtf8(writer =>
        {
            writer.WriteStartObject();
            writer.WriteText("error", error);
            if (description is not null)
            {
                writer.WriteText("error_description", description);
            }

            writer.WriteEndObject();
        });

    /// <summary>The type that goes with a status when none is given.</summary>
    public static string DefaultType(int status, string code) =>
        status switch
        {
            429 => code,
            >= 500 => "internal_error",
            _ => "invalid_request_error",
        };

    private static void WriteError(Utf8JsonWriter writer, string? code, string message, string? type, bool hasParameter)
    {
        writer.WriteStartObject("error");
        writer.WriteText("message", message);
        writer.WriteText("type", type);
        if (hasParameter)
        {
            writer.WriteNull("param");
        }

        writer.WriteText("code", code);
        writer.WriteEndObject();
    }
}
