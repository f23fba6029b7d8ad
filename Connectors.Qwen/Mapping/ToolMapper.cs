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

        request.Tools = new List<WireTool>(tools.Count);
        foreach (var tool in tools)
        {
            request.Tools.Add(ToWire(tool));
        }

        request.ParallelToolCalls ??= options.AllowMultipleToolCalls;
        request.ToolChoice ??= ToWire(options.ToolMode);
        if (options.ToolMode is RequiredChatToolMode)
        {
            // The service refuses a forced choice while the model thinks; who forces a tool wants the call, not the thought.
            request.EnableThinking ??= false;
        }
    }

    private static WireTool ToWire(AITool tool)
    {
        if (tool is not AIFunctionDeclaration function)
        {
            throw new NotSupportedException(
                $"The tool '{tool.Name}' ({tool.GetType().Name}) is not a function; Qwen's chat completions take functions only."
            );
        }

        return new WireTool
        {
            Function = new WireFunction
            {
                Name = function.Name,
                Description = string.IsNullOrEmpty(function.Description) ? null : function.Description,
                Parameters = function.JsonSchema,
                Strict = function.AdditionalProperties.TryGetValue("strict", out var strict) ? strict as bool? : null,
            },
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
