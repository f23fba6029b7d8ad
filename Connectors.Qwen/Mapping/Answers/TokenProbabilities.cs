using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>The log probabilities of one streamed answer. When updates are put together the last ones stand: those must be all of them.</summary>
internal sealed class TokenProbabilities
{
    private ArrayBufferWriter<byte>? _tokens;

    /// <summary>Adds those of one chunk.</summary>
    /// <returns>Whether there are any.</returns>
    public bool Add(JsonElement? logprobs)
    {
        if (
            logprobs is not { ValueKind: JsonValueKind.Object } piece
            || !piece.TryGetProperty("content", out var tokens)
            || tokens.ValueKind != JsonValueKind.Array
        )
        {
            return false;
        }

        foreach (var token in tokens.EnumerateArray())
        {
            // As it came: a token may be half of a character, which no writer takes.
            (_tokens ??= new()).Write(_tokens.WrittenCount == 0 ? "{\"content\":["u8 : ","u8);
            _tokens.Write(JsonMarshal.GetRawUtf8Value(token));
        }

        return true;
    }

    /// <summary>All of them in the service's form, as properties of a message; null when there are none.</summary>
    public AdditionalPropertiesDictionary? All()
    {
        if (_tokens is null)
        {
            return null;
        }

        _tokens.Write("]}"u8);
        var reader = new Utf8JsonReader(_tokens.WrittenSpan);
        return Properties(JsonElement.ParseValue(ref reader));
    }

    public static AdditionalPropertiesDictionary Properties(JsonElement logprobs)
    {
        return new AdditionalPropertiesDictionary { [QwenResponseProperties.Logprobs] = logprobs };
    }
}
