using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>
/// The results of tools. The service takes one message for each, of text only, directly behind the calls; pictures and sound that tools
/// return follow in one message of the user behind all of them.
/// </summary>
internal sealed class ToolResults(List<WireMessage> wire)
{
    private List<WireContentPart>? _media;

    public void Add(ChatMessage message, FunctionResultContent result)
    {
        wire.Add(
            new WireMessage
            {
                Role = "tool",
                ToolCallId = result.CallId,
                Content = Content(result),
                Extra = MessageMapper.Extra(message, null, null),
            }
        );
    }

    /// <summary>There are no more results of this turn.</summary>
    public void End()
    {
        if (_media is { } media)
        {
            wire.Add(new WireMessage { Role = "user", Content = new(null, media) });
            _media = null;
        }
    }

    private WireContent Content(FunctionResultContent result)
    {
        var parts = result.Result switch
        {
            AIContent content => Parts(result.CallId, [content]),
            IEnumerable<AIContent> contents => Parts(result.CallId, contents),
            _ => [ContentMapper.TextPart(ContentMapper.ToText(result))],
        };
        // A marker of the result as a whole stands at its end.
        parts[^1].Extra = CacheMarkers.Of(result) ?? parts[^1].Extra;

        return parts.Exists(static part => part.Extra is not null)
            ? new(null, parts)
            : new(string.Join('\n', parts.Select(static part => part.Text)));
    }

    private List<WireContentPart> Parts(string callId, IEnumerable<AIContent> contents)
    {
        var texts = new List<WireContentPart>();
        var media = 0;
        foreach (var content in contents)
        {
            if (content is TextContent text)
            {
                // Whatever else tools and their servers note beside it is not for the model.
                texts.Add(ContentMapper.TextPart(text.Text, CacheMarkers.Of(text)));
                continue;
            }

            _media ??= [];
            if (media++ == 0)
            {
                _media.Add(ContentMapper.TextPart($"What the tool call {callId} returned:"));
            }

            _media.Add(ContentMapper.ToPart(content, ChatRole.Tool));
        }

        if (media > 0 || texts.Count == 0)
        {
            texts.Add(ContentMapper.TextPart(media > 0 ? "(The content is in the next user message.)" : ""));
        }

        return texts;
    }
}
