using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Connectors.Qwen.Wire;

/// <summary>
/// Reads JSON strings that hold half of a surrogate pair, or bytes that are not UTF-8. A stream may cut an escaped emoji between
/// two chunks, and gateways write errors in the encoding of their country; the BCL refuses such a string with an exception, and
/// the rest of the answer would be lost with it. The halves are kept as they are, so that the mapping can put them together;
/// bytes that are no text become the replacement character.
/// </summary>
internal static class LenientString
{
    public static string? Read(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException) when (reader.TokenType == JsonTokenType.String)
        {
            var raw = reader.HasValueSequence
                ? System.Buffers.BuffersExtensions.ToArray(reader.ValueSequence)
                : reader.ValueSpan;
            return Unescape(raw);
        }
    }

    public static string? Read(JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException) when (element.ValueKind == JsonValueKind.String)
        {
            // GetRawText refuses what is not UTF-8, too.
            return Unescape(JsonMarshal.GetRawUtf8Value(element)[1..^1]);
        }
    }

    // The reader has already proved that every escape is well formed.
    private static string Unescape(ReadOnlySpan<byte> utf8)
    {
        var escaped = Encoding.UTF8.GetString(utf8);
        var text = new StringBuilder(escaped.Length);
        for (var i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != '\\')
            {
                text.Append(escaped[i]);
                continue;
            }

            var kind = escaped[++i];
            if (kind == 'u')
            {
                text.Append(
                    (char)
                        ushort.Parse(
                            escaped.AsSpan(i + 1, 4),
                            NumberStyles.AllowHexSpecifier,
                            CultureInfo.InvariantCulture
                        )
                );
                i += 4;
            }
            else
            {
                text.Append(
                    kind switch
                    {
                        'b' => '\b',
                        'f' => '\f',
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        _ => kind,
                    }
                );
            }
        }

        return text.ToString();
    }
}
