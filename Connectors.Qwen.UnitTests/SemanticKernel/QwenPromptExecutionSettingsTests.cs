using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Connectors.Qwen.Mapping;
using Connectors.Qwen.Wire;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;

namespace Connectors.Qwen.UnitTests.SemanticKernel;

/// <summary>What is set in Semantic Kernel's settings is what is sent, whatever way it takes.</summary>
public sealed class QwenPromptExecutionSettingsTests
{
    private const string Everything = """
        {"temperature":0.7,"top_p":0.9,"top_k":20,"repetition_penalty":1.05,"presence_penalty":0.5,"frequency_penalty":0.25,"seed":9007199254740993,
        "stop":["END","停"],"n":2,"max_tokens":100,"max_completion_tokens":200,"logprobs":true,"top_logprobs":3,"enable_thinking":true,"thinking_budget":50,
        "reasoning_effort":"none","preserve_thinking":true,"parallel_tool_calls":false,"response_format":{"type":"json_schema","json_schema":{"name":"x",
        "strict":true,"schema":{"type":"object"}}},"enable_search":true,"search_options":{"forced_search":true,"sites":["a","b"]},
        "enable_code_interpreter":false,"vl_high_resolution_images":true,"modalities":["text","audio"],"audio":{"voice":"Cherry"},
        "translation_options":{"target_lang":"German"}}
        """;

    // What Semantic Kernel has words of its own for, and what only the mapper sets.
    private static readonly string[] NotSettings =
    [
        "model",
        "tool_choice",
        "tool_stream",
        "messages",
        "tools",
        "stream",
    ];

    [Fact]
    public void Settings_HaveAPropertyForEachParameter()
    {
        var parameters = QwenJsonContext
            .Wire.QwenChatRequest.Properties.Where(static property => !property.IsExtensionData)
            .Select(static property => property.Name)
            .Except([.. NotSettings, "stream_options"]);
        var settings = typeof(QwenPromptExecutionSettings)
            .GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Select(static property => property.GetCustomAttribute<JsonPropertyNameAttribute>()!.Name);

        Assert.Equal(parameters.Order(), settings.Order());
    }

    [Fact]
    public void EveryParameter_IsReadFromJsonAndSentAsItIs()
    {
        var settings = Read(Everything);

        AssertSame(Everything, Sent(settings));
        Assert.Null(settings.ExtensionData);
        Assert.Equal(9007199254740993, settings.Seed);
        Assert.Equal(["END", "停"], settings.Stop);
    }

    [Fact]
    public void EveryParameter_IsWrittenToJsonAndReadAgain()
    {
        var json = JsonSerializer.Serialize(Read(Everything), TypeInfo());

        AssertSame(Everything, Sent(Read(json)));
    }

    [Fact]
    public void EveryParameter_OfAPromptFile_IsSentAsItIs()
    {
        // So does Semantic Kernel read prompt files: plain settings, everything in extension data.
        var plain = JsonSerializer.Deserialize(Everything, TypeInfo<PromptExecutionSettings>())!;

        AssertSame(Everything, Sent(QwenPromptExecutionSettings.FromExecutionSettings(plain)));
    }

    [Fact]
    public void EveryParameter_OfAPromptFile_ReachesAChatClientToo()
    {
        var plain = JsonSerializer.Deserialize(
            Everything
                .Replace("\"n\":2,", "", StringComparison.Ordinal)
                .Replace("40993", "40992", StringComparison.Ordinal),
            TypeInfo<PromptExecutionSettings>()
        )!;

        var sent = RequestMapper.Parameters(plain.ToChatOptions(kernel: null), "m", null!);

        Assert.Equal("json_schema", sent.ResponseFormat!.Value.GetProperty("type").GetString());
        Assert.Equal("x", sent.ResponseFormat.Value.GetProperty("json_schema").GetProperty("name").GetString());
        Assert.Equal(
            (true, 50, 20, 1.05f),
            (sent.EnableThinking, sent.ThinkingBudget, sent.TopK, sent.RepetitionPenalty)
        );
        Assert.Equal((9007199254740992, true), (sent.Seed, sent.PreserveThinking));
        Assert.Equal(["END", "停"], sent.Stop);
    }

