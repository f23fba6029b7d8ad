using System.Text.Json;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>The pages that a search of the service found (<c>search_info.search_results</c>).</summary>
internal static class Citations
{
    /// <summary>One for each page that has an address or a title; null when there is none.</summary>
    public static List<AIAnnotation>? Of(JsonElement? searchInfo)
    {
        if (
            searchInfo is not { ValueKind: JsonValueKind.Object } info
            || !info.TryGetProperty("search_results", out var results)
            || results.ValueKind != JsonValueKind.Array
        )
        {
            return null;
        }

        List<AIAnnotation>? citations = null;
        foreach (var result in results.EnumerateArray())
        {
            var title = Text(result, "title");
            _ = Uri.TryCreate(Text(result, "url"), UriKind.Absolute, out var url);
            if (title is not null || url is not null)
            {
                (citations ??= []).Add(
                    new CitationAnnotation
                    {
                        Title = title,
                        Url = url,
                        Snippet = Text(result, "snippet"),
                        ToolName = "web_search",
                        RawRepresentation = result,
                    }
                );
            }
        }

        return citations;
    }

    private static string? Text(JsonElement result, string name)
    {
        return
            result.ValueKind == JsonValueKind.Object
            && result.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String
            ? LenientString.Read(value)
            : null;
    }
}
