using System.Text.Json;
using Connectors.Qwen.Testing.Json;

namespace Connectors.Qwen.Testing.Embeddings;

/// <summary>What a request for embeddings asks for. Lenient: what is of the wrong type is absent.</summary>
internal sealed class EmbeddingInput(JsonElement body, IReadOnlyDictionary<string, QwenSimulatedEmbeddingModel> models)
{
    private static readonly QwenSimulatedEmbeddingModel Ordinary = new() { Id = "" };

    public bool IsModelKnown { get; } = models.ContainsKey(body.Text("model") ?? "");

    public QwenSimulatedEmbeddingModel Model { get; } = models.GetValueOrDefault(body.Text("model") ?? "", Ordinary);

    /// <summary>Gets the texts: <c>input</c> is one or a list of them.</summary>
    public IReadOnlyList<string> Texts { get; } =
        body.Text("input") is { } one
            ? [one]
            : [.. body.Member("input").Items().Where(IsText).Select(static item => item.PlainText())];

    /// <summary>Gets a value indicating whether <c>input</c> is something else.</summary>
    public bool IsMalformed { get; } =
        !IsText(body.Member("input"))
        && (body.Member("input").ValueKind != JsonValueKind.Array || !body.Member("input").Items().All(IsText));

    public bool NamesDimensions { get; } = body.Member("dimensions").IsPresent();

    public double? Dimensions { get; } = body.Number("dimensions");

    /// <summary>Gets how long the vectors are.</summary>
    public int Length => Dimensions is >= 1 and <= 100_000 ? (int)Dimensions : Model.DefaultDimensions;

    private static bool IsText(JsonElement item) => item.ValueKind == JsonValueKind.String;
}
