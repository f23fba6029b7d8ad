using System.Text.RegularExpressions;

namespace Connectors.Qwen.Errors;

/// <summary>What can be learned of a model from its refusal of a request.</summary>
internal enum ModelLesson
{
    /// <summary>Nothing: the caller has to change the request.</summary>
    None,

    /// <summary>It always thinks.</summary>
    AlwaysThinks,

    /// <summary>It cannot be forced to call a tool while it thinks.</summary>
    NoForcedToolInThought,

    /// <summary>It does not write this form of JSON while it thinks.</summary>
    NoJsonInThought,

    /// <summary>It takes only some words for how hard to think.</summary>
    EffortWords,

    /// <summary>It does not take a parameter at all.</summary>
    UnknownParameter,
}

/// <summary>A refusal that is understood.</summary>
/// <param name="Lesson">What it says of the model.</param>
/// <param name="Advice">What the caller can do, for the message.</param>
/// <param name="Parameter">The parameter that it is about; null where the lesson says it.</param>
/// <param name="Words">The words that are taken for it; empty where the server names none.</param>
internal sealed record ModelRefusal(
    ModelLesson Lesson,
    string Advice,
    string? Parameter = null,
    IReadOnlyList<string>? Words = null
);

/// <summary>
/// The one table of refusals, by what the service says: it has one code for nearly all of them. Texts are those of the vendor's error page, of
/// issues that quote the service, and of gateways in front of it. Pure.
/// </summary>
internal static partial class ModelRefusals
{
    // The first that is found counts. What is said of one request, not of the model, has no lesson.
    // csharpier-ignore
    private static readonly (string Text, ModelLesson Lesson, string Advice)[] Table =
    [
        ("enable_thinking parameter is restricted to True", ModelLesson.AlwaysThinks, "This model always thinks: leave enable_thinking out. It cannot be forced to call a tool; let it choose (ChatToolMode.Auto)."),
        ("tool_choice parameter does not support being set to required or object in thinking mode", ModelLesson.NoForcedToolInThought, "A model that thinks cannot be forced to call a tool: set enable_thinking to false, or let it choose (ChatToolMode.Auto)."),
        ("Json mode response is not supported when enable_thinking is true", ModelLesson.NoJsonInThought, "This model does not write JSON mode while it thinks: set enable_thinking to false, or leave response_format out."),
        ("cannot be set simultaneously", ModelLesson.None, "Set reasoning_effort or thinking_budget, not both."),
        ("thinking_budget parameter must be", ModelLesson.None, "Set thinking_budget within the range that the server names."),
        ("tool_choice is one of the strings that should be", ModelLesson.None, "This model cannot be forced to call a tool: let it choose (ChatToolMode.Auto)."),
        ("Range of max_tokens should be", ModelLesson.None, "Set MaxOutputTokens within the range that the server names; it is smaller while the model thinks."),
        ("must contain the word 'json'", ModelLesson.None, "Say in a message that the answer is to be JSON, with that word."),
        ("list index out of range", ModelLesson.None, "The service answers a user or the result of a tool: the last message must be one of those."),
        ("Tool names are not allowed to be [search]", ModelLesson.None, "Give the tool another name: the service keeps 'search' for itself."),
        ("The tool call is not supported", ModelLesson.None, "This model takes no tools: leave them out, or use another model."),
        ("input content must be a string", ModelLesson.None, "This model reads text only: send images and other media to one that reads them."),
        ("Unexpected item type in content", ModelLesson.None, "This model reads text only: send images and other media to one that reads them."),
        ("Repetitive tool calls detected", ModelLesson.None, "The same tool was called with the same arguments again and again: end the loop, or change what the tool returns."),
    ];

    private static readonly string[] EffortWords = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

    /// <summary>The rows, for the document that shows them.</summary>
    public static IEnumerable<(string Text, ModelLesson Lesson, string Advice)> Rows => Table;

    /// <summary>What a refusal says of the model; null when it is not understood.</summary>
    /// <param name="code">The code field, as text.</param>
    /// <param name="message">The message field.</param>
    /// <param name="parameter">The field that names a parameter.</param>
    public static ModelRefusal? Find(string? code, string? message, string? parameter)
    {
        foreach (var (text, lesson, advice) in Table)
        {
            if (message?.Contains(text, StringComparison.OrdinalIgnoreCase) == true)
            {
                return new ModelRefusal(lesson, advice);
            }
        }

        return Efforts(message) ?? Unknown(code, message, parameter);
    }

    private static ModelRefusal? Efforts(string? message)
    {
        var list = EffortList().Match(message ?? "");
        if (!list.Success)
        {
            return null;
        }

        var words = Quoted()
            .Matches(list.Groups["words"].Value)
            .Select(static word => word.Groups["word"].Value)
            .Where(EffortWords.Contains)
            .ToArray();
        return new ModelRefusal(
            ModelLesson.EffortWords,
            "Set reasoning_effort to a word that the server names, or leave it out.",
            "reasoning_effort",
            words
        );
    }

    private static ModelRefusal? Unknown(string? code, string? message, string? parameter)
    {
        var match = UnknownName().Match(message ?? "");
        var name =
            code?.EndsWith("NotSupportEnableThinking", StringComparison.OrdinalIgnoreCase) == true ? "enable_thinking"
            : match.Success ? match.Groups["name"].Value
            : code == "unsupported_parameter" && WholeName().IsMatch(parameter ?? "") ? parameter
            : null;
        return name is null
            ? null
            : new ModelRefusal(
                ModelLesson.UnknownParameter,
                $"This model does not take {name}: leave it out, or use another model.",
                name
            );
    }

    [GeneratedRegex(
        @"reasoning_effort['""`]?\s+(?:Input )?(?:must be one of|should be)\b(?<words>(?:(?!\[type=).){0,200})",
        RegexOptions.IgnoreCase | RegexOptions.Singleline,
        1000
    )]
    private static partial Regex EffortList();

    [GeneratedRegex(@"['""`](?<word>[a-z]{1,20})['""`]", RegexOptions.None, 1000)]
    private static partial Regex Quoted();

    // "The model x does not support enable_thinking." and, of gateways, "current model does not support parameter `x`" and
    // "Unsupported parameter: 'x' is not supported with this model."
    [GeneratedRegex(
        @"(?:model(?: [^\s]{1,100})? does not support (?:the )?(?:parameter )?|(?:unsupported|unknown|unrecognized) (?:parameter|request argument supplied): ?)['""`]?(?<name>[a-z]+(?:_[a-z]+)+)\b",
        RegexOptions.IgnoreCase,
        1000
    )]
    private static partial Regex UnknownName();

    [GeneratedRegex("^[a-z]+(?:_[a-z]+)*$", RegexOptions.None, 1000)]
    private static partial Regex WholeName();
}