    [Fact]
    public void Options_HaveTheRawRequestAndThePortableValues()
    {
        var settings = new QwenPromptExecutionSettings
        {
            ModelId = "qwen-plus",
            Temperature = 0.5f,
            EnableThinking = true,
            ResponseFormat = "json_object",
            ExtensionData = new Dictionary<string, object> { ["new_parameter"] = 9007199254740993 },
        };

        var options = settings.ToChatOptions(kernel: null)!;

        Assert.Equal(("qwen-plus", 0.5f), (options.ModelId, options.Temperature));
        Assert.Same(ChatResponseFormat.Json, options.ResponseFormat);
        Assert.Equal(true, options.AdditionalProperties!["enable_thinking"]);
        Assert.Equal(9007199254740993, options.AdditionalProperties["new_parameter"]);
        AssertSame(
            """{"model":"qwen-plus","temperature":0.5,"enable_thinking":true,"response_format":{"type":"json_object"},"new_parameter":9007199254740993}""",
            Sent(settings)
        );
        var raw = Assert.IsType<QwenChatRequest>(options.RawRepresentationFactory!(null!));
        Assert.NotSame(raw, options.RawRepresentationFactory(null!));
    }

    [Fact]
    public void TypedValue_WinsOverExtensionData()
    {
        var settings = new QwenPromptExecutionSettings
        {
            EnableThinking = false,
            ExtensionData = new Dictionary<string, object> { ["enable_thinking"] = true, ["thinking_budget"] = 7 },
        };

        AssertSame("""{"enable_thinking":false,"thinking_budget":7}""", Sent(settings));
    }

    [Fact]
    public void NumbersAndFlags_WrittenAsText_AreRead()
    {
        var fromJson = Read("""{"temperature":"0.5","top_k":"20"}""");
        var fromYaml = QwenPromptExecutionSettings.FromExecutionSettings(
            new PromptExecutionSettings
            {
                ExtensionData = new Dictionary<string, object>
                {
                    ["enable_thinking"] = "False",
                    ["thinking_budget"] = "100",
                    ["stop"] = "END",
                    ["reasoning_effort"] = "low",
                },
            }
        );

        Assert.Equal((0.5f, 20), (fromJson.Temperature, fromJson.TopK));
        Assert.Equal((false, 100, "low"), (fromYaml.EnableThinking, fromYaml.ThinkingBudget, fromYaml.ReasoningEffort));
        Assert.Equal(["END"], fromYaml.Stop);
    }

    [Fact]
    public void WordsOfSemanticKernel_AreNotParameters()
    {
        var settings = QwenPromptExecutionSettings.FromExecutionSettings(
            new PromptExecutionSettings
            {
                ModelId = "qwen-plus",
                ServiceId = "fast",
                ExtensionData = new Dictionary<string, object>
                {
                    ["stop_sequences"] = new[] { "END" },
                    ["chat_system_prompt"] = "Be brief.",
                    ["top_a"] = 1,
                },
            }
        );

        Assert.Equal(("qwen-plus", "fast"), (settings.ModelId, settings.ServiceId));
        Assert.Equal("Be brief.", settings.ToChatOptions(kernel: null)!.Instructions);
        AssertSame("""{"model":"qwen-plus","stop":["END"],"top_a":1}""", Sent(settings));
    }

