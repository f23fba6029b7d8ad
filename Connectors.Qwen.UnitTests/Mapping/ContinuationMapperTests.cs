using System.Text.Json;
using Connectors.Qwen.Continuation;
using Connectors.Qwen.Mapping;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;
using Moq;

namespace Connectors.Qwen.UnitTests.Mapping;

/// <summary>Rows C3, C7, C9, C10, C12 and C13 on the wire request.</summary>
public sealed class ContinuationMapperTests
{
    [Fact]
    public void Override_Thinking_IsOffWhateverTheRequestSays()
    {
        var request = Continued(
            new ChatOptions
            {
                Reasoning = new ReasoningOptions { Effort = ReasoningEffort.High },
                RawRepresentationFactory = static _ => new QwenChatRequest
                {
                    EnableThinking = true,
                    ThinkingBudget = 100,
                    ReasoningEffort = "high",
                    AdditionalProperties = new Dictionary<string, JsonElement>
                    {
                        ["thinking"] = JsonElement.Parse("""{"type":"enabled"}"""),
                        ["chat_template_kwargs"] = JsonElement.Parse("""{"enable_thinking":true}"""),
                        ["mine"] = JsonElement.Parse("1"),
                    },
                },
                AdditionalProperties = new() { ["enable_thinking"] = true, ["reasoning_effort"] = "high" },
            }
        );

        Assert.Equal((false, null, null), (request.EnableThinking, request.ThinkingBudget, request.ReasoningEffort));
        Assert.Equal(["mine"], request.AdditionalProperties!.Keys);
    }

    [Fact]
    public void Override_FormatAndSearch_AreOff()
    {
        var request = Continued(
            new ChatOptions
            {
                ResponseFormat = ChatResponseFormat.Json,
                RawRepresentationFactory = static _ => new QwenChatRequest
                {
                    ResponseFormat = JsonElement.Parse("""{"type":"json_object"}"""),
                    EnableSearch = true,
                    SearchOptions = JsonElement.Parse("{}"),
                },
            }
        );

        Assert.Null(request.ResponseFormat);
        Assert.Equal((false, null), (request.EnableSearch, request.SearchOptions));
        Assert.Null(Continued(new ChatOptions()).EnableSearch);
    }

    [Theory]
    [InlineData(100, 30, 70), InlineData(100, 99, 1), InlineData(100, 200, 1), InlineData(null, 30, null)]
    public void Override_LimitOfTokens_IsWhatIsLeft(int? limit, long received, int? expected)
    {
        var options = new ContinuationOptions(new ChatOptions { MaxOutputTokens = limit }, received, 0);
        var raw = new ChatOptions { RawRepresentationFactory = _ => new QwenChatRequest { MaxTokens = limit } };
        var named = new ChatOptions { AdditionalProperties = new() { ["max_tokens"] = limit } };

        Assert.Equal(expected, options.MaxOutputTokens);
        Assert.Equal(expected, Wire(options).MaxTokens);
        Assert.Equal(expected, Wire(new ContinuationOptions(raw, received, 0)).MaxTokens);
        Assert.Equal(expected, Wire(new ContinuationOptions(named, received, 0)).MaxTokens);
    }

    [Fact]
    public void Override_LimitOfCompletion_CountsTheReasoningToo()
    {
        var options = new ChatOptions
        {
            RawRepresentationFactory = static _ => new QwenChatRequest { MaxCompletionTokens = 100 },
        };

        Assert.Equal(60, Wire(new ContinuationOptions(options, 30, 10)).MaxCompletionTokens);
    }

    [Fact]
    public void ContinuationOptions_Clone_StaysOne()
    {
        var options = new ContinuationOptions(new ChatOptions { MaxOutputTokens = 100, ModelId = "m" }, 30, 5).Clone();

        var clone = Assert.IsType<ContinuationOptions>(options);
        Assert.Equal(
            (30, 5, 100, 70),
            (clone.ReceivedTokens, clone.ReceivedReasoningTokens, clone.WholeMaxOutputTokens, clone.MaxOutputTokens)
        );
        Assert.Equal("m", clone.ModelId);
    }

