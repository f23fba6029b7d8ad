using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>
/// Puts properties given by name where they belong: into the typed property of that JSON name while it is null, else among
/// the extra fields. Only names that look like the service's own (lower case, digits, underscores) are sent: other
/// libraries keep their notes ("Usage", "ai.attribution") in the same dictionaries.
/// </summary>
internal static class NamedProperties
{
    private static readonly SearchValues<char> WireNameCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyz0123456789_"
    );

    public static void Fill(QwenChatRequest request, AdditionalPropertiesDictionary? properties)
    {
        if (properties is null)
        {
            return;
        }

        foreach (var (name, value) in properties)
        {
            if (value is null || !IsWireName(name))
            {
                continue;
            }

            if (IsOwnedByMapper(name))
            {
                throw new ArgumentException(
                    $"'{name}' cannot be set through AdditionalProperties: it is made from the messages and options of the call.",
                    nameof(properties)
                );
            }

            var element = LooseJson.ToElement(value, name);
            if (Find(name) is { } property)
            {
                FillTyped(request, property, element, name);
            }
            else
            {
                request.AdditionalProperties ??= new Dictionary<string, JsonElement>();
                request.AdditionalProperties.TryAdd(name, element);
            }
        }
    }

    /// <summary>The extra fields of a message or a content part, without those it has itself; null when there are none.</summary>
    public static Dictionary<string, JsonElement>? Extra(
        AdditionalPropertiesDictionary? properties,
        ReadOnlySpan<string> ownMembers
    )
    {
        if (properties is null)
        {
            return null;
        }

        Dictionary<string, JsonElement>? extra = null;
        foreach (var (name, value) in properties)
        {
            if (value is not null && IsWireName(name) && !ownMembers.Contains(name))
            {
                (extra ??= [])[name] = LooseJson.ToElement(value, name);
            }
        }

        return extra;
    }

    private static bool IsWireName(string name)
    {
        return name.Length > 0 && name[0] is >= 'a' and <= 'z' && !name.AsSpan().ContainsAnyExcept(WireNameCharacters);
    }

    private static bool IsOwnedByMapper(string name)
    {
        return name is "messages" or "stream" or "stream_options" or "tools";
    }

    private static JsonPropertyInfo? Find(string name)
    {
        foreach (var property in QwenJsonContext.Wire.QwenChatRequest.Properties)
        {
            if (property.Name == name && !property.IsExtensionData)
            {
                return property;
            }
        }

        return null;
    }

    private static void FillTyped(QwenChatRequest request, JsonPropertyInfo property, JsonElement element, string name)
    {
        if (property.Get?.Invoke(request) is not null)
        {
            return;
        }

        try
        {
            var type = QwenJsonContext.Wire.GetTypeInfo(property.PropertyType)!;
            property.Set!(request, element.Deserialize(type));
        }
        catch (JsonException e)
        {
            throw new ArgumentException(
                $"AdditionalProperties[\"{name}\"] is a JSON {element.ValueKind}; the parameter is a {property.PropertyType.Name}.",
                nameof(request),
                e
            );
        }
    }
}
