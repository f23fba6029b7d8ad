using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>Makes the content of a message.</summary>
internal static class ContentMapper
{
    /// <summary>How arguments and results of functions are written: compact, because each space is billed.</summary>
    public static readonly JsonSerializerOptions ToolJson = new(AIJsonUtilities.DefaultOptions)
    {
        WriteIndented = false,
    };

    private static readonly string[] OwnMembers = ["type", "text", "image_url", "video_url", "video", "input_audio"];

    /// <summary>Parts where there is something else than text, else one string: text-only models refuse arrays.</summary>
    public static WireContent ToContent(List<WireContentPart>? parts, bool mayBeNull)
    {
        if (parts is null)
        {
            return mayBeNull ? default : new("");
        }

        foreach (var part in parts)
        {
            if (part.Text is null || part.Extra is not null)
            {
                return new(null, parts);
            }
        }

        if (parts.Count == 1)
        {
            return new(parts[0].Text);
        }

        var text = new StringBuilder();
        foreach (var part in parts)
        {
            text.Append(part.Text);
        }

        return new(text.ToString());
    }

    public static WireContentPart ToPart(AIContent? content, ChatRole role)
    {
        if (content is null)
        {
            throw new ArgumentException($"A content of a {role.Value} message is null.", nameof(content));
        }

        var extra = NamedProperties.Extra(content.AdditionalProperties, OwnMembers);
        return content switch
        {
            TextContent text => TextPart(text.Text, extra),
            // The model's own refusal in an earlier turn.
            ErrorContent { ErrorCode: AnswerFacts.Refusal } refusal when role == ChatRole.Assistant => TextPart(
                refusal.Message,
                extra
            ),
            DataContent data when data.HasTopLevelMediaType("image") => Image(data.Uri, extra),
            DataContent data when data.HasTopLevelMediaType("video") => Video(data.Uri, extra),
            DataContent data when data.HasTopLevelMediaType("audio") => Audio(data.Uri, data.MediaType, extra),
            UriContent uri when uri.HasTopLevelMediaType("image") => Image(uri.Uri.OriginalString, extra),
            UriContent uri when uri.HasTopLevelMediaType("video") => Video(uri.Uri.OriginalString, extra),
            UriContent uri when uri.HasTopLevelMediaType("audio") => Audio(
                uri.Uri.OriginalString,
                uri.MediaType,
                extra
            ),
            QwenVideoFramesContent video => Frames(video, extra),
            // A part that only the caller knows, as the service's own JSON.
            { RawRepresentation: { } raw } when Raw(raw, extra) is { } part => part,
            _ => throw new NotSupportedException(
                $"Content of type {Describe(content)} in a {role.Value} message cannot be sent to Qwen's chat completions. "
                    + "Documents are uploaded first and named by a HostedFileContent; any other part can be given as JSON in RawRepresentation."
            ),
        };
    }

    public static WireContentPart TextPart(string? text, IDictionary<string, JsonElement>? extra = null)
    {
        return new WireContentPart
        {
            Type = "text",
            Text = text ?? "",
            Extra = extra,
        };
    }

    /// <summary>A tool's result as the text the model reads.</summary>
    public static string ToText(FunctionResultContent result)
    {
        return result.Result switch
        {
            string text => text,
            TextContent text => text.Text ?? "",
            null => result.Exception is { } e ? "Error: " + e.Message : "",
            JsonElement { ValueKind: JsonValueKind.String } json => json.GetString() ?? "",
            { } value => JsonSerializer.Serialize(value, ToolJson.GetTypeInfo(value.GetType())),
        };
    }

    private static WireContentPart Image(string url, IDictionary<string, JsonElement>? extra)
    {
        return new WireContentPart
        {
            Type = "image_url",
            ImageUrl = new WireUrl { Url = url },
            Extra = extra,
        };
    }

    private static WireContentPart Video(string url, IDictionary<string, JsonElement>? extra)
    {
        return new WireContentPart
        {
            Type = "video_url",
            VideoUrl = new WireUrl { Url = url },
            Extra = extra,
        };
    }

    private static WireContentPart Frames(QwenVideoFramesContent video, Dictionary<string, JsonElement>? extra)
    {
        if (video.FramesPerSecond is { } rate)
        {
            (extra ??= []).TryAdd("fps", LooseJson.ToElement(rate, "fps"));
        }

        return new WireContentPart
        {
            Type = "video",
            Video = [.. video.Frames.Select(static frame => QwenVideoFramesContent.UrlOf(frame)!)],
            Extra = extra,
        };
    }

    private static WireContentPart? Raw(object raw, Dictionary<string, JsonElement>? extra)
    {
        if (
            raw is not (JsonElement or JsonNode)
            || LooseJson.ToElement(raw, nameof(raw)) is not { ValueKind: JsonValueKind.Object } json
            || ResponseFormatMapper.TypeOf(json) is not { } type
        )
        {
            return null;
        }

        extra ??= [];
        foreach (var member in json.EnumerateObject().Where(static member => member.Name != "type"))
        {
            extra[member.Name] = member.Value;
        }

        return new WireContentPart { Type = type, Extra = extra };
    }

    private static WireContentPart Audio(string data, string mediaType, IDictionary<string, JsonElement>? extra)
    {
        // "audio/x-wav;rate=16000" is wav; "audio/*" says none, and the service looks for itself.
        var format = mediaType.Split('/', ';')[1].Trim().ToLowerInvariant();
        format = format.StartsWith("x-", StringComparison.Ordinal) ? format[2..] : format;
        return new WireContentPart
        {
            Type = "input_audio",
            InputAudio = new WireAudio
            {
                Data = data,
                Format = format switch
                {
                    "mpeg" => "mp3",
                    "*" => null,
                    _ => format,
                },
            },
            Extra = extra,
        };
    }

    private static string Describe(AIContent content)
    {
        return content switch
        {
            DataContent data => $"{nameof(DataContent)} ({data.MediaType})",
            UriContent uri => $"{nameof(UriContent)} ({uri.MediaType})",
            _ => content.GetType().Name,
        };
    }
}
