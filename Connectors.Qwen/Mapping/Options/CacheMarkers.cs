using System.Text.Json;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>
/// The service's explicit prompt cache keeps what stands before a marker, the tools included: one tool in another place, and nothing
/// is found again. So where a request has a marker its tools are sent in the order of their names.
/// </summary>
internal static class CacheMarkers
{
    /// <summary>The name of the marker.</summary>
    public const string Name = "cache_control";

    /// <summary>The marker of a content as members of its part; null when it has none.</summary>
    public static Dictionary<string, JsonElement>? Of(AIContent content)
    {
        return content.AdditionalProperties?.GetValueOrDefault(Name) is { } marker
            ? new() { [Name] = LooseJson.ToElement(marker, Name) }
            : null;
    }

    public static void Order(QwenChatRequest request)
    {
        if (request.Tools is not { Count: > 0 } tools)
        {
            return;
        }

        JsonElement? ofTools = null;
        foreach (var tool in tools)
        {
            ofTools ??= tool.CacheControl;
        }

        if (ofTools is null && request.Messages?.Any(IsMarked) != true)
        {
            return;
        }

        request.Tools = [.. tools.OrderBy(static tool => tool.Function.Name, StringComparer.Ordinal)];
        // A marker among the tools is meant for all of them: it stands behind the last.
        foreach (var tool in request.Tools)
        {
            tool.CacheControl = null;
        }

        request.Tools[^1].CacheControl = ofTools;
    }

    private static bool IsMarked(WireMessage message)
    {
        return message.Extra?.ContainsKey(Name) == true
            || message.Content.Parts?.Any(static part => part.Extra?.ContainsKey(Name) == true) == true;
    }
}