    [Fact]
    public void ToTraits_PlainRequest_IsHinderedByNothing()
    {
        var traits = Traits(new QwenChatRequest { Model = "m", ToolChoice = JsonElement.Parse("\"auto\"") });

        Assert.Equal(
            ("m", null, false, false),
            (traits.Model, traits.Hindrance, traits.HasSeveralAnswers, traits.IsJson)
        );
        Assert.Empty(traits.Stops);
    }

    [Theory]
    [InlineData("""{"n":2}""", "several answers")]
    [InlineData("""{"audio":{"voice":"Cherry"}}""", "spoken")]
    [InlineData("""{"modalities":["text","audio"]}""", "spoken")]
    [InlineData("""{"logprobs":true}""", "log probabilities")]
    [InlineData("""{"tool_choice":"required"}""", "forces a tool call")]
    [InlineData("""{"tool_choice":{"type":"function","function":{"name":"f"}}}""", "forces a tool call")]
    [InlineData("""{"n":1,"logprobs":false,"modalities":["text"],"tool_choice":"none"}""", null)]
    public void ToTraits_WhatCannotBeContinued_IsNamed(string json, string? expected)
    {
        var traits = Traits(JsonSerializer.Deserialize(json, QwenJsonContext.Wire.QwenChatRequest)!);

        Assert.Equal(expected is null, traits.Hindrance is null);
        Assert.Contains(expected ?? "", traits.Hindrance ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"response_format":{"type":"json_object"}}""", true)]
    [InlineData("""{"response_format":{"type":"json_schema","json_schema":{}}}""", true)]
    [InlineData("""{"response_format":{"type":"text"}}""", false)]
    [InlineData("""{"response_format":{"type":1}}""", false)]
    [InlineData("""{"response_format":"json"}""", false)]
    [InlineData("{}", false)]
    public void ToTraits_Document_IsOne(string json, bool expected)
    {
        Assert.Equal(expected, Traits(JsonSerializer.Deserialize(json, QwenJsonContext.Wire.QwenChatRequest)!).IsJson);
    }

    [Fact]
    public void ToTraits_LimitsAndStops_AreThoseOfTheWire()
    {
        var traits = Traits(
            new QwenChatRequest
            {
                MaxTokens = 5,
                MaxCompletionTokens = 9,
                Stop = ["END"],
                N = 2,
            }
        );

        Assert.Equal((5, 9, true), (traits.MaxTokens, traits.MaxCompletionTokens, traits.HasSeveralAnswers));
        Assert.Equal(["END"], traits.Stops);
    }

    [Theory]
    [InlineData("qwen3-max", true), InlineData("qwen3-max-2026-01-23", true), InlineData("QWEN-PLUS", true)]
    [
        InlineData("qwen-plus-latest", true),
        InlineData("qwen3.7-plus", true),
        InlineData("qwen3-coder-480b-a35b-instruct", true)
    ]
    [InlineData("qwen-vl-max", true), InlineData("qwen3.8-max", true)]
    [
        InlineData("qwen3-vl-235b-a22b-thinking", false),
        InlineData("qwen-plus-character", false),
        InlineData("qwen-vl-ocr", false)
    ]
    [
        InlineData("qwen3-maximum", false),
        InlineData("qwq-plus", false),
        InlineData("glm-5", false),
        InlineData("my-qwen3-max", false)
    ]
    public void Families_Model_IsKnownOrNot(string model, bool expected)
    {
        Assert.Equal(expected, ContinuationFamilies.Contains(model));
    }

    private static RequestTraits Traits(QwenChatRequest request)
    {
        return ContinuationMapper.ToTraits(request);
    }

    private static QwenChatRequest Continued(ChatOptions options)
    {
        return Wire(new ContinuationOptions(options, 10, 0));
    }

    private static QwenChatRequest Wire(ChatOptions options)
    {
        return RequestMapper.ToWire([new(ChatRole.User, "Hi")], options, "m", isStream: true, Mock.Of<IChatClient>());
    }
}
