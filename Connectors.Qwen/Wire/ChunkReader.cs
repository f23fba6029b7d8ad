using System.Text.Json;

namespace Connectors.Qwen.Wire;

/// <summary>
/// Reads one event of a stream. A forward-only walk takes the text out of the frequent delta without building anything
/// else; whatever it does not know in full goes through the ordinary deserializer. The order of members is never assumed:
/// the service varies it within one stream.
/// </summary>
internal static class ChunkReader
{
    /// <summary>Reads the data of one event.</summary>
    /// <param name="eventType">The event's name; <c>error</c> announces an error.</param>
    /// <param name="data">The event's data: JSON in UTF-8, or <c>[DONE]</c>.</param>
    /// <param name="whole">Asks for the whole chunk even when it is a plain delta: the first one carries the ids.</param>
    /// <param name="keepRaw">Asks for all its JSON, too.</param>
    /// <exception cref="JsonException">The data is not JSON.</exception>
    public static StreamChunk Read(string eventType, ReadOnlySpan<byte> data, bool whole, bool keepRaw = false)
    {
        data = data.Trim(" \t\r\n"u8);
        if (data.SequenceEqual("[DONE]"u8))
        {
            return StreamChunk.Done;
        }

        if (data.IsEmpty)
        {
            return default;
        }

        try
        {
            return !whole && !keepRaw && eventType != "error" && TryReadDelta(data, out var chunk)
                ? chunk
                : ReadRare(eventType, data, keepRaw);
        }
        catch (InvalidOperationException e)
        {
            // How the BCL says that the name of a member is no text: half of a surrogate pair, or not UTF-8.
            throw new JsonException("An event of the stream holds a name that is not text.", e);
        }
    }

    private static StreamChunk ReadRare(string eventType, ReadOnlySpan<byte> data, bool keepRaw)
    {
        var reader = new Utf8JsonReader(data);
        using var document = JsonDocument.ParseValue(ref reader);
        if (reader.Read())
        {
            throw new JsonException("An event of the stream holds more than one JSON value.");
        }

        if (WireError.From(document.RootElement) is { } error)
        {
            return StreamChunk.From(error);
        }

        if (eventType == "error")
        {
            return StreamChunk.From(
                new WireError(null, null, "The stream reported an error without a message.", null, null)
            );
        }

        var answer = document.RootElement.Deserialize(QwenJsonContext.Wire.WireAnswer);
        if (answer is null)
        {
            throw new JsonException("A chunk of the stream is JSON null.");
        }

        answer.Raw = keepRaw ? document.RootElement.Clone() : null;
        return StreamChunk.From(answer);
    }

    private static bool TryReadDelta(ReadOnlySpan<byte> data, out StreamChunk chunk)
    {
        chunk = default;
        string? content = null;
        string? reasoning = null;
        var sawChoice = false;

        var reader = new Utf8JsonReader(data);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("choices"u8))
            {
                if (sawChoice || !TryReadChoices(ref reader, ref content, ref reasoning))
                {
                    return false;
                }

                sawChoice = true;
            }
            else if (reader.ValueTextEquals("usage"u8) || reader.ValueTextEquals("error"u8))
            {
                if (!ReadsNull(ref reader))
                {
                    return false;
                }
            }
            else
            {
                reader.Skip();
            }
        }

        // A read past the end proves that nothing follows the object.
        if (!sawChoice || reader.TokenType != JsonTokenType.EndObject || reader.Read())
        {
            return false;
        }

        chunk = StreamChunk.Delta(content, reasoning);
        return true;
    }

    private static bool TryReadChoices(ref Utf8JsonReader reader, ref string? content, ref string? reasoning)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return false;
        }

        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        var sawDelta = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("delta"u8))
            {
                if (sawDelta || !TryReadDeltaObject(ref reader, ref content, ref reasoning))
                {
                    return false;
                }

                sawDelta = true;
            }
            else if (
                reader.ValueTextEquals("finish_reason"u8)
                || reader.ValueTextEquals("logprobs"u8)
                || reader.ValueTextEquals("message"u8)
            )
            {
                if (!ReadsNull(ref reader))
                {
                    return false;
                }
            }
            else if (reader.ValueTextEquals("index"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var index) || index != 0)
                {
                    return false;
                }
            }
            else
            {
                reader.Skip();
            }
        }

        reader.Read();
        return reader.TokenType == JsonTokenType.EndArray;
    }

    private static bool TryReadDeltaObject(ref Utf8JsonReader reader, ref string? content, ref string? reasoning)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("content"u8))
            {
                if (!TryReadText(ref reader, ref content))
                {
                    return false;
                }
            }
            else if (reader.ValueTextEquals("reasoning_content"u8))
            {
                if (!TryReadText(ref reader, ref reasoning))
                {
                    return false;
                }
            }
            else if (reader.ValueTextEquals("role"u8))
            {
                reader.Skip();
            }
            else if (!ReadsNull(ref reader))
            {
                return false;
            }
        }

        return reader.TokenType == JsonTokenType.EndObject;
    }

    private static bool TryReadText(ref Utf8JsonReader reader, ref string? text)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                text = null;
                return true;
            case JsonTokenType.String:
                text = reader.HasValueSequence || reader.ValueSpan.Length > 0 ? LenientString.Read(ref reader) : null;
                return true;
            default:
                return false;
        }
    }

    private static bool ReadsNull(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Null;
    }
}
