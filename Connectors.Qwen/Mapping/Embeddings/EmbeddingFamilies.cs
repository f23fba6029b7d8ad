namespace Connectors.Qwen.Mapping;

/// <summary>What is documented of a model for embeddings.</summary>
/// <param name="MaxTexts">How many texts one request may hold.</param>
/// <param name="Dimensions">How long the vectors are unless asked otherwise; null when it is not known.</param>
internal readonly record struct EmbeddingFamily(int MaxTexts, int? Dimensions);

/// <summary>
/// The families of models for embeddings, from the vendor's page "Text embedding synchronous API" (2026). What a server refuses
/// is learned from its answer; this list only saves that request.
/// </summary>
internal static class EmbeddingFamilies
{
    // The smallest of the documented limits: right for every model, at the cost of more requests.
    private static readonly EmbeddingFamily Unknown = new(10, null);

    private static readonly (string Name, EmbeddingFamily Family)[] Known =
    [
        ("qwen3.7-text-embedding", new(20, 1024)),
        ("text-embedding-v4", new(10, 1024)),
        ("text-embedding-v3", new(10, 1024)),
        ("text-embedding-v2", new(25, 1536)),
        ("text-embedding-v1", new(25, 1536)),
    ];

    /// <summary>What is known of a model; a snapshot (<c>name-date</c>) is of its family.</summary>
    public static EmbeddingFamily Of(string model)
    {
        foreach (var (name, family) in Known)
        {
            var isOf =
                model.StartsWith(name, StringComparison.OrdinalIgnoreCase)
                && (model.Length == name.Length || model[name.Length] == '-');
            if (isOf)
            {
                return family;
            }
        }

        return Unknown;
    }
}
