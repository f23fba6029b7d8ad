using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>How much of an answer has been handed out: what decides whether it may still be replaced by another one.</summary>
internal enum CommitLevel
{
    /// <summary>Nothing a reader would see: roles, ids, usage.</summary>
    Nothing,

    /// <summary>Reasoning, but no word of the answer.</summary>
    Reasoning,

    /// <summary>Text, or anything else that is part of the answer.</summary>
    Text,

    /// <summary>A tool call: it may be running already.</summary>
    ToolCall,
}

/// <summary>Reads commit levels off updates.</summary>
internal static class CommitLevels
{
    public static CommitLevel Of(ChatResponseUpdate update)
    {
        var level = CommitLevel.Nothing;
        var contents = update.Contents;
        for (var i = 0; i < contents.Count; i++)
        {
            var next = Of(contents[i]);
            level = next > level ? next : level;
        }

        return level;
    }

    private static CommitLevel Of(AIContent content)
    {
        return content switch
        {
            TextContent { Text: null or "" } or TextReasoningContent { Text: null or "" } or UsageContent =>
                CommitLevel.Nothing,
            TextReasoningContent => CommitLevel.Reasoning,
            ToolCallContent => CommitLevel.ToolCall,
            _ => CommitLevel.Text,
        };
    }
}
