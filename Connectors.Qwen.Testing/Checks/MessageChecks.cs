using System.Text.Json;
using Connectors.Qwen.Testing.Json;

namespace Connectors.Qwen.Testing.Checks;

/// <summary>The checks of <c>messages</c>.</summary>
internal static class MessageChecks
{
    private static readonly string[] Roles = ["system", "assistant", "user", "tool", "function"];

    public static Refusal? Find(QwenSimulatedRequest request)
    {
        if (!request.Messages.Items().Any())
        {
            return Refusal.InvalidParameter("[] is too short - 'messages'");
        }

        return EachRole(request.Messages)
            ?? EmptyToolCalls(request.Messages)
            ?? UnansweredTools(request.Messages)
            ?? LastMessage(request);
    }

    private static Refusal? EachRole(JsonElement messages)
    {
        foreach (var (message, index) in messages.Items().Select((message, index) => (message, index)))
        {
            if (message.Text("role") is not { } role || !Roles.Contains(role))
            {
                var found = message.Member("role");
                var shown = found.ValueKind == JsonValueKind.Undefined ? "None" : found.ToString();
                return Refusal.InvalidParameter(
                    $"{shown} is not one of ['system', 'assistant', 'user', 'tool', 'function'] - 'messages.{index}.role'"
                );
            }
        }

        return null;
    }

    private static Refusal? EmptyToolCalls(JsonElement messages) =>
        messages
            .Items()
            .Any(message =>
                message.Member("tool_calls") is { ValueKind: JsonValueKind.Array } calls && calls.GetArrayLength() == 0
            )
            ? Refusal.InvalidParameter("Empty tool_calls is not supported in message")
            : null;

    private static Refusal? UnansweredTools(JsonElement messages)
    {
        var called = new HashSet<string>(StringComparer.Ordinal);
        foreach (var message in messages.Items())
        {
            called.UnionWith(message.Member("tool_calls").Items().Select(call => call.Text("id") ?? ""));
            if (message.Text("role") == "tool" && !called.Contains(message.Text("tool_call_id") ?? ""))
            {
                return Refusal.InvalidParameter(
                    "<400> InternalError.Algo.InvalidParameter: messages with role \"tool\" must be a response to a "
                        + "preceeding message with \"tool_calls\"."
                );
            }
        }

        return null;
    }

    private static Refusal? LastMessage(QwenSimulatedRequest request) =>
        request.IsPartial || request.Messages.Items().Last().Text("role") is "user" or "tool"
            ? null
            : new Refusal(500, "internal_error", "<500> InternalError.Algo: list index out of range");
}
