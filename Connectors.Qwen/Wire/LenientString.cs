using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Connectors.Qwen.Wire;

/// <summary>
/// Reads JSON strings that hold half of a surrogate pair. A stream may cut an escaped emoji between two chunks; the BCL
/// refuses such a string with an exception, and the rest of the answer would be lost with it. The halves are kept as
/// they are, so that the concatenated text is whole again.
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
            return Unescape(Encoding.UTF8.GetString(raw));
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
            return Unescape(element.GetRawText()[1..^1]);
        }
    }

    // The reader has already proved that every escape is well formed.
    private static string Unescape(string escaped)
    {
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
