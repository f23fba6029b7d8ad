using System.Text.Json;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Mapping;

public class RequestMapperTests
{
    [Fact]
    public void ToWire_NoOptions_IsModelAndMessages()
    {
        JsonAssert.Equal(
            """{"model":"default-model","messages":[{"role":"user","content":"Hello"}]}""",
            Requests.Map(null, Inner.Hello)
        );
    }

    [Fact]
    public void ToWire_Stream_AsksForUsage()
    {
        JsonAssert.Equal(
            """
            {"model":"default-model","messages":[{"role":"user","content":"Hello"}],
             "stream":true,"stream_options":{"include_usage":true}}
            """,
            Requests.Map(null, isStream: true, Inner.Hello)
        );
    }

    [Fact]
    public void ToWire_PortableOptions_HaveTheServicesNames()
    {
        var options = new ChatOptions
        {
            ModelId = "qwen3-max",
            Temperature = 0.7f,
            TopP = 0.8f,
            TopK = 20,
            FrequencyPenalty = 0.5f,
            PresencePenalty = -0.5f,
            Seed = 42,
            MaxOutputTokens = 100,
            StopSequences = ["END"],
        };

        JsonAssert.Equal(
            """
            {"model":"qwen3-max","temperature":0.7,"top_p":0.8,"top_k":20,"frequency_penalty":0.5,"presence_penalty":-0.5,
             "seed":42,"max_tokens":100,"stop":["END"]}
            """,
            Requests.MapOptions(options)
        );
    }

    [Fact]
    public void ToWire_ExplicitZeros_AreSent()
    {
        var options = new ChatOptions
        {
            Temperature = 0,
            TopK = 0,
            Seed = 0,
            AdditionalProperties = new() { ["presence_penalty"] = 0, ["top_logprobs"] = 0 },
        };

        JsonAssert.Equal(
            """{"temperature":0,"top_k":0,"seed":0,"presence_penalty":0,"top_logprobs":0}""",
            Requests.MapOptions(options)
        );
    }

    [Fact]
    public void ToWire_EmptyOptions_SendNothing()
    {
        var options = new ChatOptions
        {
            StopSequences = [],
            Tools = [],
            ToolMode = ChatToolMode.RequireAny,
            AllowMultipleToolCalls = true,
            ResponseFormat = ChatResponseFormat.Text,
            AdditionalProperties = [],
            Reasoning = new ReasoningOptions(),
        };

        JsonAssert.Equal("{}", Requests.MapOptions(options));
    }

    [Fact]
    public void ToWire_SameParameterThreeTimes_RawWinsThenPortableThenByName()
    {
        var options = new ChatOptions
        {
            RawRepresentationFactory = _ => new QwenChatRequest { Model = "raw", Temperature = 0.1f },
            ModelId = "portable",
            Temperature = 0.2f,
            TopP = 0.2f,
            AdditionalProperties = new()
            {
                ["model"] = "named",
                ["temperature"] = 0.3,
                ["top_p"] = 0.3,
                ["top_k"] = 3,
            },
        };

        JsonAssert.Equal("""{"model":"raw","temperature":0.1,"top_p":0.2,"top_k":3}""", Requests.MapOptions(options));
    }

    [Fact]
    public void ToWire_UnknownParameterRawAndByName_RawWins()
    {
        var options = new ChatOptions
        {
            RawRepresentationFactory = _ => new QwenChatRequest
            {
                AdditionalProperties = new Dictionary<string, JsonElement> { ["skill"] = JsonAssert.Element("1") },
            },
            AdditionalProperties = new() { ["skill"] = 2, ["other"] = 3 },
        };

        JsonAssert.Equal("""{"skill":1,"other":3}""", Requests.MapOptions(options));
    }

    [Fact]
    public void ToWire_InstanceOfTheFactory_IsNotWrittenTo()
    {
        var raw = new QwenChatRequest
        {
            TopK = 5,
            AdditionalProperties = new Dictionary<string, JsonElement> { ["skill"] = JsonAssert.Element("1") },
        };
        var options = new ChatOptions
        {
            RawRepresentationFactory = _ => raw,
            ModelId = "portable",
            Temperature = 0.2f,
            Tools = [Requests.Tool()],
            ToolMode = ChatToolMode.RequireAny,
            AdditionalProperties = new() { ["other"] = 3, ["enable_search"] = true },
        };

        Requests.Map(options, isStream: true, Inner.Hello);

        Assert.Equal((5, null, null, null), (raw.TopK, raw.Model, raw.Temperature, raw.EnableSearch));
        Assert.Equal((null, null, null), (raw.Messages, raw.Tools, raw.Stream));
        Assert.Equal((null, null, null), (raw.StreamOptions, raw.ToolChoice, raw.EnableThinking));
        Assert.Equal(["skill"], raw.AdditionalProperties.Keys);
    }

