using System.Text.Json;

namespace Connectors.Qwen.IntegrationTests.Faults.Answers;

/// <summary>The data of single events, in the shapes of the service.</summary>
internal static class Chunk
{
    private const string Head =
        "\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"id\":\"chatcmpl-1\"";

    public static string Text(string text)
    {
        return Delta($$"""{"content":{{JsonSerializer.Serialize(text)}}}""");
    }

    public static string Reasoning(string text)
    {
        return Delta($$"""{"content":null,"reasoning_content":{{JsonSerializer.Serialize(text)}}}""");
    }

    public static string Calls(string json)
    {
        return Delta($$"""{"content":null,"tool_calls":{{json}}}""");
    }

    public static string Finish(string reason = "stop")
    {
        return $$"""{"choices":[{"finish_reason":"{{reason}}","delta":{"content":""},"index":0}],"usage":null,{{Head}}}""";
    }

    public static string Usage(int tokens)
    {
        return $$"""{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":{{tokens}},"total_tokens":{{3 + tokens}}},{{Head}}}""";
    }

    /// <summary>A whole answer, not a chunk.</summary>
    public static string Whole(string message, string? reason = "stop")
    {
        return $$"""{"choices":[{"message":{{message}},"finish_reason":{{JsonSerializer.Serialize(reason)}},"index":0}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5},"object":"chat.completion","created":1,"model":"m","id":"chatcmpl-1"}""";
    }

    /// <summary>A whole answer of text.</summary>
    public static string WholeText(string text, string? reason = "stop")
    {
        return Whole($$"""{"role":"assistant","content":{{JsonSerializer.Serialize(text)}}}""", reason);
    }

    public static string Delta(string delta)
    {
        return $$"""{"choices":[{"delta":{{delta}},"finish_reason":null,"index":0}],"usage":null,{{Head}}}""";
    }
}
