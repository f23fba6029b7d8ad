using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Continuation;

/// <summary>What continuing an answer depends on in the request that it answers.</summary>
internal sealed record RequestTraits
{
    /// <summary>The model as it is named to the server.</summary>
    public required string Model { get; init; }

    /// <summary>Why an answer to this request is never continued, as the end of a sentence; null when nothing speaks against it.</summary>
    public string? Hindrance { get; init; }

    /// <summary>Whether several answers are asked for: they come without streaming only.</summary>
    public bool HasSeveralAnswers { get; init; }

    /// <summary>Whether the answer is to be a JSON document.</summary>
    public bool IsJson { get; init; }

    /// <summary>Texts at which the answer ends.</summary>
    public IReadOnlyList<string> Stops { get; init; } = [];

    /// <summary>The limit of the visible answer in tokens.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>The limit of answer and reasoning together in tokens.</summary>
    public int? MaxCompletionTokens { get; init; }

    /// <summary>What the portable options alone say: for an inner client that cannot be asked.</summary>
    public static RequestTraits Of(ChatOptions? options, string model)
    {
        return new RequestTraits
        {
            Model = model,
            Hindrance = options?.ToolMode is RequiredChatToolMode ? ForcedTool : null,
            IsJson = options?.ResponseFormat is ChatResponseFormatJson,
            Stops = [.. options?.StopSequences ?? []],
            MaxTokens = options?.MaxOutputTokens,
        };
    }

    /// <summary>The hindrance of a forced tool choice: the model would have to call it again.</summary>
    public const string ForcedTool = "its request forces a tool call";
}
