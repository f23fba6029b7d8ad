namespace Connectors.Qwen.Mapping;

/// <summary>
/// The families of models that the vendor documents to go on with an answer (Model Studio, "Partial mode", 2026-10): all without thinking.
/// </summary>
internal static class ContinuationFamilies
{
    private static readonly string[] Families =
    [
        "qwen3.7-max",
        "qwen3.6-max",
        "qwen3-max",
        "qwen-max",
        "qwen3.7-plus",
        "qwen3.6-plus",
        "qwen3.5-plus",
        "qwen-plus",
        "qwen3.7-flash",
        "qwen3.6-flash",
        "qwen3.5-flash",
        "qwen-flash",
        "qwen3-coder",
        "qwen2.5-coder",
        "qwen-turbo",
        "qwen-vl",
        "qwen2-vl",
        "qwen2.5-vl",
        "qwen3-vl",
        // Not in the list, but measured.
        "qwen3.8-max",
    ];

    // Variants that bear a family's name and are something else: they always think, or play a part.
    private static readonly string[] Others = ["thinking", "character", "ocr", "realtime"];

    /// <summary>Whether the model is one of them, or a snapshot of one.</summary>
    public static bool Contains(string model)
    {
        return Array.Exists(Families, family => IsOf(model, family))
            && !Array.Exists(Others, other => model.Contains(other, StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsOf(string model, string family)
    {
        return model.StartsWith(family, StringComparison.OrdinalIgnoreCase)
            && (model.Length == family.Length || model[family.Length] == '-');
    }
}
