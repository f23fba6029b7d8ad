using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>
/// Schemas as the service reads them. A strict schema lists all its properties as required and allows no others; each schema is
/// rewritten once for as long as its function or format lives.
/// </summary>
internal static class SchemaDialect
{
    private static readonly AIJsonSchemaTransformCache Strict = new(
        new AIJsonSchemaTransformOptions
        {
            ConvertBooleanSchemas = true,
            DisallowAdditionalProperties = true,
            RequireAllProperties = true,
            MoveDefaultKeywordToDescription = true,
        }
    );

    private static readonly AIJsonSchemaTransformCache Loose = new(
        new AIJsonSchemaTransformOptions { ConvertBooleanSchemas = true }
    );

    /// <summary>The parameters of a function.</summary>
    public static JsonElement Of(AIFunctionDeclaration function, bool strict)
    {
        return (strict ? Strict : Loose).GetOrCreateTransformedSchema(function);
    }

    /// <summary>The schema of an answer.</summary>
    public static JsonElement Of(ChatResponseFormatJson format, bool strict)
    {
        return (strict ? Strict : Loose).GetOrCreateTransformedSchema(format)!.Value;
    }
}
