using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Continuation;

/// <summary>The updates of a whole answer, where a stream was asked for.</summary>
internal static class AnswerUpdates
{
    /// <summary>Put together they make the same answer again.</summary>
    public static ChatResponseUpdate[] Of(ChatResponse whole)
    {
        var updates = whole.ToChatResponseUpdates();
        if (updates is [.., var last])
        {
            last.RawRepresentation ??= whole.RawRepresentation;
        }

        return updates;
    }
}
