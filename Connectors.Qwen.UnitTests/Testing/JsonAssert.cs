using System.Text.Json;
using System.Text.Json.Nodes;

namespace Connectors.Qwen.UnitTests.Testing;

/// <summary>Compares JSON as JSON: neither the order of members nor white space matters; a member twice is an error.</summary>
internal static class JsonAssert
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public static void Equal(string expected, string actual)
    {
        var same = JsonNode.DeepEquals(
            JsonNode.Parse(expected, documentOptions: Strict),
            JsonNode.Parse(actual, documentOptions: Strict)
        );
        Assert.True(same, $"Expected: {expected}\nActual:   {actual}");
    }

    public static JsonElement Element(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
