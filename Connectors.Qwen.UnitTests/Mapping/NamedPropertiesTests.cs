using System.Text.Json;
using Connectors.Qwen.Mapping;
using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Mapping;

public class NamedPropertiesTests
{
    public static TheoryData<string, object, string> Typed =>
        new()
        {
            { "model", "m", "\"m\"" },
            { "temperature", 0.5, "0.5" },
            { "top_p", 0.5f, "0.5" },
            { "top_k", 5.0, "5" },
            { "repetition_penalty", 1, "1" },
            { "presence_penalty", -1, "-1" },
            { "frequency_penalty", 1, "1" },
            { "seed", 9007199254740993L, "9007199254740993" },
            { "stop", new[] { "a" }, "[\"a\"]" },
            { "n", 2, "2" },
            { "max_tokens", 5, "5" },
            { "max_completion_tokens", 5, "5" },
            { "logprobs", true, "true" },
            { "top_logprobs", 1, "1" },
            { "enable_thinking", false, "false" },
            { "thinking_budget", 5, "5" },
            { "reasoning_effort", "high", "\"high\"" },
            { "preserve_thinking", true, "true" },
            { "parallel_tool_calls", true, "true" },
            { "tool_stream", true, "true" },
            { "tool_choice", "none", "\"none\"" },
            {
                "response_format",
                new Dictionary<string, object?> { ["type"] = "text" },
                """{"type":"text"}"""
            },
            { "enable_search", true, "true" },
            {
                "search_options",
                new Dictionary<string, object?> { ["freshness"] = 7 },
                """{"freshness":7}"""
            },
            { "enable_code_interpreter", true, "true" },
            { "vl_high_resolution_images", true, "true" },
            {
                "modalities",
                new List<string> { "text" },
                "[\"text\"]"
            },
            {
                "audio",
                new Dictionary<string, object?> { ["voice"] = "Cherry" },
                """{"voice":"Cherry"}"""
            },
            { "translation_options", new Dictionary<string, object?>(), "{}" },
        };

    [Theory]
    [MemberData(nameof(Typed))]
    public void Fill_NameOfAParameter_FillsItsProperty(string name, object value, string json)
    {
        var request = new QwenChatRequest();

        NamedProperties.Fill(request, new() { [name] = value });

        Assert.Null(request.AdditionalProperties);
        JsonAssert.Equal($$"""{"{{name}}":{{json}}}""", Serialize(request));
    }

    [Fact]
    public void Typed_OfThisTest_NamesEachParameterThatIsNotTheMappersOwn()
    {
        var all = QwenJsonContext
            .Wire.QwenChatRequest.Properties.Where(p => !p.IsExtensionData)
            .Select(p => p.Name)
            .Except(["messages", "tools", "stream", "stream_options"]);

        Assert.Equal(all.Order(StringComparer.Ordinal), Typed.Select(r => r.Data.Item1).Order(StringComparer.Ordinal));
    }

    // Texts, one text, ids of tokens, lists of ids: all that the service takes.
    [Theory]
    [InlineData("\"END\"", "[\"END\"]")]
    [InlineData("[\"a\",\"b\"]", "[\"a\",\"b\"]")]
    [InlineData("[108386,104307]", "[108386,104307]")]
    [InlineData("[[108386,103924],[35946]]", "[[108386,103924],[35946]]")]
    public void Stop_InEachForm_IsSentOnce(string given, string sent)
    {
        var named = new QwenChatRequest();
        NamedProperties.Fill(named, new() { ["stop"] = JsonAssert.Element(given) });
        var raw = new QwenChatRequest
        {
            AdditionalProperties = new Dictionary<string, JsonElement> { ["stop"] = JsonAssert.Element(given) },
        };
        NamedProperties.Tidy(raw);

        JsonAssert.Equal($$"""{"stop":{{sent}}}""", Serialize(named));
        JsonAssert.Equal($$"""{"stop":{{sent}}}""", Serialize(raw));
        Assert.True(NamedProperties.HasStop(named) && NamedProperties.HasStop(raw));
    }

