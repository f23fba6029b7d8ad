using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Connectors.Qwen.Wire;

/// <summary>All JSON of the library goes through here: no reflection, safe for trimming and native compilation.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(QwenChatRequest))]
[JsonSerializable(typeof(QwenEmbeddingRequest))]
[JsonSerializable(typeof(WireAnswer))]
[JsonSerializable(typeof(WireEmbeddings))]
[JsonSerializable(typeof(WireResponseFormat))]
[JsonSerializable(typeof(IList<WireContentPart>))]
[JsonSerializable(typeof(Dictionary<string, object?>))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class QwenJsonContext : JsonSerializerContext
{
    /// <summary>The context with an encoder that leaves Chinese as it is: escaped, each character would cost six bytes.</summary>
    public static QwenJsonContext Wire { get; } =
        new(
            new JsonSerializerOptions
            {
                DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            }
        );
}
