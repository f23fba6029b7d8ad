using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Connectors.Qwen.Wire;

/// <summary>The known-safe fields of an error body, whatever its shape.</summary>
internal sealed record WireError(string? Code, string? Type, string? Message, string? Parameter, string? RequestId)
{
    /// <summary>The status that an error inside a stream has, where the event says it; that of the response was 200.</summary>
    public int? EventStatus { get; init; }

    /// <summary>
    /// Reads every shape the service and the gateways in front of it have been seen to send: the compatible
    /// <c>{"error":{...}}</c>, the native <c>{"code","message","request_id"}</c>, <c>{"object":"error",...}</c>,
    /// <c>{"error":"text"}</c>. Null when the JSON is none of them.
    /// </summary>
    public static WireError? From(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (root.TryGetProperty("error", out var error) && error.ValueKind != JsonValueKind.Null)
        {
            return error.ValueKind switch
            {
                JsonValueKind.Object => Read(error, Text(root, "request_id") ?? Text(error, "request_id", "id")),
                JsonValueKind.String => new WireError(
                    null,
                    null,
                    Text(root, "error_description") ?? LenientString.Read(error),
                    null,
                    Text(root, "request_id")
                ),
                // Whatever else stands there, it is not an answer.
                _ => new WireError(null, null, null, null, Text(root, "request_id")),
            };
        }

        var looksLikeError =
            Text(root, "object") == "error"
            || (root.TryGetProperty("code", out _) && Text(root, "message") is not null);
        return looksLikeError && !root.TryGetProperty("choices", out _) ? Read(root, Text(root, "request_id")) : null;
    }

    /// <summary>
    /// The error that an answer is: some backends write its JSON as the text of a choice that ends with <c>error_finish</c>.
    /// Null when it is an answer.
    /// </summary>
    public static WireError? From(WireAnswer? answer)
    {
        if (answer?.Choices is not [{ FinishReason: "error_finish" } choice, ..])
        {
            return null;
        }

        var text = (choice.Delta ?? choice.Message)?.Content;
        return (text is null ? null : Parse(Encoding.UTF8.GetBytes(text)))
            ?? new WireError(null, null, "The service ended the answer with an error (error_finish).", null, null);
    }

    /// <summary>Reads an error from UTF-8 JSON; null when it is not JSON or not an error.</summary>
    public static WireError? Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            return From(document.RootElement);
        }
        // An InvalidOperationException: a member's name that is not text.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static WireError Read(JsonElement error, string? requestId)
    {
        return new WireError(
            Text(error, "code"),
            Text(error, "type"),
            Text(error, "message"),
            Text(error, "param"),
            requestId
        );
    }

    // Codes come as strings, as numbers and as null, so every field is read as text.
    private static string? Text(JsonElement parent, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (!parent.TryGetProperty(name, out var value))
            {
                continue;
            }

            var text = value.ValueKind switch
            {
                JsonValueKind.String => LenientString.Read(value),
                JsonValueKind.Number => value.TryGetInt64(out var number)
                    ? number.ToString(CultureInfo.InvariantCulture)
                    : value.GetRawText(),
                _ => null,
            };
            if (!string.IsNullOrEmpty(text))
            {
                return text;
            }
        }

        return null;
    }
}
