using System.Text.Json;
using Connectors.Qwen.Mapping;

namespace Connectors.Qwen.Client;

/// <summary>
/// Changes a request to what its model is known to take. Only what the library made of portable options, or added itself, is changed; what the
/// caller gave by its own name stays, and the service's refusal is the answer. Pure.
/// </summary>
internal static class AdaptationPlan
{
    // From least to most.
    private static readonly string[] Scale = ["minimal", "low", "medium", "high", "xhigh", "max"];

    /// <summary>Adapts a request that is the library's own.</summary>
    /// <param name="lessons">What its model has refused.</param>
    /// <param name="request">The request; changed in place.</param>
    /// <param name="given">Whether the caller gave a parameter by its own name.</param>
    /// <param name="mayThink">Whether an answer with thought would do; not for the rest of an answer (partial mode excludes it).</param>
    /// <returns>The names of what was changed.</returns>
    public static IReadOnlyList<string> Adapt(
        ModelLessons lessons,
        QwenChatRequest request,
        Func<string, bool> given,
        bool mayThink = true
    )
    {
        var changed = new List<string>();
        foreach (var name in lessons.Unknown)
        {
            if (IsSet(request, name) && !given(name))
            {
                Clear(request, name);
                changed.Add(name);
            }
        }

        if (WithoutThought(lessons, request, given))
        {
            changed.Add("enable_thinking");
        }

        // A tool call cannot be forced while the model thinks: there the refusal is the honest answer.
        if (
            lessons.AlwaysThinks
            && mayThink
            && request.EnableThinking == false
            && !IsForced(request.ToolChoice)
            && !given("enable_thinking")
        )
        {
            request.EnableThinking = null;
            changed.Add("enable_thinking");
        }

        if (
            lessons.EffortWords is { } words
            && request.ReasoningEffort is { } effort
            && !words.Contains(effort)
            && !given("reasoning_effort")
        )
        {
            request.ReasoningEffort = Nearest(effort, words);
            changed.Add("reasoning_effort");
        }

        return changed;
    }

    private static bool WithoutThought(ModelLessons lessons, QwenChatRequest request, Func<string, bool> given)
    {
        var isExcluded =
            (lessons.NoForcedToolInThought && IsForced(request.ToolChoice))
            || lessons.FormsWithoutThought.Contains(ResponseFormatMapper.TypeOf(request.ResponseFormat));
        if (
            !isExcluded
            || request.EnableThinking == false
            || lessons.AlwaysThinks
            || lessons.Unknown.Contains("enable_thinking")
            || given("enable_thinking")
            || given("reasoning_effort")
            || given("thinking_budget")
        )
        {
            return false;
        }

        request.EnableThinking = false;
        request.ReasoningEffort = null;
        return true;
    }

    // The next that asks for more thought, else the most there is: nobody gets less than asked for while there is more.
    private static string? Nearest(string effort, IReadOnlyList<string> words)
    {
        var wanted = Array.IndexOf(Scale, effort);
        var known = words
            .Select(static word => Array.IndexOf(Scale, word))
            .Where(static at => at >= 0)
            .Order()
            .ToArray();
        if (wanted < 0 || known.Length == 0)
        {
            return null;
        }

        return Scale[known.FirstOrDefault(at => at > wanted, known[^1])];
    }

    private static bool IsSet(QwenChatRequest request, string name)
    {
        return name switch
        {
            "enable_thinking" => request.EnableThinking is not null,
            "reasoning_effort" => request.ReasoningEffort is not null,
            "parallel_tool_calls" => request.ParallelToolCalls is not null,
            "stream_options" => request.StreamOptions is not null,
            _ => false,
        };
    }

    private static void Clear(QwenChatRequest request, string name)
    {
        switch (name)
        {
            case "enable_thinking":
                request.EnableThinking = null;
                break;
            case "reasoning_effort":
                request.ReasoningEffort = null;
                break;
            case "parallel_tool_calls":
                request.ParallelToolCalls = null;
                break;
            case "stream_options":
                request.StreamOptions = null;
                break;
            default:
                break;
        }
    }

    private static bool IsForced(JsonElement? choice)
    {
        return ResponseFormatMapper.IsForcedChoice(choice);
    }
}
