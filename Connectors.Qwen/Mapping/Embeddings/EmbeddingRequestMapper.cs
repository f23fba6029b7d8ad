using System.Text.Json;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>
/// Makes the parameters of a call for embeddings. Precedence: what the caller set on a raw <see cref="QwenEmbeddingRequest"/>,
/// then the portable options, then additional properties by name, then the defaults. The caller's objects are never changed.
/// </summary>
internal static class EmbeddingRequestMapper
{
    /// <summary>The texts of a call, as they are now.</summary>
    /// <exception cref="ArgumentException">A text is null or empty.</exception>
    public static string[] Texts(IEnumerable<string> values)
    {
        string[] texts = [.. values];
        for (var i = 0; i < texts.Length; i++)
        {
            if (string.IsNullOrEmpty(texts[i]))
            {
                var what = texts[i] is null ? "null" : "empty";
                throw new ArgumentException(
                    $"Text {i} of {texts.Length} is {what} (counted from 0): there is nothing to embed. Leave it out.",
                    nameof(values)
                );
            }
        }

        return texts;
    }

    /// <summary>The request without its texts.</summary>
    public static QwenEmbeddingRequest Parameters(
        EmbeddingGenerationOptions? options,
        string defaultModel,
        int? defaultDimensions,
        IEmbeddingGenerator generator
    )
    {
        var request = options?.RawRepresentationFactory?.Invoke(generator) is QwenEmbeddingRequest raw
            ? raw.Copy()
            : new QwenEmbeddingRequest();
        // Two members of one name in one object would be anybody's guess.
        var extra = request.AdditionalProperties;
        request.AdditionalProperties = null;
        Fill(request, extra);
        request.Model ??= options?.ModelId;
        request.Dimensions ??= options?.Dimensions;
        Fill(request, NamedProperties.Extra(options?.AdditionalProperties, []));
        request.Model ??= defaultModel;
        request.Dimensions ??= defaultDimensions;
        return request.Dimensions is null or > 0
            ? request
            : throw new ArgumentOutOfRangeException(
                nameof(options),
                request.Dimensions,
                "Dimensions must be more than zero, or null for the model's own."
            );
    }

    private static void Fill(QwenEmbeddingRequest request, IDictionary<string, JsonElement>? properties)
    {
        foreach (var (name, value) in properties ?? new Dictionary<string, JsonElement>())
        {
            switch (name)
            {
                case "input":
                    throw new ArgumentException(
                        "'input' cannot be set through AdditionalProperties: it is made from the texts of the call.",
                        nameof(properties)
                    );
                case "model":
                    request.Model ??= Text(name, value);
                    break;
                case "dimensions":
                    request.Dimensions ??= Whole(name, value);
                    break;
                case "encoding_format":
                    request.EncodingFormat ??= Text(name, value);
                    break;
                case "text_type":
                    request.TextType ??= Text(name, value);
                    break;
                case "instruct":
                    request.Instruct ??= Text(name, value);
                    break;
                default:
                    request.AdditionalProperties ??= new Dictionary<string, JsonElement>();
                    request.AdditionalProperties.TryAdd(name, value);
                    break;
            }
        }
    }

    private static int Whole(string name, JsonElement value)
    {
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : throw WrongType(name, value, "a whole number");
    }

    private static string? Text(string name, JsonElement value)
    {
        return value.ValueKind == JsonValueKind.String
            ? LenientString.Read(value)
            : throw WrongType(name, value, "text");
    }

    private static ArgumentException WrongType(string name, JsonElement value, string expected)
    {
        return new ArgumentException(
            $"AdditionalProperties[\"{name}\"] is a JSON {value.ValueKind}; the parameter is {expected}.",
            nameof(value)
        );
    }
}