    [Fact]
    public void Stop_TextsAndTokens_TheTextsAreSent()
    {
        var tokens = JsonAssert.Element("[1]");
        var request = new QwenChatRequest
        {
            Stop = ["END"],
            AdditionalProperties = new Dictionary<string, JsonElement> { ["stop"] = tokens },
        };

        NamedProperties.Tidy(request);
        NamedProperties.Fill(request, new() { ["stop"] = tokens });

        JsonAssert.Equal("""{"stop":["END"]}""", Serialize(request));
    }

    [Theory]
    [InlineData("skill")]
    [InlineData("x1_y2")]
    [InlineData("chat_template_kwargs")]
    public void Fill_OtherName_GoesAmongTheExtraFields(string name)
    {
        var request = new QwenChatRequest();

        NamedProperties.Fill(request, new() { [name] = 1 });

        JsonAssert.Equal($$"""{"{{name}}":1}""", Serialize(request));
    }

    [Theory]
    [InlineData("Usage")]
    [InlineData("Id")]
    [InlineData("CreatedAt")]
    [InlineData("ai.attribution")]
    [InlineData("x-header")]
    [InlineData("_private")]
    [InlineData("1st")]
    [InlineData("größe")]
    [InlineData("")]
    public void Fill_NoteOfAnotherLibrary_IsNotSent(string name)
    {
        var request = new QwenChatRequest();

        // Not even looked at: the value could not be written as JSON.
        NamedProperties.Fill(request, new() { [name] = new object() });

        JsonAssert.Equal("{}", Serialize(request));
    }

    [Fact]
    public void Fill_NullValue_IsNotSent()
    {
        var request = new QwenChatRequest();

        NamedProperties.Fill(request, new() { ["top_k"] = null, ["skill"] = null });

        JsonAssert.Equal("{}", Serialize(request));
    }

    [Fact]
    public void Fill_ParameterThatIsSet_StaysAsItIs()
    {
        var request = new QwenChatRequest { TopK = 0, EnableThinking = false };

        NamedProperties.Fill(request, new() { ["top_k"] = 7, ["enable_thinking"] = true });

        JsonAssert.Equal("""{"top_k":0,"enable_thinking":false}""", Serialize(request));
    }

    [Theory]
    [InlineData("messages")]
    [InlineData("tools")]
    [InlineData("stream")]
    [InlineData("stream_options")]
    public void Fill_WhatTheMapperMakes_IsRefusedByName(string name)
    {
        var e = Assert.Throws<ArgumentException>(() => NamedProperties.Fill(new(), new() { [name] = true }));

        Assert.StartsWith($"'{name}' cannot be set through AdditionalProperties", e.Message);
    }

    [Theory]
    [InlineData("top_k", "many", "'top_k' was given as a JSON String")]
    [InlineData("top_k", 1.5, "'top_k' was given as a JSON Number")]
    [InlineData("enable_thinking", 1, "'enable_thinking' was given as a JSON Number")]
    [InlineData("stop", true, "'stop' was given as a JSON True")]
    public void Fill_ValueOfTheWrongType_NamesTheParameter(string name, object value, string expected)
    {
        var e = Assert.Throws<ArgumentException>(() => NamedProperties.Fill(new(), new() { [name] = value }));

        Assert.StartsWith(expected, e.Message);
    }

    [Fact]
    public void Extra_NamesOfTheMessageItself_AreLeftOut()
    {
        var properties = new AdditionalPropertiesDictionary
        {
            ["role"] = "x",
            ["content"] = "x",
            ["tool_calls"] = Array.Empty<object>(),
            ["tool_call_id"] = "x",
            ["partial"] = true,
            ["Usage"] = new object(),
            ["fps"] = null,
        };

        var extra = NamedProperties.Extra(properties, ["role", "content", "tool_calls", "tool_call_id"])!;

        Assert.Equal(["partial"], extra.Keys);
    }

    [Fact]
    public void Extra_NothingToSend_IsNull()
    {
        Assert.Null(NamedProperties.Extra(null, []));
        Assert.Null(NamedProperties.Extra(new() { ["Usage"] = 1 }, []));
    }

    private static string Serialize(QwenChatRequest request)
    {
        return System.Text.Json.JsonSerializer.Serialize(request, QwenJsonContext.Wire.QwenChatRequest);
    }
}
