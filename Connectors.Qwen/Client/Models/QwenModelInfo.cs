using System.Globalization;
using System.Text.Json;
using Connectors.Qwen.Wire;

namespace Connectors.Qwen;

/// <summary>What the service's catalogue says of one model. Immutable and thread-safe.</summary>
/// <remarks>
/// <para>All of it is the service's own word (vendor's page "List models", 2026); what an entry does not say is null or empty. What the library
/// does never depends on it, except that it looks up <c>prefix-completion</c> before it goes on with a broken answer.</para>
/// <para>Third parties found the tag <c>Reasoning</c> unreliable in both directions, and models that take less input than the catalogue promises:
/// see <see cref="SafeInputTokens"/>.</para>
/// </remarks>
public sealed class QwenModelInfo
{
    internal QwenModelInfo(JsonElement json)
    {
        Json = json;
        Id = Text(json, "model") ?? "";
        Name = Text(json, "name");
        Description = Text(json, "description");
        Capabilities = List(json, "capabilities");
        Features = List(json, "features");
        var modalities = Member(json, "inference_metadata");
        InputModalities = List(modalities, "request_modality");
        OutputModalities = List(modalities, "response_modality");
        var limits = Member(json, "model_info");
        ContextWindow = Number(limits, "context_window");
        MaxInputTokens = Number(limits, "max_input_tokens");
        MaxOutputTokens = Number(limits, "max_output_tokens");
        MaxReasoningTokens = Number(limits, "max_reasoning_tokens");
        MaxInputTokensWithReasoning = Number(limits, "reasoning_max_input_tokens");
        MaxOutputTokensWithReasoning = Number(limits, "reasoning_max_output_tokens");
    }

    /// <summary>The id that requests name, for example <c>qwen3-max</c>.</summary>
    public string Id { get; }

    /// <summary>The name for people.</summary>
    public string? Name { get; }

    /// <summary>What it is good for, in the service's words.</summary>
    public string? Description { get; }

    /// <summary>Kinds of work: <c>TG</c> (text), <c>VU</c> (vision), <c>Multimodal-Omni</c>, <c>TR</c>, <c>Reasoning</c> (unreliable), and others.</summary>
    public IReadOnlyList<string> Capabilities { get; }

    /// <summary>Abilities: <c>function-calling</c>, <c>structured-outputs</c>, <c>web-search</c>, <c>prefix-completion</c>, <c>cache</c>,
    /// <c>batch</c>, and others.</summary>
    public IReadOnlyList<string> Features { get; }

    /// <summary>What it reads: <c>Text</c>, <c>Image</c>, <c>Video</c>, <c>Audio</c>.</summary>
    public IReadOnlyList<string> InputModalities { get; }

    /// <summary>What it answers with.</summary>
    public IReadOnlyList<string> OutputModalities { get; }

    /// <summary>Input and output together, in tokens.</summary>
    public long? ContextWindow { get; }

    /// <summary>The longest input, in tokens.</summary>
    public long? MaxInputTokens { get; }

    /// <summary>The longest answer, in tokens.</summary>
    public long? MaxOutputTokens { get; }

    /// <summary>The longest chain of thought, in tokens.</summary>
    public long? MaxReasoningTokens { get; }

    /// <summary>The longest input while it thinks, in tokens.</summary>
    public long? MaxInputTokensWithReasoning { get; }

    /// <summary>The longest answer while it thinks, in tokens; often less than <see cref="MaxOutputTokens"/>.</summary>
    public long? MaxOutputTokensWithReasoning { get; }

    /// <summary>The smallest of <see cref="ContextWindow"/>, <see cref="MaxInputTokens"/> and <see cref="MaxInputTokensWithReasoning"/>: no one of
    /// them says what is enforced, but measured by a third party in 2026 prompts up to this were never refused for their length. Null when none is
    /// known. What a refused prompt was measured against stands in <see cref="QwenException.MaxInputTokens"/>.</summary>
    public long? SafeInputTokens =>
        new[] { ContextWindow, MaxInputTokens, MaxInputTokensWithReasoning }.Where(static limit => limit > 0).Min();

    /// <summary>The whole entry as the service sent it: prices, snapshots, and what this class has no property for.</summary>
    public JsonElement Json { get; }

    /// <inheritdoc/>
    public override string ToString()
    {
        return Id;
    }

    private static JsonElement Member(JsonElement json, string name)
    {
        return json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : default;
    }

    private static string? Text(JsonElement json, string name)
    {
        return Member(json, name) is { ValueKind: JsonValueKind.String } text ? LenientString.Read(text) : null;
    }

    private static long? Number(JsonElement json, string name)
    {
        return Member(json, name) switch
        {
            { ValueKind: JsonValueKind.Number } number => number.TryGetInt64(out var whole) ? whole : null,
            { ValueKind: JsonValueKind.String } text
                when long.TryParse(
                    LenientString.Read(text),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var whole
                ) => whole,
            _ => null,
        };
    }

    private static IReadOnlyList<string> List(JsonElement json, string name)
    {
        return Member(json, name) is { ValueKind: JsonValueKind.Array } items
            ?
            [
                .. items
                    .EnumerateArray()
                    .Where(static item => item.ValueKind == JsonValueKind.String)
                    .Select(static item => LenientString.Read(item)!),
            ]
            : [];
    }
}
