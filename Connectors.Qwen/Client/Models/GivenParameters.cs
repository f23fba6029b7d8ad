using Connectors.Qwen.Continuation;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Client;

/// <summary>Which parameters the caller gave by their own names: on a raw request, or among the additional properties.</summary>
internal sealed class GivenParameters(ChatOptions? options, IChatClient client)
{
    private readonly QwenChatRequest? _raw = options?.RawRepresentationFactory?.Invoke(client) as QwenChatRequest;

    /// <summary>Whether the request goes on with an answer that broke off.</summary>
    public bool IsContinuation => options is ContinuationOptions;

    /// <summary>Whether a parameter is the caller's own word.</summary>
    public bool Contains(string name)
    {
        if (IsContinuation && name is ("enable_thinking" or "reasoning_effort" or "thinking_budget"))
        {
            // Overridden there, whatever the caller said.
            return false;
        }

        return (name == "enable_thinking" && HasOtherSwitch())
            || IsNamed(name)
            || name switch
            {
                "enable_thinking" => _raw?.EnableThinking is not null,
                "reasoning_effort" => _raw?.ReasoningEffort is not null,
                "thinking_budget" => _raw?.ThinkingBudget is not null,
                "parallel_tool_calls" => _raw?.ParallelToolCalls is not null,
                _ => false,
            };
    }

    // Some families have a switch of another name.
    private bool HasOtherSwitch()
    {
        return IsNamed("thinking") || IsNamed("chat_template_kwargs");
    }

    private bool IsNamed(string name)
    {
        return options?.AdditionalProperties?.GetValueOrDefault(name) is not null
            || _raw?.AdditionalProperties?.ContainsKey(name) == true;
    }
}
