using Connectors.Qwen.Errors;

namespace Connectors.Qwen.Client;

/// <summary>What one model of one endpoint has refused so far. Immutable: lessons are only added.</summary>
internal sealed record ModelLessons
{
    /// <summary>The parameters that are left out for a model that does not know them: wishes that the library makes of portable options, or has of its
    /// own. What else a caller asks for is never left out.</summary>
    public static readonly IReadOnlyList<string> Dispensable =
    [
        "enable_thinking",
        "reasoning_effort",
        "parallel_tool_calls",
        "stream_options",
    ];

    /// <summary>Of a model that has refused nothing.</summary>
    public static readonly ModelLessons None = new();

    /// <summary>Whether it refuses to be told not to think.</summary>
    public bool AlwaysThinks { get; init; }

    /// <summary>Whether a forced tool call excludes thinking.</summary>
    public bool NoForcedToolInThought { get; init; }

    /// <summary>The forms of an answer (the types of <c>response_format</c>) that exclude thinking.</summary>
    public IReadOnlyList<string> FormsWithoutThought { get; init; } = [];

    /// <summary>The words that it takes for <c>reasoning_effort</c>; null while it takes any.</summary>
    public IReadOnlyList<string>? EffortWords { get; init; }

    /// <summary>The parameters that it does not take.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>These and what a refusal teaches; the same object when it teaches nothing new.</summary>
    public ModelLessons With(ModelRefusal refusal)
    {
        return refusal.Lesson switch
        {
            ModelLesson.AlwaysThinks when !AlwaysThinks => this with { AlwaysThinks = true },
            ModelLesson.NoForcedToolInThought when !NoForcedToolInThought => this with { NoForcedToolInThought = true },
            ModelLesson.NoJsonInThought when refusal.Parameter is { } form && !FormsWithoutThought.Contains(form) =>
                this with
                {
                    FormsWithoutThought = [.. FormsWithoutThought, form],
                },
            ModelLesson.EffortWords => WithEfforts(refusal.Words ?? []),
            ModelLesson.UnknownParameter
                when Dispensable.Contains(refusal.Parameter!) && !Unknown.Contains(refusal.Parameter!) => this with
            {
                Unknown = [.. Unknown, refusal.Parameter!],
            },
            _ => this,
        };
    }

    // Servers have been seen to name two lists in turn. Only ever fewer words, so that this comes to an end.
    private ModelLessons WithEfforts(IReadOnlyList<string> words)
    {
        string[] both = EffortWords is null ? [.. words] : [.. EffortWords.Intersect(words)];
        return both.Length == EffortWords?.Count ? this : this with { EffortWords = both };
    }
}
