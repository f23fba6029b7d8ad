using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>Tools that the service itself runs. They are switches of the request, not functions.</summary>
internal static class HostedTools
{
    private const string ForcedSearch = "forced_search";

    /// <exception cref="ArgumentException">There is no tool.</exception>
    /// <exception cref="NotSupportedException">The service has no such tool.</exception>
    public static void Fill(QwenChatRequest request, AITool? tool)
    {
        switch (tool)
        {
            case HostedWebSearchTool:
                request.EnableSearch ??= true;
                request.SearchOptions ??= Options(tool);
                break;
            case HostedCodeInterpreterTool { Inputs: null or { Count: 0 } }:
                request.EnableCodeInterpreter ??= true;
                break;
            case HostedCodeInterpreterTool:
                throw new NotSupportedException(
                    "The service's code interpreter takes no files: remove the Inputs of the HostedCodeInterpreterTool."
                );
            case null:
                throw new ArgumentException("A tool of the options is null.", nameof(tool));
            default:
                throw new NotSupportedException(
                    $"The tool '{tool.Name}' ({tool.GetType().Name}) is not a function; Qwen's chat completions take functions, "
                        + "HostedWebSearchTool and HostedCodeInterpreterTool."
                );
        }
    }

    /// <summary>A tool must be used, and the search is the only one: the model searches even where it sees no need.</summary>
    public static void Force(QwenChatRequest request, ChatOptions options)
    {
        if (
            options is not { ToolMode: RequiredChatToolMode, Tools.Count: > 0 }
            || request.Tools is { Count: > 0 }
            || request.EnableSearch != true
        )
        {
            return;
        }

        var search = request.SearchOptions is { ValueKind: JsonValueKind.Object } given
            ? given.EnumerateObject().ToDictionary(static member => member.Name, static member => (object?)member.Value)
            : [];
        search.TryAdd(ForcedSearch, true);
        request.SearchOptions = LooseJson.ToElement(search, "search_options");
    }

    private static JsonElement? Options(AITool tool)
    {
        Dictionary<string, object?>? options = null;
        foreach (var (name, value) in tool.AdditionalProperties)
        {
            if (value is not null && NamedProperties.IsWireName(name))
            {
                (options ??= [])[name] = value;
            }
        }

        return options is null ? null : LooseJson.ToElement(options, "search_options");
    }
}
