using Connectors.Qwen.Mapping;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using AI = Microsoft.Extensions.AI;
using SK = Microsoft.SemanticKernel;

#pragma warning disable SKEXP0001, SKEXP0110 // Audio, data and reasoning are experimental in Semantic Kernel; without them content would be lost.

namespace Connectors.Qwen.SemanticKernel;

/// <summary>Makes messages of a history. What cannot be sent is refused, never dropped in silence.</summary>
internal static class HistoryMapper
{
    // Metadata is the application's own: only what it can mean for the service is sent, and where the service reads it.
    private static readonly string[] OfMessages = ["partial"];
    private static readonly string[] OfItems =
    [
        "cache_control",
        "min_pixels",
        "max_pixels",
        "total_pixels",
        "fps",
        "max_frames",
    ];

    public static List<ChatMessage> ToMessages(ChatHistory history)
    {
        var messages = new List<ChatMessage>(history.Count);
        foreach (var content in history)
        {
            messages.Add(ToMessage(content));
        }

        return messages;
    }

    private static ChatMessage ToMessage(ChatMessageContent content)
    {
        var message = new ChatMessage(new ChatRole(content.Role.Label), new List<AIContent>(content.Items.Count))
        {
            AuthorName = content.AuthorName,
            AdditionalProperties = Properties(content.Metadata, OfMessages),
        };
        // Other connectors keep a result twice, also as text.
        var hasResult =
            content.Role == AuthorRole.Tool && content.Items.Any(static item => item is SK.FunctionResultContent);
        foreach (var item in content.Items)
        {
            if (hasResult && item is SK.TextContent)
            {
                continue;
            }

            var part = ToContent(item, content.Role);
            part.AdditionalProperties = Properties(item.Metadata, OfItems);
            message.Contents.Add(part);
        }

        // All that a refused answer says: without it the model would read an empty answer of its own.
        if (
            message.Contents.All(static part => part is TextReasoningContent)
            && content.Metadata?.GetValueOrDefault(QwenChatCompletionService.Refusal) is string refusal
        )
        {
            message.Contents.Add(new ErrorContent(refusal) { ErrorCode = AnswerFacts.Refusal });
        }

        return message;
    }

    private static AIContent ToContent(KernelContent item, AuthorRole role)
    {
        return item switch
        {
            SK.TextContent text => new AI.TextContent(text.Text),
            ReasoningContent thought => new TextReasoningContent(thought.Text),
            SK.FunctionCallContent call => new AI.FunctionCallContent(
                call.Id ?? "",
                FunctionNames.ToWire(call.PluginName, call.FunctionName),
                call.Arguments
            )
            {
                Exception = call.Exception,
                // It could not be read, so nobody has made it.
                InformationalOnly = call.Exception is not null,
            },
            SK.FunctionResultContent result => new AI.FunctionResultContent(result.CallId ?? "", Value(result.Result)),
            ImageContent image => ToData(image, "image/*"),
            AudioContent audio => ToData(audio, "audio/*"),
            BinaryContent binary => ToData(binary, "application/octet-stream"),
            FileReferenceContent file => new HostedFileContent(file.FileId),
            _ => throw new NotSupportedException(
                $"{item.GetType().Name} in a {role.Label} message cannot be sent to Qwen's chat completions."
            ),
        };
    }

    private static AIContent ToData(BinaryContent content, string kind)
    {
        return content.DataUri is { } data ? new DataContent(data, content.MimeType)
            : content.Uri is { } uri ? new UriContent(uri, content.MimeType ?? kind)
            : throw new NotSupportedException(
                $"{content.GetType().Name} holds neither data with a media type nor an address."
            );
    }

    private static object? Value(object? result)
    {
        // What a prompt function answers with.
        return result is ChatMessageContent or FunctionResult ? result.ToString() : result;
    }

    private static AdditionalPropertiesDictionary? Properties(
        IReadOnlyDictionary<string, object?>? metadata,
        string[] names
    )
    {
        AdditionalPropertiesDictionary? properties = null;
        foreach (var name in names)
        {
            if (metadata?.GetValueOrDefault(name) is { } value)
            {
                (properties ??= [])[name] = value;
            }
        }

        return properties;
    }
}