    [Fact]
    public void SettingsOfAnotherConnector_KeepWhatHasTheSameName()
    {
        var foreign = new ForeignSettings
        {
            ModelId = "gpt",
            Warmth = 0.3f,
            System = "Be brief.",
            Store = true,
        };

        var settings = QwenPromptExecutionSettings.FromExecutionSettings(foreign);

        Assert.Equal(("gpt", 0.3f), (settings.ModelId, settings.Temperature));
        Assert.Equal("Be brief.", settings.ToChatOptions(kernel: null)!.Instructions);
        AssertSame("""{"model":"gpt","temperature":0.3}""", Sent(settings));
    }

    [Fact]
    public void FromExecutionSettings_NullAndOwn()
    {
        var own = new QwenPromptExecutionSettings();

        Assert.Same(own, QwenPromptExecutionSettings.FromExecutionSettings(own));
        AssertSame("{}", Sent(QwenPromptExecutionSettings.FromExecutionSettings(null)));
    }

    [Fact]
    public void Clone_IsEqualAndIndependent()
    {
        var settings = Read(Everything);
        settings.ModelId = "qwen-plus";
        settings.ServiceId = "fast";
        settings.FunctionChoiceBehavior = FunctionChoiceBehavior.None();
        settings.ExtensionData = new Dictionary<string, object> { ["new_parameter"] = 1 };
        var before = Sent(settings);

        settings.Freeze();
        var clone = Assert.IsType<QwenPromptExecutionSettings>(settings.Clone());

        Assert.False(clone.IsFrozen);
        AssertSame(before, Sent(clone));
        Assert.Equal(("qwen-plus", "fast"), (clone.ModelId, clone.ServiceId));
        Assert.Same(settings.FunctionChoiceBehavior, clone.FunctionChoiceBehavior);
        clone.Temperature = 1;
        clone.Stop!.Add("more");
        clone.ExtensionData!["new_parameter"] = 2;
        AssertSame(before, Sent(settings));
    }

    [Fact]
    public void Frozen_NothingCanBeSet()
    {
        var settings = Read(Everything);
        settings.Freeze();
        settings.Freeze();

        Assert.True(settings.IsFrozen);
        var setters = typeof(QwenPromptExecutionSettings)
            .GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .ToArray();
        Assert.NotEmpty(setters);
        Assert.All(
            setters,
            property =>
                Assert.IsType<InvalidOperationException>(
                    Assert.Throws<TargetInvocationException>(() => property.SetValue(settings, null)).InnerException
                )
        );
        Assert.Throws<NotSupportedException>(() => settings.Stop!.Add("x"));
        Assert.Throws<NotSupportedException>(() => settings.Modalities!.Add("x"));
        AssertSame(Everything, Sent(settings));
    }

    [Theory]
    [InlineData("\"text\"", """{"type":"text"}""")]
    [InlineData("\"json_object\"", """{"type":"json_object"}""")]
    [InlineData("""{"type":"json_object"}""", """{"type":"json_object"}""")]
    [InlineData(
        """{"type":"object","properties":{}}""",
        """{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{"type":"object","properties":{},"additionalProperties":false,"required":[]}}}"""
    )]
    public void ResponseFormat_InJson_IsTheServicesOwnForm(string json, string sent)
    {
        AssertSame($$"""{"response_format":{{sent}}}""", Sent(Read($$"""{"response_format":{{json}}}""")));
    }

    [Theory, InlineData(false), InlineData("false"), InlineData("no word for it")]
    public void ResponseFormat_InAPromptFile_IsAsStrictAsItSays(object strict)
    {
        var plain = new PromptExecutionSettings
        {
            ExtensionData = new Dictionary<string, object>
            {
                ["response_format"] = JsonElement.Parse("""{"type":"object","properties":{}}"""),
                ["strict"] = strict,
            },
        };

        var sent = JsonElement.Parse(Sent(QwenPromptExecutionSettings.FromExecutionSettings(plain)));

        var schema = sent.GetProperty("response_format").GetProperty("json_schema");
        var isStrict = strict is "no word for it";
        Assert.Equal(isStrict, schema.GetProperty("strict").GetBoolean());
        Assert.Equal(isStrict, schema.GetProperty("schema").TryGetProperty("additionalProperties", out _));
        Assert.False(sent.TryGetProperty("strict", out _));
    }

