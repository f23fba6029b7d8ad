using System.Text.Json;
using Connectors.Qwen.Testing.Json;

namespace Connectors.Qwen.Testing.Checks;

/// <summary>The checks of what cannot be combined: thinking, streaming, tools, JSON, partial mode.</summary>
internal static class ModeChecks
{
    public static Refusal? Find(QwenSimulatedRequest request, bool refusesPartialMode) =>
        JsonMode(request)
        ?? JsonWhileThinking(request)
        ?? ToolChoice(request)
        ?? ToolNames(request)
        ?? Streaming(request)
        ?? Thinking(request)
        ?? Effort(request)
        ?? Partial(request, refusesPartialMode);

    private static Refusal? JsonMode(QwenSimulatedRequest request)
    {
        var isJsonMode = request.Body.Member("response_format").Text("type") == "json_object";
        var saysJson = request
            .Messages.Items()
            .Any(message => message.Member("content").PlainText().Contains("json", StringComparison.OrdinalIgnoreCase));
        return isJsonMode && !saysJson
            ? Refusal.InvalidParameter(
                "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
            )
            : null;
    }

    private static Refusal? JsonWhileThinking(QwenSimulatedRequest request) =>
        request.KnownModel.RefusesJsonWhileThinking
        && request.IsThinking
        && request.Body.Member("response_format").Text("type") == "json_object"
            ? Refusal.InvalidParameter("Json mode response is not supported when enable_thinking is true")
            : null;

    private static Refusal? ToolChoice(QwenSimulatedRequest request)
    {
        var choice = request.Body.Member("tool_choice");
        var isForced = choice.ValueKind == JsonValueKind.Object || request.Body.Text("tool_choice") == "required";
        return isForced && request.IsThinking
            ? Refusal.InvalidParameter(
                "<400> InternalError.Algo.InvalidParameter: The tool_choice parameter does not support being set to "
                    + "required or object in thinking mode"
            )
            : null;
    }

    private static Refusal? ToolNames(QwenSimulatedRequest request) =>
        request.Tools.Items().Any(tool => tool.Member("function").Text("name") == "search")
            ? Refusal.InvalidParameter("Tool names are not allowed to be [search]")
            : null;

    // The blank at the end is the service's.
    private static Refusal? Streaming(QwenSimulatedRequest request) =>
        request.KnownModel.StreamOnly && !request.IsStream
            ? Refusal.InvalidParameter(
                "This model only support stream mode, please enable the stream parameter to access the model. "
            )
            : null;

    private static Refusal? Effort(QwenSimulatedRequest request)
    {
        var effort = request.Body.Text("reasoning_effort");
        return effort is not null && request.KnownModel.ReasoningEfforts is { } words && !words.Contains(effort)
            ? Refusal.InvalidParameter(
                $"'reasoning_effort' must be one of: {string.Join(", ", words.Select(static word => $"'{word}'"))}"
            )
            : null;
    }

    private static Refusal? Thinking(QwenSimulatedRequest request)
    {
        if (request.KnownModel.RefusesEnableThinking && request.EnableThinking is not null)
        {
            return new Refusal(
                400,
                "InvalidParameter.NotSupportEnableThinking",
                $"The model {request.Model} does not support enable_thinking."
            );
        }

        if (request.KnownModel.ThinkingOnly && request.EnableThinking == false)
        {
            return Refusal.InvalidParameter("The value of the enable_thinking parameter is restricted to True.");
        }

        return request.KnownModel.RefusesNonStreamingThinking && request.IsThinking && !request.IsStream
            ? Refusal.InvalidParameter("parameter.enable_thinking must be set to false for non-streaming calls")
            : null;
    }

    private static Refusal? Partial(QwenSimulatedRequest request, bool isRefused)
    {
        var earlier = request.Messages.Items().SkipLast(1);
        if (earlier.Any(static message => message.Member("partial").ValueKind == JsonValueKind.True))
        {
            return Refusal.InvalidParameter(
                "<400> InternalError.Algo.InvalidParameter: Partial mode is only supported for the last message"
            );
        }

        if (request.IsPartial && request.IsThinking)
        {
            return Refusal.InvalidParameter(
                "<400> InternalError.Algo.InvalidParameter: Partial mode is not supported when enable_thinking is true"
            );
        }

        return request.IsPartial && (isRefused || request.KnownModel.RefusesPartialMode)
            ? Refusal.InvalidParameter(
                "<400> InternalError.Algo.InvalidParameter: Partial mode is not supported by this model"
            )
            : null;
    }
}
