using System.Text.Json;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>
/// Files that were uploaded to the service. Its document models want their ids in a system message that holds nothing else (the
/// vendor's page "Long context with Qwen-Long"); together with other words they are not read.
/// </summary>
internal static class HostedFiles
{
    private const string Scheme = "fileid://";

    /// <summary>Whether a message is one of those made here, or by a caller in their form.</summary>
    public static bool IsOf(WireMessage message)
    {
        var text = message.Content.Parts is [var first, ..] ? first.Text : message.Content.Text;
        return text?.StartsWith(Scheme, StringComparison.Ordinal) == true;
    }

    /// <summary>The message for the files that <paramref name="message"/> names; null when it names none.</summary>
    public static WireMessage? Of(ChatMessage message)
    {
        List<string>? ids = null;
        Dictionary<string, JsonElement>? marker = null;
        foreach (var content in message.Contents)
        {
            if (content is HostedFileContent file)
            {
                (ids ??= []).Add(Scheme + file.FileId);
                marker = CacheMarkers.Of(file) ?? marker;
            }
        }

        return ids is null
            ? null
            : new WireMessage
            {
                Role = "system",
                Content = ContentMapper.ToContent(
                    [ContentMapper.TextPart(string.Join(',', ids), marker)],
                    mayBeNull: false
                ),
            };
    }
}
