using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Mapping;

/// <summary>
/// When a request says whether the model is to think, and how hard. What the caller said is never changed: only what nobody said
/// is filled, and only where the service would refuse the request otherwise.
/// </summary>
internal static partial class ThinkingRules
{
    /// <summary>The service's own names for it.</summary>
    public static readonly IReadOnlyCollection<string> Names =
    [
        "enable_thinking",
        "thinking_budget",
        "reasoning_effort",
    ];

    // By the beginning of the model's name; the words for low, medium, high and extra high. None: the family refuses the parameter.
    private static readonly (string Family, string[]? Words)[] Efforts =
    [
        ("glm-4.5", null),
        ("glm-5.3", ["low", "high", "high", "max"]),
        ("", ["low", "medium", "high", "xhigh"]),
    ];

    /// <summary>What the portable option says.</summary>
    public static void Fill(QwenChatRequest request, ChatOptions options, string model)
    {
        if (options.Reasoning?.Effort is not { } effort)
        {
            return;
        }

        if (effort == ReasoningEffort.None && request.ReasoningEffort is not null)
        {
            // The service's own word for how hard to think is a wish, too, and the more exact one.
            return;
        }

        request.EnableThinking ??= effort != ReasoningEffort.None;
        // A budget and an effort conflict: the service takes one of them.
        if (request.EnableThinking == true && request.ThinkingBudget is null)
        {
            request.ReasoningEffort ??= Word(effort, model);
        }
    }

    /// <summary>Thinking is off where nobody asked for it and the service would refuse the request with it.</summary>
    public static void Settle(QwenChatRequest request)
    {
        // A budget is a limit, not a wish to think.
        if (request.EnableThinking is not null || request.ReasoningEffort is not null || IsSaidOtherwise(request))
        {
            return;
        }

        var isRefused =
            ResponseFormatMapper.IsForcedChoice(request.ToolChoice)
            || request.N > 1
            || request.Messages is [.., { IsPartial: true }]
            || (
                ResponseFormatMapper.TypeOf(request.ResponseFormat) == "json_object"
                && OpenHybrid().IsMatch(Name(request.Model))
            );
        if (isRefused)
        {
            request.EnableThinking = false;
        }
    }

    private static string? Word(ReasoningEffort effort, string model)
    {
        var name = Name(model);
        foreach (var (family, words) in Efforts)
        {
            if (name.StartsWith(family, StringComparison.OrdinalIgnoreCase))
            {
                var index = (int)effort - (int)ReasoningEffort.Low;
                return words is not null && index >= 0 && index < words.Length ? words[index] : null;
            }
        }

        return null;
    }

    // Other families and servers have other names for it.
    private static bool IsSaidOtherwise(QwenChatRequest request)
    {
        return request.AdditionalProperties is { } extra
            && (extra.ContainsKey("thinking") || extra.ContainsKey("chat_template_kwargs"));
    }

    // Some routes put the vendor in front.
    private static string Name(string? model)
    {
        return model is null ? "" : model[(model.LastIndexOf('/') + 1)..];
    }

    // The open models that think unless they are told not to: qwen3-8b, qwen3-235b-a22b, but neither -instruct- nor -thinking-
    // (the vendor's page "Deep thinking"). They also think in streams only; the pipeline streams then, and nothing is lost.
    [GeneratedRegex(@"^qwen3-[0-9.]+b(-a[0-9.]+b)?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OpenHybrid();
}
