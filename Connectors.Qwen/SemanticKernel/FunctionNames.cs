using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace Connectors.Qwen.SemanticKernel;

/// <summary>
/// The names of one call's functions: the model knows them by one word, Semantic Kernel by plugin and function. The word is the one under which
/// Semantic Kernel declares the function as a tool.
/// </summary>
internal sealed class FunctionNames
{
    // How Semantic Kernel joins the two for tools, and how it splits what comes in pieces.
    private const string ToolSeparator = "_";
    private const string StreamSeparator = "-";

    private readonly Dictionary<string, (string Plugin, string Function)> _byTool = new(StringComparer.Ordinal);

    public FunctionNames(ChatOptions? options)
    {
        foreach (var tool in options?.Tools ?? [])
        {
            // A clone made for the call bears the tool's name, and still knows its plugin.
            if (
                tool is KernelFunction { PluginName: { Length: > 0 } plugin }
                && tool.Name.StartsWith(plugin + ToolSeparator, StringComparison.Ordinal)
            )
            {
                _byTool[tool.Name] = (plugin, tool.Name[(plugin.Length + ToolSeparator.Length)..]);
            }
        }
    }

    public static string ToWire(string? plugin, string function)
    {
        return string.IsNullOrEmpty(plugin) ? function : plugin + ToolSeparator + function;
    }

    public (string? Plugin, string Function) FromWire(string name)
    {
        return _byTool.TryGetValue(name, out var known) ? known : (null, name);
    }

    /// <summary>The name as <see cref="FunctionCallContentBuilder"/> reads it.</summary>
    public string ForStream(string name)
    {
        return _byTool.TryGetValue(name, out var known) ? known.Plugin + StreamSeparator + known.Function : name;
    }
}
