using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Connectors.Qwen.Wire;

/// <summary>
/// A vector: a list of numbers, or base64 of little-endian floats, which compatible servers send for
/// <c>encoding_format: "base64"</c>.
/// </summary>
internal sealed class VectorConverter : JsonConverter<float[]>
{
    private const int UsualLength = 1024;

    public override float[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        return reader.TokenType switch
        {
            JsonTokenType.StartArray => ReadNumbers(ref reader),
            JsonTokenType.String => ReadBase64(ref reader),
            _ => throw new JsonException("An embedding is neither a list of numbers nor base64."),
        };
    }

    public override void Write(Utf8JsonWriter writer, float[] value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var number in value)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }

    private static float[] ReadNumbers(ref Utf8JsonReader reader)
    {
        var vector = new float[UsualLength];
        var length = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            // A number beyond the range of a float is read as infinite, which no search can use.
            if (
                reader.TokenType != JsonTokenType.Number
                || !reader.TryGetSingle(out var number)
                || !float.IsFinite(number)
            )
            {
                throw new JsonException($"Element {length} of an embedding is not a finite number.");
            }

            if (length == vector.Length)
            {
                Array.Resize(ref vector, length * 2);
            }

            vector[length++] = number;
        }

        return length == vector.Length ? vector : vector[..length];
    }

    private static float[] ReadBase64(ref Utf8JsonReader reader)
    {
        if (!reader.TryGetBytesFromBase64(out var bytes) || bytes.Length % sizeof(float) != 0)
        {
            throw new JsonException("An embedding is text, but not base64 of floats.");
        }

        var vector = new float[bytes.Length / sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
            if (!float.IsFinite(vector[i]))
            {
                throw new JsonException($"Element {i} of an embedding is not a finite number.");
            }
        }

        return vector;
    }
}
