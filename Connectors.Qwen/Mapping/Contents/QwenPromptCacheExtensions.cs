using Connectors.Qwen.Mapping;

namespace Microsoft.Extensions.AI;

/// <summary>Markers of the service's explicit prompt cache.</summary>
public static class QwenPromptCacheExtensions
{
    /// <summary>
    /// Marks the end of a part of the prompt that comes again: everything up to here is kept by the service, and is cheaper the next
    /// time.
    /// </summary>
    /// <remarks>
    /// By the vendor's page "Context cache" (2026): at most four markers in a request, at least 1024 tokens in front of one; kept for
    /// five minutes after the last use; the first use costs 125 % of the input, the next ones about 10 %. Families without it ignore
    /// the marker. Tools are part of the prompt: with a marker they are sent in the order of their names, so that the same tools make the
    /// same prompt. A function is marked by <c>AdditionalProperties["cache_control"]</c>. What was found shows in
    /// <c>UsageDetails.CachedInputTokenCount</c>, what was kept in <c>AdditionalCounts["cache_creation_input_tokens"]</c>.
    /// </remarks>
    /// <typeparam name="TContent">The type of the content.</typeparam>
    /// <param name="content">The content, which is changed.</param>
    /// <returns><paramref name="content"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="content"/> is null.</exception>
    /// <exception cref="ArgumentException">The content is no part of a prompt that a marker can stand behind: a tool call, reasoning, or
    /// usage. Mark the result of the tool, or the text.</exception>
    public static TContent WithQwenCacheControl<TContent>(this TContent content)
        where TContent : AIContent
    {
        ArgumentNullException.ThrowIfNull(content);
        if (content is FunctionCallContent or TextReasoningContent or UsageContent)
        {
            throw new ArgumentException(
                $"No marker can stand behind {content.GetType().Name}: mark a text, a picture, or the result of a tool.",
                nameof(content)
            );
        }

        (content.AdditionalProperties ??= [])[CacheMarkers.Name] = new Dictionary<string, object?>
        {
            ["type"] = "ephemeral",
        };
        return content;
    }
}
