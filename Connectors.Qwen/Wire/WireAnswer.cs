using System.Text.Json;
using System.Text.Json.Serialization;

namespace Connectors.Qwen.Wire;

/// <summary>A completion, or one chunk of a streamed one: they differ only in <c>message</c> and <c>delta</c>.</summary>
internal sealed class WireAnswer
{
    [JsonPropertyName("id")]
    [JsonConverter(typeof(LenientTextConverter))]
    public string? Id { get; set; }

    [JsonPropertyName("created")]
    [JsonConverter(typeof(LenientNumberConverter))]
    public long? Created { get; set; }

    [JsonPropertyName("model")]
    [JsonConverter(typeof(LenientTextConverter))]
    public string? Model { get; set; }

    [JsonPropertyName("choices")]
    public IList<WireChoice>? Choices
    {
        get;
        set => field = Items.WithoutNulls(value);
    }

    [JsonPropertyName("usage")]
    public WireUsage? Usage { get; set; }

    /// <summary>What a search found; the compatible mode leaves it out, other routes do not.</summary>
    [JsonPropertyName("search_info")]
    public JsonElement? SearchInfo { get; set; }

    /// <summary>All of it as it came; kept where the caller wants it.</summary>
    [JsonIgnore]
    public JsonElement? Raw { get; set; }
}

internal sealed class WireChoice
{
    [JsonPropertyName("index")]
    [JsonConverter(typeof(LenientNumberConverter))]
    public long? Index { get; set; }

    [JsonPropertyName("message")]
    public WireAnswerMessage? Message { get; set; }

    [JsonPropertyName("delta")]
    public WireAnswerMessage? Delta { get; set; }

    [JsonPropertyName("finish_reason")]
    [JsonConverter(typeof(LenientTextConverter))]
    public string? FinishReason { get; set; }

    [JsonPropertyName("logprobs")]
    public JsonElement? Logprobs { get; set; }
}

/// <summary>What the model says, whole or in part. Everything is optional: routes differ.</summary>
internal sealed class WireAnswerMessage
{
    [JsonPropertyName("role")]
    [JsonConverter(typeof(LenientTextConverter))]
    public string? Role { get; set; }

    [JsonPropertyName("content")]
    [JsonConverter(typeof(ContentTextConverter))]
    public string? Content { get; set; }

    [JsonPropertyName("reasoning_content")]
    [JsonConverter(typeof(LenientTextConverter))]
    public string? ReasoningContent { get; set; }

    // Some gateways use this name.
    [JsonPropertyName("reasoning")]
    [JsonConverter(typeof(LenientTextConverter))]
    public string? Reasoning { get; set; }

    [JsonPropertyName("refusal")]
    [JsonConverter(typeof(LenientTextConverter))]
    public string? Refusal { get; set; }

    /// <summary>A spoken answer, or a piece of one: <c>data</c> and <c>transcript</c>.</summary>
    [JsonPropertyName("audio")]
    public JsonElement? Audio { get; set; }

    [JsonPropertyName("tool_calls")]
    public IList<WireToolCall>? ToolCalls
    {
        get;
        set => field = Items.WithoutNulls(value);
    }
}

/// <summary>A tool call, or a part of one; also what is sent back in the history.</summary>
internal sealed class WireToolCall
{
    [JsonPropertyName("index")]
    [JsonConverter(typeof(LenientNumberConverter))]
    public long? Index { get; set; }

    [JsonPropertyName("id")]
    [JsonConverter(typeof(LenientTextConverter))]
    public string? Id { get; set; }

    [JsonPropertyName("type")]
    [JsonConverter(typeof(LenientTextConverter))]
    public string? Type { get; set; }

    [JsonPropertyName("function")]
    public WireFunctionCall? Function { get; set; }
}

internal sealed class WireFunctionCall
{
    [JsonPropertyName("name")]
    [JsonConverter(typeof(LenientTextConverter))]
    public string? Name { get; set; }

    [JsonPropertyName("arguments")]
    [JsonConverter(typeof(LenientTextConverter))]
    public string? Arguments { get; set; }
}

file static class Items
{
    /// <summary>A list as it is, or without the nulls that no reader of it expects.</summary>
    public static IList<T>? WithoutNulls<T>(IList<T>? items)
        where T : class
    {
        return items?.Contains(null!) == true ? [.. items.Where(static item => item is not null)] : items;
    }
}