    [Fact]
    public void ResponseFormat_InCode_IsTheServicesOwnForm()
    {
        var schema = JsonSerializer.Deserialize("""{"type":"object"}""", TypeInfo<JsonElement>());
        var settings = new QwenPromptExecutionSettings
        {
            ResponseFormat = ChatResponseFormat.ForJsonSchema(schema, "name", "words"),
        };

        AssertSame(
            """
            {"response_format":{"type":"json_schema","json_schema":{"name":"name","description":"words","strict":true,"schema":{"type":"object"}}}}
            """,
            Sent(settings)
        );
        var portable = Assert.IsType<ChatResponseFormatJson>(settings.ToChatOptions(kernel: null)!.ResponseFormat);
        Assert.Equal(("name", "words"), (portable.SchemaName, portable.SchemaDescription));
        settings.ResponseFormat = null;
        AssertSame("{}", Sent(settings));
    }

    [Fact]
    public void WrongValues_AreNamed()
    {
        var settings = new QwenPromptExecutionSettings();

        var number = Assert.Throws<ArgumentException>("value", () => settings.ResponseFormat = 5);
        var word = Assert.Throws<ArgumentException>("value", () => settings.ResponseFormat = "xml");
        settings.ExtensionData = new Dictionary<string, object> { ["thinking_budget"] = "much" };
        var budget = Assert.Throws<ArgumentException>(() => settings.ToChatOptions(kernel: null));
        settings.ExtensionData = new Dictionary<string, object> { ["messages"] = "mine" };
        var messages = Assert.Throws<ArgumentException>(() => settings.ToChatOptions(kernel: null));

        Assert.Contains("Int32", number.Message, StringComparison.Ordinal);
        Assert.Contains("'xml'", word.Message, StringComparison.Ordinal);
        Assert.Contains("thinking_budget", budget.Message, StringComparison.Ordinal);
        Assert.Contains("'messages'", messages.Message, StringComparison.Ordinal);
    }

    private static string Sent(QwenPromptExecutionSettings settings)
    {
        var request = RequestMapper.Parameters(settings.ToChatOptions(kernel: null), "m", null!);
        request.Model = request.Model == "m" ? null : request.Model;
        return JsonSerializer.Serialize(request, QwenJsonContext.Wire.QwenChatRequest);
    }

    private static QwenPromptExecutionSettings Read(string json)
    {
        return JsonSerializer.Deserialize(json, TypeInfo())!;
    }

    private static JsonTypeInfo<QwenPromptExecutionSettings> TypeInfo()
    {
        return TypeInfo<QwenPromptExecutionSettings>();
    }

    private static JsonTypeInfo<T> TypeInfo<T>()
    {
        return (JsonTypeInfo<T>)
            new JsonSerializerOptions { TypeInfoResolver = new DefaultJsonTypeInfoResolver() }.GetTypeInfo(typeof(T));
    }

    private static void AssertSame(string expected, string actual)
    {
        using var one = JsonDocument.Parse(expected);
        using var other = JsonDocument.Parse(actual);
        Assert.True(JsonElement.DeepEquals(one.RootElement, other.RootElement), actual);
    }

    private sealed class ForeignSettings : PromptExecutionSettings
    {
        [JsonPropertyName("temperature")]
        public float? Warmth { get; set; }

        [JsonPropertyName("chat_system_prompt")]
        public string? System { get; set; }

        [JsonPropertyName("store")]
        public bool? Store { get; set; }

        public override PromptExecutionSettings Clone()
        {
            return new ForeignSettings
            {
                ModelId = ModelId,
                Warmth = Warmth,
                System = System,
                Store = Store,
            };
        }
    }
}
