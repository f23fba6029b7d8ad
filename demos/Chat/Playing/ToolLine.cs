using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Demos.Chat.Playing;

/// <summary>One line about a tool that the model called, or about what the tool said.</summary>
internal static class ToolLine
{
    // Chinese stays readable; the line goes to a terminal, not into a page.
    private static readonly JsonSerializerOptions Readable = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Of(FunctionCallContent call)
    {
        var arguments = call.Arguments?.Select(argument => $"{argument.Key}: {Json(argument.Value)}") ?? [];
        return $"{call.Name}({string.Join(", ", arguments)})";
    }

    public static string Of(FunctionResultContent result)
    {
        return "→ " + (result.Exception?.Message ?? Json(result.Result));
    }

    private static string Json(object? value)
    {
        return JsonSerializer.Serialize(value, Readable);
    }
}
