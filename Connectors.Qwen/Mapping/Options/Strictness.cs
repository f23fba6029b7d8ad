using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>Whether schemas are to be obeyed to the letter: <c>AdditionalProperties["strict"]</c> of a function, or of the options for all.</summary>
internal static class Strictness
{
    /// <summary>The name of the property.</summary>
    public const string Name = "strict";

    public static bool? Of(ChatOptions options)
    {
        return options.AdditionalProperties?.TryGetValue(Name, out var strict) == true ? Read(strict) : null;
    }

    public static bool? Of(AIFunctionDeclaration function)
    {
        return function.AdditionalProperties.TryGetValue(Name, out var strict) ? Read(strict) : null;
    }

    /// <summary>Of the value of that property.</summary>
    public static bool? Read(object? strict)
    {
        return strict switch
        {
            bool flag => flag,
            // YAML files bring flags as text.
            string text => bool.TryParse(text, out var flag) ? flag : null,
            JsonElement { ValueKind: JsonValueKind.String } text => Read(text.GetString()),
            JsonElement { ValueKind: JsonValueKind.True } => true,
            JsonElement { ValueKind: JsonValueKind.False } => false,
            _ => null,
        };
    }
}
