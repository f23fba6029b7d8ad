using System.Text.Json;
using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.Wire;

namespace Connectors.Qwen.UnitTests.Wire;

public class QwenJsonContextTests
{
    private static readonly string[] Parameters =
    [
        "audio",
        "enable_code_interpreter",
        "enable_search",
        "enable_thinking",
        "frequency_penalty",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "messages",
        "modalities",
        "model",
        "n",
        "parallel_tool_calls",
        "presence_penalty",
        "preserve_thinking",
        "reasoning_effort",
        "repetition_penalty",
        "response_format",
        "search_options",
        "seed",
        "stop",
        "stream",
        "stream_options",
        "temperature",
        "thinking_budget",
        "tool_choice",
        "tool_stream",
        "tools",
        "top_k",
        "top_logprobs",
        "top_p",
        "translation_options",
        "vl_high_resolution_images",
    ];

    private const string Everything = """
        {
          "model":"qwen3-max","temperature":0.7,"top_p":0.8,"top_k":20,"repetition_penalty":1.1,"presence_penalty":-0.5,
          "frequency_penalty":0.5,"seed":2147483647,"stop":["a","b"],"n":2,"max_tokens":100,"max_completion_tokens":200,
          "logprobs":true,"top_logprobs":3,"enable_thinking":true,"thinking_budget":50,"reasoning_effort":"high",
          "preserve_thinking":true,"parallel_tool_calls":true,"tool_stream":true,"tool_choice":"auto",
          "response_format":{"type":"json_object"},"enable_search":true,"search_options":{"forced_search":true},
          "enable_code_interpreter":false,"vl_high_resolution_images":true,"modalities":["text","audio"],
          "audio":{"voice":"Cherry"},"translation_options":{"source_lang":"auto"},"some_new_parameter":{"x":[1,null]},
          "messages":[{"role":"user","content":"Hello"}],"stream":true,"stream_options":{"include_usage":true},
          "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]
        }
        """;

    [Fact]
    public void QwenChatRequest_JsonNames_AreTheVocabulary()
    {
        var names = QwenJsonContext
            .Wire.QwenChatRequest.Properties.Where(p => !p.IsExtensionData)
            .Select(p => p.Name)
            .Order(StringComparer.Ordinal);

        Assert.Equal(Parameters, names);
    }

    [Fact]
    public void QwenChatRequest_EveryParameter_SurvivesTheRoundTrip()
    {
        var request = JsonSerializer.Deserialize(Everything, QwenJsonContext.Wire.QwenChatRequest)!;

        JsonAssert.Equal(Everything, Serialize(request));
    }

    [Fact]
    public void QwenChatRequest_Nulls_AreNotSent()
    {
        JsonAssert.Equal("{}", Serialize(new QwenChatRequest()));
    }

    [Fact]
    public void QwenChatRequest_ExplicitZeros_AreSent()
    {
        var request = new QwenChatRequest
        {
            Temperature = 0,
            TopK = 0,
            TopLogprobs = 0,
            PresencePenalty = 0,
            Seed = 0,
            EnableThinking = false,
        };

        JsonAssert.Equal(
            """{"temperature":0,"top_k":0,"top_logprobs":0,"presence_penalty":0,"seed":0,"enable_thinking":false}""",
            Serialize(request)
        );
    }

    [Fact]
    public void QwenChatRequest_Chinese_IsNotEscaped()
    {
        var request = new QwenChatRequest
        {
            Messages = [new WireMessage { Role = "user", Content = new("你好 <b>'&'</b>") }],
        };

        Assert.Equal("""{"messages":[{"role":"user","content":"你好 <b>'&'</b>"}]}""", Serialize(request));
    }

    [Fact]
    public void QwenChatRequest_AdditionalProperties_StandAtTheTop()
    {
        var request = new QwenChatRequest
        {
            Model = "m",
            AdditionalProperties = new Dictionary<string, JsonElement>
            {
                ["skill"] = JsonAssert.Element("""[{"type":"ppt"}]"""),
            },
        };

        JsonAssert.Equal("""{"model":"m","skill":[{"type":"ppt"}]}""", Serialize(request));
    }

    [Fact]
    public void WireMessage_ContentWithoutText_IsNull()
    {
        var request = new QwenChatRequest { Messages = [new WireMessage { Role = "assistant" }] };

        JsonAssert.Equal("""{"messages":[{"role":"assistant","content":null}]}""", Serialize(request));
    }

    [Fact]
    public void WireMessage_Parts_SurviveTheRoundTrip()
    {
        const string Json = """
            {"messages":[{"role":"user","content":[
              {"type":"text","text":"What is this?","cache_control":{"type":"ephemeral"}},
              {"type":"image_url","image_url":{"url":"https://example.com/a.png"},"max_pixels":100},
              {"type":"video_url","video_url":{"url":"https://example.com/a.mp4"},"fps":0.5},
              {"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}]}
            """;

        var request = JsonSerializer.Deserialize(Json, QwenJsonContext.Wire.QwenChatRequest)!;

        JsonAssert.Equal(Json, Serialize(request));
    }

    private static string Serialize(QwenChatRequest request)
    {
        return JsonSerializer.Serialize(request, QwenJsonContext.Wire.QwenChatRequest);
    }
}
