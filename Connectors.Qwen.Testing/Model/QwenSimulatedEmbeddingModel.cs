namespace Connectors.Qwen.Testing;

/// <summary>A model for embeddings that the simulator knows. Immutable.</summary>
/// <remarks>The defaults of the properties are those of <c>text-embedding-v4</c>, as the vendor documents it (2026).</remarks>
public sealed class QwenSimulatedEmbeddingModel
{
    /// <summary>Gets the id that requests name, compared ordinally.</summary>
    public required string Id { get; init; }

    /// <summary>Gets how many texts one request may hold.</summary>
    /// <value>The default is 10.</value>
    public int MaxTexts { get; init; } = 10;

    /// <summary>Gets how many tokens one text may have; the simulator takes four UTF-16 characters for one.</summary>
    /// <value>The default is 8192.</value>
    public int MaxTokens { get; init; } = 8192;

    /// <summary>Gets how long the vectors are when <c>dimensions</c> is absent.</summary>
    /// <value>The default is 1024.</value>
    public int DefaultDimensions { get; init; } = 1024;

    /// <summary>Gets what <c>dimensions</c> may be.</summary>
    /// <value>The default is 64, 128, 256, 512, 768, 1024, 1536 and 2048. Empty when the model does not take the parameter.</value>
    public IReadOnlyList<int> Dimensions { get; init; } = [64, 128, 256, 512, 768, 1024, 1536, 2048];

    internal bool IsPossible =>
        !string.IsNullOrEmpty(Id)
        && MaxTexts > 0
        && MaxTokens > 0
        && DefaultDimensions > 0
        && Dimensions.All(static length => length > 0);

    internal static List<QwenSimulatedEmbeddingModel> CreateDefaults() =>
        [
            new() { Id = "text-embedding-v4" },
            new() { Id = "text-embedding-v3", Dimensions = [64, 128, 256, 512, 768, 1024] },
            Old("text-embedding-v2"),
            Old("text-embedding-v1"),
            new()
            {
                Id = "qwen3.7-text-embedding",
                MaxTexts = 20,
                MaxTokens = 128_000,
                Dimensions = [256, 512, 768, 1024, 1536, 2048, 2560],
            },
        ];

    private static QwenSimulatedEmbeddingModel Old(string id) =>
        new()
        {
            Id = id,
            MaxTexts = 25,
            MaxTokens = 2048,
            DefaultDimensions = 1536,
            Dimensions = [],
        };
}
