using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.ExpectedJson;

/// <summary>What options make of a request, from the portable ones to the service's own.</summary>
public class OptionsTests
{
    private static readonly ChatMessage Hello = new(ChatRole.User, "hello");

    private static ChatOptions Portable =>
        new()
        {
            ModelId = "portable",
            Temperature = 0.5f,
            TopP = 0.5f,
            TopK = 40,
            MaxOutputTokens = 10,
            FrequencyPenalty = 0.5f,
            PresencePenalty = 0.5f,
            Seed = 7,
            StopSequences = ["portable"],
            Tools = [Requests.Tool()],
            ToolMode = ChatToolMode.Auto,
            AllowMultipleToolCalls = true,
            ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonAssert.Element("""{"type":"string"}""")),
            Reasoning = new() { Effort = ReasoningEffort.High },
        };

    private const string Tools = """
        "tools":[{"type":"function","function":{"name":"f","description":"Does f.",
         "parameters":{"type":"object","properties":{"a":{"type":"integer"}}}}}]
        """;

    [Theory, InlineData(false), InlineData(true)]
    public async Task ChatOptions_DoNotOverwrite_NotNullPropertiesInRawRepresentation(bool streaming)
    {
        var options = Portable;
        options.RawRepresentationFactory = static _ => new QwenChatRequest
        {
            Model = "raw",
            Temperature = 0,
            TopP = 0.1f,
            TopK = 1,
            MaxTokens = 1,
            FrequencyPenalty = 0,
            PresencePenalty = 0.1f,
            Seed = 0,
            Stop = ["raw"],
            ToolChoice = JsonAssert.Element("\"none\""),
            ParallelToolCalls = false,
            ResponseFormat = JsonAssert.Element("""{"type":"text"}"""),
            EnableThinking = false,
        };

        await SendAsync(
            $$"""
            {"messages":[{"role":"user","content":"hello"}],"model":"raw","temperature":0,"top_p":0.1,"top_k":1,"max_tokens":1,
             "frequency_penalty":0,"presence_penalty":0.1,"seed":0,"stop":["raw"],"tool_choice":"none",
             "parallel_tool_calls":false,"response_format":{"type":"text"},"enable_thinking":false,{{Tools}}?}
            """,
            options,
            streaming
        );
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task ChatOptions_Overwrite_NullPropertiesInRawRepresentation(bool streaming)
    {
        var options = Portable;
        options.RawRepresentationFactory = static _ => new QwenChatRequest { RepetitionPenalty = 1.5f };

        await SendAsync(
            $$"""
            {"messages":[{"role":"user","content":"hello"}],"model":"portable","temperature":0.5,"top_p":0.5,"top_k":40,
             "max_tokens":10,"frequency_penalty":0.5,"presence_penalty":0.5,"seed":7,"stop":["portable"],"tool_choice":"auto",
             "parallel_tool_calls":true,"enable_thinking":true,"reasoning_effort":"high","repetition_penalty":1.5,
             "response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{"type":"string"} } },
             {{Tools}}?}
            """,
            options,
            streaming
        );
    }

    [Fact]
    public async Task StronglyTypedOptions_AllSent()
    {
        var options = new ChatOptions
        {
            RawRepresentationFactory = static _ => new QwenChatRequest
            {
                N = 2,
                Logprobs = true,
                TopLogprobs = 5,
                RepetitionPenalty = 1.1f,
                MaxCompletionTokens = 100,
                EnableThinking = false,
                ThinkingBudget = 50,
                ReasoningEffort = "low",
                PreserveThinking = true,
                ParallelToolCalls = true,
                ToolStream = true,
                EnableSearch = true,
                SearchOptions = JsonAssert.Element("""{"forced_search":true}"""),
                EnableCodeInterpreter = true,
                HighResolutionImages = true,
                Modalities = ["text", "audio"],
                Audio = JsonAssert.Element("""{"voice":"Cherry","format":"wav"}"""),
                TranslationOptions = JsonAssert.Element("""{"source_lang":"auto","target_lang":"English"}"""),
                AdditionalProperties = new Dictionary<string, System.Text.Json.JsonElement>
                {
                    ["brand_new"] = JsonAssert.Element("[1]"),
                },
            },
        };

        await SendAsync(
            """
            {"messages":[{"role":"user","content":"hello"}],"model":"m","n":2,"logprobs":true,"top_logprobs":5,"repetition_penalty":1.1,
             "max_completion_tokens":100,"enable_thinking":false,"thinking_budget":50,"reasoning_effort":"low",
             "preserve_thinking":true,"parallel_tool_calls":true,"tool_stream":true,"enable_search":true,
             "search_options":{"forced_search":true},"enable_code_interpreter":true,"vl_high_resolution_images":true,
             "modalities":["text","audio"],"audio":{"voice":"Cherry","format":"wav"},
             "translation_options":{"source_lang":"auto","target_lang":"English"},"brand_new":[1]?}
            """,
            options,
            streaming: false
        );
    }

    [Fact]
    public async Task ChatOptions_StrictRespected()
    {
        var options = new ChatOptions
        {
            Tools = [Requests.Tool()],
            AdditionalProperties = new() { ["strict"] = true },
        };

        await SendAsync(
            """
            {"messages":[{"role":"user","content":"hello"}],"model":"m","tools":[{"type":"function","function":{"name":"f",
             "description":"Does f.","strict":true,"parameters":{"type":"object","properties":{"a":{"type":"integer"}},
             "additionalProperties":false,"required":["a"]}}}]?}
            """,
            options,
            streaming: false
        );
    }

    [Fact]
    public async Task HostedWebSearchTool_MapsToEnableSearch()
    {
        var options = new ChatOptions
        {
            Tools = [new HostedWebSearchTool(new Dictionary<string, object?> { ["forced_search"] = true })],
        };

        await SendAsync(
            """
            {"messages":[{"role":"user","content":"hello"}],"model":"m","enable_search":true,"search_options":{"forced_search":true}?}
            """,
            options,
            streaming: false
        );
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData(ReasoningEffort.None, ""","enable_thinking":false""")]
    [InlineData(ReasoningEffort.Low, ""","enable_thinking":true,"reasoning_effort":"low" """)]
    [InlineData(ReasoningEffort.Medium, ""","enable_thinking":true,"reasoning_effort":"medium" """)]
    [InlineData(ReasoningEffort.High, ""","enable_thinking":true,"reasoning_effort":"high" """)]
    [InlineData(ReasoningEffort.ExtraHigh, ""","enable_thinking":true,"reasoning_effort":"xhigh" """)]
    public async Task ReasoningOptions_Effort_ProducesExpectedJson(ReasoningEffort? effort, string expected)
    {
        await SendAsync(
            $$"""{"messages":[{"role":"user","content":"hello"}],"model":"m"{{expected}}?}""",
            new ChatOptions { Reasoning = new() { Effort = effort } },
            streaming: true
        );
    }

    private static async Task SendAsync(string input, ChatOptions options, bool streaming)
    {
        const string Chunk =
            """data: {"id":"r","choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}""" + "\n\n";
        var ask = streaming ? ""","stream":true,"stream_options":{"include_usage":true}""" : "";
        input = input.Replace("?}", ask + "}", StringComparison.Ordinal);
        if (streaming)
        {
            await ExchangeTests.StreamAsync(input, Chunk, options, Hello);
        }
        else
        {
            await ExchangeTests.ExchangeAsync(input, Answers.Completion, options, Hello);
        }
    }
}
