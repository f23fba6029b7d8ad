using Connectors.Qwen.Errors;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>What was handed out of an answer: what the rest of it must fit. Not thread-safe.</summary>
internal sealed class AnswerSoFar : IDisposable
{
    private readonly PartialText _text = new();
    private ChatRole? _role;
    private string? _responseId;
    private string? _messageId;
    private string? _model;
    private DateTimeOffset? _createdAt;

    /// <summary>The text; empty while there is none.</summary>
    public string Text => _text.ToText() ?? "";

    /// <summary>Its length in characters.</summary>
    public long Length => _text.Length;

    /// <summary>The most that was handed out.</summary>
    public CommitLevel Committed { get; private set; }

    /// <summary>The reasoning in characters.</summary>
    public long ReasoningLength { get; private set; }

    /// <summary>Whether anything else than text, reasoning and calls is among it: it can neither be sent back nor be recognized.</summary>
    public bool HasOthers { get; private set; }

    /// <summary>Whether it was told why the answer ended.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>The model that answered first, as its server calls it.</summary>
    public string? Model => _model;

    public void Add(ChatResponseUpdate update)
    {
        _role ??= update.Role;
        _responseId ??= update.ResponseId;
        _messageId ??= update.MessageId;
        _model ??= update.ModelId;
        _createdAt ??= update.CreatedAt;
        IsFinished |= update.FinishReason is not null;
        var level = CommitLevels.Of(update);
        Committed = level > Committed ? level : Committed;
        var contents = update.Contents;
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i] is TextContent text)
            {
                _text.Append(text.Text);
            }
            else if (contents[i] is TextReasoningContent reasoning)
            {
                ReasoningLength += reasoning.Text.Length;
            }
            else
            {
                HasOthers |= contents[i] is not (UsageContent or ToolCallContent);
            }
        }
    }

    /// <summary>An update of another request, made one of this answer.</summary>
    public ChatResponseUpdate Adopt(ChatResponseUpdate update, IList<AIContent> contents)
    {
        return new ChatResponseUpdate(_role ?? update.Role, contents)
        {
            ResponseId = _responseId ?? update.ResponseId,
            // What names no message is about the response as a whole.
            MessageId = update.MessageId is null ? null : _messageId ?? update.MessageId,
            ModelId = _model ?? update.ModelId,
            CreatedAt = _createdAt ?? update.CreatedAt,
            AuthorName = update.AuthorName,
            FinishReason = update.FinishReason,
            AdditionalProperties = update.AdditionalProperties,
            RawRepresentation = update.RawRepresentation,
        };
    }

    /// <summary>The end of the answer, where no server told it.</summary>
    public ChatResponseUpdate End(ChatFinishReason reason)
    {
        return Adopt(new ChatResponseUpdate { MessageId = _messageId, FinishReason = reason }, []);
    }

    /// <summary>Whether the model that answers is another one than before.</summary>
    public bool IsOfAnotherModel(ChatResponseUpdate update)
    {
        return update.ModelId is not null && _model is not null && update.ModelId != _model;
    }

    public void Dispose()
    {
        _text.Dispose();
    }
}
