using System.Text.Json;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>Declares the tools of a call and how the model may use them.</summary>
internal static class ToolMapper
{
    private static readonly JsonElement Auto = LooseJson.ToElement("auto", "tool_choice");
    private static readonly JsonElement None = LooseJson.ToElement("none", "tool_choice");
    private static readonly JsonElement Required = LooseJson.ToElement("required", "tool_choice");

    public static void Fill(QwenChatRequest request, ChatOptions options)
    {
        if (options.Tools is not { Count: > 0 } tools)
        {
            return;
        }

        var functions = new List<WireTool>(tools.Count);
        foreach (var tool in tools)
        {
            if (tool is AIFunctionDeclaration function)
            {
                functions.Add(ToWire(function, Strictness.Of(options)));
            }
            else
            {
                HostedTools.Fill(request, tool);
            }
        }

        if (functions.Count > 0)
        {
            request.Tools = functions;
            request.ParallelToolCalls ??= options.AllowMultipleToolCalls;
            request.ToolChoice ??= ToWire(options.ToolMode);
        }
    }

    private static WireTool ToWire(AIFunctionDeclaration function, bool? strictForAll)
    {
        var strict = Strictness.Of(function) ?? strictForAll;
        return new WireTool
        {
            Function = new WireFunction
            {
                Name = function.Name,
                Description = string.IsNullOrEmpty(function.Description) ? null : function.Description,
                Parameters = SchemaDialect.Of(function, strict == true),
                Strict = strict,
            },
            CacheControl =
                function.AdditionalProperties.TryGetValue(CacheMarkers.Name, out var marker) && marker is not null
                    ? LooseJson.ToElement(marker, CacheMarkers.Name)
                    : null,
        };
    }

    private static JsonElement? ToWire(ChatToolMode? mode)
    {
        return mode switch
        {
            AutoChatToolMode => Auto,
            NoneChatToolMode => None,
            RequiredChatToolMode { RequiredFunctionName: { } name } => LooseJson.ToElement(
                new Dictionary<string, object?>
                {
                    ["type"] = "function",
                    ["function"] = new Dictionary<string, object?> { ["name"] = name },
                },
                "tool_choice"
            ),
            RequiredChatToolMode => Required,
            _ => null,
        };
    }
}
