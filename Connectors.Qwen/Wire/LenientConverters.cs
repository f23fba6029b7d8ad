using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Connectors.Qwen.Wire;

/// <summary>Text that routes also send as a number, or as a JSON object (arguments of functions): then its JSON is the text.</summary>
internal sealed class LenientTextConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return LenientString.Read(ref reader);
        }

        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.GetRawText();
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
    {
        writer.WriteStringValue(value);
    }
}

/// <summary>Content of an answer: text, or on some routes a list of parts whose texts are put together.</summary>
internal sealed class ContentTextConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return LenientString.Read(ref reader);
        }

        using var document = JsonDocument.ParseValue(ref reader);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            throw new JsonException("The content of an answer is neither text nor a list of parts.");
        }

        var text = new StringBuilder();
        foreach (var part in document.RootElement.EnumerateArray())
        {
            var piece = part;
            if (part.ValueKind == JsonValueKind.Object && !part.TryGetProperty("text", out piece))
            {
                continue;
            }

            text.Append(piece.ValueKind == JsonValueKind.String ? LenientString.Read(piece) : null);
        }

        return text.ToString();
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
    {
        writer.WriteStringValue(value);
    }
}

/// <summary>Whole numbers that gateways also send as 16.0 or as text. What is no number at all is left out: it is bookkeeping.</summary>
internal sealed class LenientNumberConverter : JsonConverter<long?>
{
    public override long? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Number when reader.TryGetInt64(out var whole):
                return whole;
            case JsonTokenType.Number when reader.TryGetDouble(out var number) && Math.Abs(number) < 1L << 53:
                return (long)number;
            case JsonTokenType.String:
                return long.TryParse(
                    reader.GetString(),
                    NumberStyles.Integer,
                    CultureInfo.InvariantCulture,
                    out var parsed
                )
                    ? parsed
                    : null;
            default:
                reader.Skip();
                return null;
        }
    }

    public override void Write(Utf8JsonWriter writer, long? value, JsonSerializerOptions options)
    {
        if (value is { } number)
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
