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
    private const string Stop = "stop";

    private static readonly SearchValues<char> WireNameCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyz0123456789_"
    );

    /// <param name="request">The request.</param>
    /// <param name="properties">The properties.</param>
    /// <param name="only">The names that are read; null for all.</param>
    public static void Fill(
        QwenChatRequest request,
        AdditionalPropertiesDictionary? properties,
        IReadOnlyCollection<string>? only = null
    )
    {
        if (properties is null)
        {
            return;
        }

        foreach (var (name, value) in properties)
        {
            // That one is no parameter of the service: it is about the schemas of this call.
            if (value is null || !IsWireName(name) || name == Strictness.Name || only?.Contains(name) == false)
            {
                continue;
            }

            if (IsOwnedByMapper(name))
            {
                throw Owned(name);
            }

            var element = LooseJson.ToElement(value, name);
            if (Find(name) is { } property && !IsStopToken(name, element))
            {
                FillTyped(request, property, element, name);
            }
            else if (name != Stop || request.Stop is null)
            {
                request.AdditionalProperties ??= new Dictionary<string, JsonElement>();
                request.AdditionalProperties.TryAdd(name, element);
            }
        }
    }

    /// <summary>
    /// Puts extra fields of a raw request into the properties that have their names, while those are null: two members of one name in one object
    /// would be anybody's guess.
    /// </summary>
    public static void Tidy(QwenChatRequest request)
    {
        foreach (var name in request.AdditionalProperties?.Keys.ToArray() ?? [])
        {
            if (IsOwnedByMapper(name))
            {
                throw Owned(name);
            }

            if (
                Find(name) is { } property
                && (request.Stop is not null || !IsStopToken(name, request.AdditionalProperties![name]))
            )
            {
                FillTyped(request, property, request.AdditionalProperties![name], name);
                request.AdditionalProperties.Remove(name);
            }
        }
    }

    /// <summary>Whether a parameter has a property of its own.</summary>
    public static bool IsParameter(string name)
    {
        return Find(name) is not null;
    }

    /// <summary>Whether it is said where the model stops: as texts, or as the ids of tokens, which the service takes as well.</summary>
    public static bool HasStop(QwenChatRequest request)
    {
        return request.Stop is not null || request.AdditionalProperties?.ContainsKey(Stop) == true;
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

    /// <summary>Whether a name looks like one of the service.</summary>
    public static bool IsWireName(string name)
    {
        return name.Length > 0 && name[0] is >= 'a' and <= 'z' && !name.AsSpan().ContainsAnyExcept(WireNameCharacters);
    }

    private static bool IsOwnedByMapper(string name)
    {
        return name is "messages" or "stream" or "stream_options" or "tools";
    }

    // Ids, or lists of ids; the property is for texts.
    private static bool IsStopToken(string name, JsonElement element)
    {
        return name == Stop
            && element.ValueKind == JsonValueKind.Array
            && element.GetArrayLength() > 0
            && element[0].ValueKind is JsonValueKind.Number or JsonValueKind.Array;
    }

    private static ArgumentException Owned(string name)
    {
        return new ArgumentException(
            $"'{name}' cannot be set through AdditionalProperties: it is made from the messages and options of the call.",
            nameof(name)
        );
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
            property.Set!(request, Value(element, property.PropertyType).Deserialize(type));
        }
        catch (JsonException e)
        {
            throw new ArgumentException(
                $"'{name}' was given as a JSON {element.ValueKind}; the parameter is {Describe(property.PropertyType)}.",
                e
            );
        }
    }

    private static string Describe(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain == typeof(bool) ? "true or false"
            : plain == typeof(int) || plain == typeof(long) ? "a whole number"
            : plain == typeof(float) || plain == typeof(double) ? "a number"
            : plain == typeof(string) ? "text"
            : "a list or an object of another shape";
    }

    // YAML files and environment variables bring numbers and flags as text; one text is a list of one.
    private static JsonElement Value(JsonElement element, Type type)
    {
        if (element.ValueKind == JsonValueKind.String && type == typeof(IList<string>))
        {
            using var list = JsonDocument.Parse($"[{element.GetRawText()}]");
            return list.RootElement.Clone();
        }

        if (
            element.ValueKind != JsonValueKind.String
            || Nullable.GetUnderlyingType(type) is not { } plain
            || plain == typeof(JsonElement)
        )
        {
            return element;
        }

        using var text = JsonDocument.Parse(element.GetString()!.ToLowerInvariant());
        return text.RootElement.Clone();
    }
}
