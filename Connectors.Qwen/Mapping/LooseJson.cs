using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Connectors.Qwen.Mapping;

/// <summary>Turns the loosely typed values that callers put into dictionaries into JSON, without reflection.</summary>
internal static class LooseJson
{
    /// <exception cref="ArgumentException">The value is of a type whose JSON form is unknown.</exception>
    public static JsonElement ToElement(object value, string name)
    {
        if (value is JsonElement element)
        {
            return element;
        }

        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, value, name);
        }

        var reader = new Utf8JsonReader(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }

    private static void Write(Utf8JsonWriter writer, object? value, string name)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            // Semantic Kernel reads all numbers of a settings file as double; 5.0 must stay an integer for the service.
            case double number when number == Math.Truncate(number) && Math.Abs(number) < 1L << 53:
                writer.WriteNumberValue((long)number);
                break;
            case double number:
                writer.WriteNumberValue(number);
                break;
            case float number:
                writer.WriteNumberValue(number);
                break;
            case decimal number:
                writer.WriteNumberValue(number);
                break;
            case ulong number:
                writer.WriteNumberValue(number);
                break;
            case long or int or short or sbyte or uint or ushort or byte:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case JsonElement element:
                element.WriteTo(writer);
                break;
            case JsonNode node:
                node.WriteTo(writer);
                break;
            case IDictionary map:
                writer.WriteStartObject();
                foreach (DictionaryEntry entry in map)
                {
                    writer.WritePropertyName(
                        entry.Key as string
                            ?? throw new ArgumentException(
                                $"A dictionary in AdditionalProperties[\"{name}\"] has keys that are not text.",
                                nameof(value)
                            )
                    );
                    Write(writer, entry.Value, name);
                }

                writer.WriteEndObject();
                break;
            case IEnumerable<KeyValuePair<string, object?>> map:
                writer.WriteStartObject();
                foreach (var (key, item) in map)
                {
                    writer.WritePropertyName(key);
                    Write(writer, item, name);
                }

                writer.WriteEndObject();
                break;
            case IEnumerable items:
                writer.WriteStartArray();
                foreach (var item in items)
                {
                    Write(writer, item, name);
                }

                writer.WriteEndArray();
                break;
            default:
                throw new ArgumentException(
                    $"AdditionalProperties[\"{name}\"] is a {value.GetType().Name}. "
                        + "Use a string, number, boolean, JsonElement, JsonNode, or a list or dictionary of those.",
                    nameof(value)
                );
        }
    }
}
