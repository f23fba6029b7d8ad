using System.Text.Json.Serialization.Metadata;
using Connectors.Qwen.Wire;

namespace Connectors.Qwen.Transport;

/// <summary>What an answer of one kind looks like.</summary>
/// <param name="Name">What to call it in an error, such as <c>a completion</c>.</param>
/// <param name="Type">How its JSON is read.</param>
/// <param name="IsAnswer">Whether the JSON is such an answer at all.</param>
/// <param name="Failure">The error that it is in disguise; null as a rule.</param>
internal sealed record AnswerForm<T>(
    string Name,
    JsonTypeInfo<T> Type,
    Func<T, bool> IsAnswer,
    Func<T, WireError?> Failure
);

/// <summary>The forms of answers.</summary>
internal static class AnswerForm
{
    public static AnswerForm<WireAnswer> Completion { get; } =
        new(
            "a completion",
            QwenJsonContext.Wire.WireAnswer,
            static answer => answer.Choices is not null,
            static answer => WireError.From(answer)
        );

    public static AnswerForm<WireEmbeddings> Embeddings { get; } =
        new(
            "embeddings",
            QwenJsonContext.Wire.WireEmbeddings,
            static answer => answer.Data is not null,
            static _ => null
        );
}
