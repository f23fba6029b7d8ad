using System.Text.Json;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>
/// The sound of one spoken answer. A stream brings it in pieces of base64 that need not end where a group of four characters
/// does; put together, what is handed out is one recording.
/// </summary>
internal sealed class SpokenAnswer
{
    // The error code under which it is told.
    private const string Unreadable = "Audio";

    private string? _mediaType;
    private string _rest = "";

    /// <summary>Whether no sound has come.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>Whether a content only says that sound could not be read.</summary>
    public static bool IsUnreadable(AIContent content)
    {
        return content is ErrorContent { ErrorCode: Unreadable };
    }

    /// <summary>The words of a piece; null when there are none.</summary>
    public static string? Transcript(JsonElement? audio)
    {
        return Text(audio, "transcript");
    }

    /// <summary>The sound of a piece; null when there is none, or too little to be read yet.</summary>
    public AIContent? Add(JsonElement? audio)
    {
        var piece = audio is { ValueKind: JsonValueKind.String } bare ? LenientString.Read(bare) : Text(audio, "data");
        // White space belongs to no group.
        var text = _rest + string.Concat((piece ?? "").Where(static letter => !char.IsWhiteSpace(letter)));
        IsEmpty &= text.Length == 0;
        var length = text.Length / 4 * 4;
        _rest = text[length..];
        return ToContent(text.AsSpan(0, length));
    }

    /// <summary>What is left when nothing more comes; null when nothing is.</summary>
    public AIContent? Finish()
    {
        // Some encoders leave the filling out.
        var text = _rest.PadRight((_rest.Length + 3) / 4 * 4, '=');
        _rest = "";
        return ToContent(text);
    }

    private AIContent? ToContent(ReadOnlySpan<char> base64)
    {
        if (base64.IsEmpty)
        {
            return null;
        }

        var data = new byte[base64.Length / 4 * 3];
        var length = 0;
        while (!base64.IsEmpty)
        {
            // What an encoder has filled up ends there, and more may follow.
            var filled = base64.IndexOf('=');
            var end = filled < 0 ? base64.Length : (filled / 4 + 1) * 4;
            if (!Convert.TryFromBase64Chars(base64[..end], data.AsSpan(length), out var written))
            {
                // The words are worth more than the sound: they are not given up for it.
                return new ErrorContent("A piece of the answer's sound is not base64.") { ErrorCode = Unreadable };
            }

            length += written;
            base64 = base64[end..];
        }

        _mediaType ??= MediaType(data.AsSpan(0, length));
        return new DataContent(data.AsMemory(0, length), _mediaType);
    }

    // The format of the request is not what comes: the vendor's own sample takes "wav" for bare samples (24 kHz, 16 bits, one channel).
    private static string MediaType(ReadOnlySpan<byte> data)
    {
        // Three bytes may be all that the first piece holds.
        return data.StartsWith("RIF"u8) ? "audio/wav"
            : data.StartsWith("ID3"u8) || IsMp3Frame(data) ? "audio/mpeg"
            : "audio/pcm";
    }

    // The header of a frame of layer III with a bit rate and a sample rate: bare samples seldom look so.
    private static bool IsMp3Frame(ReadOnlySpan<byte> data)
    {
        return data is [0xFF, var version, var rates, ..]
            && (version & 0xE6) == 0xE2
            && rates >> 4 is > 0 and < 15
            && (rates & 0x0C) != 0x0C;
    }

    private static string? Text(JsonElement? audio, string name)
    {
        return
            audio is { ValueKind: JsonValueKind.Object } piece
            && piece.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String
            ? LenientString.Read(value)
            : null;
    }
}