    [Fact]
    public void ToWire_OptionsAndMessages_AreNotWrittenTo()
    {
        var message = new ChatMessage(ChatRole.User, "Hello") { AdditionalProperties = new() { ["partial"] = true } };
        var options = new ChatOptions
        {
            Instructions = "Be brief.",
            Tools = [Requests.Tool()],
            ToolMode = ChatToolMode.RequireAny,
            AdditionalProperties = new() { ["enable_search"] = true },
        };
        var before = options.Clone();

        Requests.Map(options, isStream: true, message);

        Assert.Equal(before.AdditionalProperties, options.AdditionalProperties);
        Assert.Equal(before.Tools, options.Tools);
        Assert.Equal((before.ModelId, before.Temperature), (options.ModelId, options.Temperature));
        Assert.Equal("Hello", Assert.IsType<TextContent>(Assert.Single(message.Contents)).Text);
        Assert.Equal(["partial"], message.AdditionalProperties.Keys);
    }

    [Fact]
    public void ToWire_FactoryOfAnotherClient_IsIgnored()
    {
        var options = new ChatOptions { RawRepresentationFactory = _ => "not ours", TopK = 1 };

        JsonAssert.Equal("""{"top_k":1}""", Requests.MapOptions(options));
    }

    [Theory]
    [InlineData("None", """{"enable_thinking":false}""")]
    [InlineData("Low", """{"enable_thinking":true,"reasoning_effort":"low"}""")]
    [InlineData("Medium", """{"enable_thinking":true,"reasoning_effort":"medium"}""")]
    [InlineData("High", """{"enable_thinking":true,"reasoning_effort":"high"}""")]
    [InlineData("ExtraHigh", """{"enable_thinking":true,"reasoning_effort":"xhigh"}""")]
    public void ToWire_ReasoningEffort_BecomesThinkingAndEffort(string effort, string expected)
    {
        var options = new ChatOptions { Reasoning = new() { Effort = Enum.Parse<ReasoningEffort>(effort) } };

        JsonAssert.Equal(expected, Requests.MapOptions(options));
    }

    [Fact]
    public void ToWire_EffortBesideARawBudget_SendsTheBudgetAlone()
    {
        var options = new ChatOptions
        {
            RawRepresentationFactory = _ => new QwenChatRequest { ThinkingBudget = 100 },
            Reasoning = new() { Effort = ReasoningEffort.High },
        };

        JsonAssert.Equal("""{"enable_thinking":true,"thinking_budget":100}""", Requests.MapOptions(options));
    }

    [Fact]
    public void ToWire_EffortBesideABudgetByName_NeverSendsBoth()
    {
        var options = new ChatOptions
        {
            Reasoning = new() { Effort = ReasoningEffort.High },
            AdditionalProperties = new() { ["thinking_budget"] = 100 },
        };

        using var request = JsonDocument.Parse(Requests.MapOptions(options));

        // The service refuses a request that names both.
        Assert.False(
            request.RootElement.TryGetProperty("thinking_budget", out _)
                && request.RootElement.TryGetProperty("reasoning_effort", out _)
        );
    }

    [Fact]
    public void ToWire_ThinkingSwitchedOffRaw_SendsNoEffort()
    {
        var options = new ChatOptions
        {
            RawRepresentationFactory = _ => new QwenChatRequest { EnableThinking = false },
            Reasoning = new() { Effort = ReasoningEffort.High },
        };

        JsonAssert.Equal("""{"enable_thinking":false}""", Requests.MapOptions(options));
    }

    [Fact]
    public void ToWire_JsonWithoutSchema_IsJsonObject()
    {
        var options = new ChatOptions { ResponseFormat = ChatResponseFormat.Json };

        JsonAssert.Equal("""{"response_format":{"type":"json_object"}}""", Requests.MapOptions(options));
    }

    [Fact]
    public void ToWire_JsonWithSchema_IsAStrictSchema()
    {
        var schema = JsonAssert.Element("""{"type":"object","properties":{"答":{"type":"string"}}}""");
        var options = new ChatOptions
        {
            ResponseFormat = ChatResponseFormat.ForJsonSchema(schema, "answer_form", "How"),
        };

        JsonAssert.Equal(
            """
            {"response_format":{"type":"json_schema","json_schema":{"name":"answer_form","description":"How","strict":true,
             "schema":{"type":"object","properties":{"答":{"type":"string"}},"additionalProperties":false,"required":["答"]}}}}
            """,
            Requests.MapOptions(options)
        );
    }

    [Fact]
    public void ToWire_SchemaWithoutName_IsNamed()
    {
        var options = new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonAssert.Element("{}")) };

        JsonAssert.Equal(
            """{"response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{}}}}""",
            Requests.MapOptions(options)
        );
    }

    [Fact]
    public void ToWire_ConversationId_IsRefused()
    {
        var options = new ChatOptions { ConversationId = "c1" };

        var e = Assert.Throws<ArgumentException>(() => Requests.Map(options, Inner.Hello));

        Assert.StartsWith("ConversationId is not supported", e.Message);
    }

    [Fact]
    public void ToWire_NoMessages_IsRefusedEvenWithInstructions()
    {
        var options = new ChatOptions { Instructions = "Be brief." };

        Assert.Throws<ArgumentException>("messages", () => Requests.Map(options));
        Assert.Throws<ArgumentException>("messages", () => Requests.Map(null));
    }
}
