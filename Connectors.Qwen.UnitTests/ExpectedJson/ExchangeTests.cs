using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.ExpectedJson;

/// <summary>Whole exchanges of the raw client: the JSON that is sent, the answer that is made of what comes back.</summary>
public class ExchangeTests
{
    private const string StreamedHello = """
        data: {"id":"chatcmpl-1","created":1,"model":"qwen3-max-2026","choices":[{"index":0,"delta":{"role":"assistant","content":""}}],"usage":null}

        data: {"id":"chatcmpl-1","created":1,"model":"qwen3-max-2026","choices":[{"index":0,"delta":{"role":null,"content":"Hello"}}],"usage":null}

        data: {"id":"chatcmpl-1","created":1,"model":"qwen3-max-2026","choices":[{"index":0,"delta":{"content":"! 你好"}}],"usage":null}

        data: {"id":"chatcmpl-1","created":1,"model":"qwen3-max-2026","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],"usage":null}

        data: {"id":"chatcmpl-1","created":1,"model":"qwen3-max-2026","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":1}}}

        data: [DONE]


        """;

    [Fact]
    public async Task BasicRequestResponse_NonStreaming()
    {
        const string Input = """
            {"messages":[{"role":"user","content":"hello"}],"model":"m","temperature":0.5,"max_tokens":10}
            """;
        const string Output = """
            {"id":"chatcmpl-1","object":"chat.completion","created":1727888631,"model":"qwen3-max-2026",
             "choices":[{"index":0,"message":{"role":"assistant","content":"Hello! 你好","refusal":null,"reasoning_content":""},
              "logprobs":null,"finish_reason":"stop"}],
             "usage":{"prompt_tokens":8,"completion_tokens":9,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":13},
              "completion_tokens_details":{"reasoning_tokens":90}},"system_fingerprint":null}
            """;
        var options = new ChatOptions { MaxOutputTokens = 10, Temperature = 0.5f };

        var response = await ExchangeAsync(Input, Output, options, new ChatMessage(ChatRole.User, "hello"));

        Assert.Equal(("chatcmpl-1", "Hello! 你好"), (response.ResponseId, response.Text));
        Assert.Equal(ChatRole.Assistant, response.Messages.Single().Role);
        Assert.Equal("qwen3-max-2026", response.ModelId);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_727_888_631), response.CreatedAt);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        var usage = response.Usage!;
        Assert.Equal((8, 9, 17), (usage.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount));
        Assert.Equal((13, 90), (usage.CachedInputTokenCount, usage.ReasoningTokenCount));
    }

    [Fact]
    public async Task BasicRequestResponse_Streaming()
    {
        const string Input = """
            {"messages":[{"role":"user","content":"hello"}],"model":"m","temperature":0.5,"max_tokens":20,
             "stream":true,"stream_options":{"include_usage":true}}
            """;
        var options = new ChatOptions { MaxOutputTokens = 20, Temperature = 0.5f };

        var updates = await StreamAsync(Input, StreamedHello, options, new ChatMessage(ChatRole.User, "hello"));

        Assert.Equal("Hello! 你好", string.Concat(updates.Select(static update => update.Text)));
        Assert.All(
            updates,
            static update =>
            {
                Assert.Equal(("chatcmpl-1", "qwen3-max-2026"), (update.ResponseId, update.ModelId));
                Assert.Equal(ChatRole.Assistant, update.Role);
                Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1), update.CreatedAt);
            }
        );
        Assert.Equal(
            ChatFinishReason.Stop,
            updates.Single(static update => update.FinishReason is not null).FinishReason
        );
        var usage = Assert.Single(updates.SelectMany(static update => update.Contents).OfType<UsageContent>()).Details;
        Assert.Equal((9, 5, 14), (usage.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount));
        Assert.Equal((2, 1), (usage.CachedInputTokenCount, usage.ReasoningTokenCount));
    }

    [Fact]
    public async Task MultipleMessages_NonStreaming()
    {
        const string Input = """
            {"messages":[{"role":"system","content":"You are kind."},{"role":"user","content":"hello!"},
             {"role":"assistant","content":"hi, how are you?"},{"role":"user","content":"i'm good. 你呢？"}],
             "model":"m","temperature":0.25,"frequency_penalty":0.75,"presence_penalty":0.5,"stop":["great"],"seed":42}
            """;
        var options = new ChatOptions
        {
            Temperature = 0.25f,
            FrequencyPenalty = 0.75f,
            PresencePenalty = 0.5f,
            StopSequences = ["great"],
            Seed = 42,
        };

        var response = await ExchangeAsync(
            Input,
            Answers.Completion,
            options,
            new(ChatRole.System, "You are kind."),
            new(ChatRole.User, "hello!"),
            new(ChatRole.Assistant, "hi, how are you?"),
            new(ChatRole.User, "i'm good. 你呢？")
        );

        Assert.Equal("Hello", response.Text);
    }

    [Fact]
    public async Task MultiPartSystemMessage_NonStreaming()
    {
        const string Input = """
            {"messages":[{"role":"system","content":"You are kind. Be brief."},{"role":"user","content":"hello!"}],"model":"m"}
            """;

        await ExchangeAsync(
            Input,
            Answers.Completion,
            null,
            new(ChatRole.System, [new TextContent("You are kind. "), new TextContent("Be brief.")]),
            new(ChatRole.User, "hello!")
        );
    }

    [Fact]
    public async Task EmptyAssistantMessage_NonStreaming()
    {
        const string Input = """
            {"messages":[{"role":"user","content":"hello!"},{"role":"assistant","content":""},{"role":"user","content":"well?"}],"model":"m"}
            """;

        await ExchangeAsync(
            Input,
            Answers.Completion,
            null,
            new(ChatRole.User, "hello!"),
            new(ChatRole.Assistant, (string?)null),
            new(ChatRole.User, "well?")
        );
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task ChatOptions_ModelId_OverridesClientModel(bool streaming)
    {
        var ask = streaming ? ""","stream":true,"stream_options":{"include_usage":true}""" : "";
        var input = $$"""{"messages":[{"role":"user","content":"hello"}],"model":"qwen-flash"{{ask}}}""";
        var options = new ChatOptions { ModelId = "qwen-flash" };
        var hello = new ChatMessage(ChatRole.User, "hello");

        var text = streaming
            ? (await StreamAsync(input, StreamedHello, options, hello)).ToChatResponse().Text
            : (await ExchangeAsync(input, Answers.Completion, options, hello)).Text;

        Assert.StartsWith("Hello", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReasoningContent_NonStreaming_SurfacedAsTextReasoningContent()
    {
        const string Output = """
            {"id":"r","choices":[{"message":{"role":"assistant","content":"4","reasoning_content":"2 and 2"},"finish_reason":"stop"}]}
            """;
        const string Input = """{"messages":[{"role":"user","content":"2+2"}],"model":"m","enable_thinking":true}""";
        var options = new ChatOptions { AdditionalProperties = new() { ["enable_thinking"] = true } };

        var response = await ExchangeAsync(Input, Output, options, new ChatMessage(ChatRole.User, "2+2"));

        Assert.Equal("4", response.Text);
        Assert.Equal("2 and 2", response.Messages[0].Contents.OfType<TextReasoningContent>().Single().Text);
    }

    [Fact]
    public async Task ReasoningContent_Streaming_SurfacedAsTextReasoningContent()
    {
        const string Stream = """
            data: {"id":"r","choices":[{"index":0,"delta":{"role":"assistant","content":null,"reasoning_content":""}}]}

            data: {"id":"r","choices":[{"index":0,"delta":{"content":null,"reasoning_content":"2 and"}}]}

            data: {"id":"r","choices":[{"index":0,"delta":{"content":null,"reasoning_content":" 2"}}]}

            data: {"id":"r","choices":[{"index":0,"delta":{"content":"4","reasoning_content":null}}]}

            data: {"id":"r","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}

            data: [DONE]


            """;
        const string Input = """
            {"messages":[{"role":"user","content":"2+2"}],"model":"m","stream":true,"stream_options":{"include_usage":true}}
            """;

        var response = (await StreamAsync(Input, Stream, null, new ChatMessage(ChatRole.User, "2+2"))).ToChatResponse();

        Assert.Equal("4", response.Text);
        Assert.Equal("2 and 2", response.Messages[0].Contents.OfType<TextReasoningContent>().Single().Text);
    }

    internal static async Task<ChatResponse> ExchangeAsync(
        string input,
        string output,
        ChatOptions? options,
        params ChatMessage[] messages
    )
    {
        var handler = new ScriptedHandler(() => Answers.Json(output));
        var response = await RawClient.Over(handler).GetResponseAsync(messages, options);
        Check(input, handler.Request);
        return response;
    }

    internal static async Task<List<ChatResponseUpdate>> StreamAsync(
        string input,
        string output,
        ChatOptions? options,
        params ChatMessage[] messages
    )
    {
        var handler = new ScriptedHandler(() => Answers.Stream(output));
        var updates = await RawClient.Over(handler).GetStreamingResponseAsync(messages, options).ReadAllAsync();
        Check(input, handler.Request);
        return updates;
    }

    private static void Check(string input, SentRequest request)
    {
        Assert.Equal("POST https://qwen.example/v1/chat/completions", request.Line);
        JsonAssert.Equal(input, request.Body);
    }
}
