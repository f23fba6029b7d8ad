using Connectors.Qwen.Demos.Chat.Side;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Demos.Chat.Playing;

/// <summary>Asks a client and streams what comes into a view.</summary>
internal sealed class AnswerPlayer(PipelineNarrator narrator, TimeProvider time)
{
    /// <summary>Never throws: a failure is part of the answer that it returns.</summary>
    public async Task<PlayedAnswer> PlayAsync(
        IChatClient client,
        IEnumerable<ChatMessage> messages,
        ChatOptions? options,
        IAnswerSink sink,
        CancellationToken cancellationToken
    )
    {
        var started = time.GetTimestamp();
        using var telling = narrator.TellTo(line => sink.Side(new SideNote(time.GetElapsedTime(started), line)));
        var updates = new List<ChatResponseUpdate>();
        TimeSpan? firstWord = null;
        Exception? failure = null;
        try
        {
            await foreach (var update in client.GetStreamingResponseAsync(messages, options, cancellationToken))
            {
                updates.Add(update);
                if (Show(update, sink))
                {
                    firstWord ??= time.GetElapsedTime(started);
                }
            }
        }
        catch (Exception e)
        {
            failure = e;
        }

        return Gather(updates, firstWord, time.GetElapsedTime(started), failure, cancellationToken);
    }

    /// <summary>Shows what an update brings; false when that is nothing a person would see.</summary>
    private static bool Show(ChatResponseUpdate update, IAnswerSink sink)
    {
        var isVisible = false;
        foreach (var content in update.Contents)
        {
            switch (content)
            {
                case TextReasoningContent { Text.Length: > 0 } reasoning:
                    sink.Reasoning(reasoning.Text);
                    break;
                case TextContent { Text.Length: > 0 } text:
                    sink.Text(text.Text);
                    break;
                case FunctionCallContent call:
                    sink.Tool(ToolLine.Of(call));
                    break;
                case FunctionResultContent result:
                    sink.Tool(ToolLine.Of(result));
                    break;
                default:
                    continue;
            }

            isVisible = true;
        }

        return isVisible;
    }

    private static PlayedAnswer Gather(
        List<ChatResponseUpdate> updates,
        TimeSpan? firstWord,
        TimeSpan total,
        Exception? failure,
        CancellationToken cancellationToken
    )
    {
        var contents = updates.SelectMany(update => update.Contents).ToArray();
        var isCancelled = failure is OperationCanceledException && cancellationToken.IsCancellationRequested;
        return new PlayedAnswer
        {
            Text = string.Concat(contents.OfType<TextContent>().Select(text => text.Text)),
            Reasoning = string.Concat(contents.OfType<TextReasoningContent>().Select(text => text.Text)),
            FinishReason = updates.LastOrDefault(update => update.FinishReason is not null)?.FinishReason,
            Usage = Sum(contents.OfType<UsageContent>()),
            RecoveredBy = updates.Select(RecoveredBy).LastOrDefault(how => how is not null),
            FirstWord = firstWord,
            Total = total,
            Failure = isCancelled ? null : failure,
            WasCancelled = isCancelled,
            Messages = failure is null ? updates.ToChatResponse().Messages : [],
        };
    }

    private static UsageDetails? Sum(IEnumerable<UsageContent> usages)
    {
        UsageDetails? sum = null;
        foreach (var usage in usages)
        {
            (sum ??= new UsageDetails()).Add(usage.Details);
        }

        return sum;
    }

    private static string? RecoveredBy(ChatResponseUpdate update)
    {
        return update.AdditionalProperties?.TryGetValue(QwenResponseProperties.RecoveredBy, out string? how) == true
            ? how
            : null;
    }
}
