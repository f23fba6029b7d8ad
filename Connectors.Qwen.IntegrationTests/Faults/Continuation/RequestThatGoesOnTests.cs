using System.Text.Json;
using System.Text.Json.Nodes;
using Connectors.Qwen.IntegrationTests.Faults.Answers;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Continuation;

/// <summary>Rows C2, C3, C9, C12, C13 and C14: the request that goes on with an answer, as the server gets it.</summary>
public sealed class RequestThatGoesOnTests
{
    private static readonly QwenBehavior Cut = QwenBehavior.EndAfter(3);
    private static readonly string Said = Setup.Text[..24];

    [Fact]
    public async Task C2_Request_IsTheFirstAndOneMessageMore()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Cut);
        ChatMessage[] messages =
        [
            new(ChatRole.System, "You are a pipeline.")
            {
                AdditionalProperties = new()
                {
                    ["cache_control"] = JsonSerializer.SerializeToElement(new { type = "ephemeral" }),
                },
            },
            new(ChatRole.User, "各种 🚀 \"quoted\" and\nnew lines."),
            new(ChatRole.Assistant, "I see."),
            Ask.Question[0],
        ];
        var options = new ChatOptions
        {
            Instructions = "Be brief.",
            Temperature = 0.3f,
            TopP = 0.9f,
            Seed = 7,
            StopSequences = ["never said"],
            Tools =
            [
                AIFunctionFactory.Create(static (string place, int days) => place + days, "find", "Finds it."),
                AIFunctionFactory.Create(static () => "x", "look", "各种."),
            ],
            AllowMultipleToolCalls = true,
            AdditionalProperties = new() { ["repetition_penalty"] = 1.1, ["made_up"] = "kept" },
        };

        (await Heard.FromAsync(setup.Pipeline(), options, messages)).IsWhole();

        var (first, second) = (setup.Qwen.Journal.Chats[0], setup.Qwen.Journal.Chats[1]);
        Assert.Equal(Said, Requests.Continuing(setup).Prefix);
        // Byte for byte: whatever differs would cost the prompt cache.
        var known = first.Request.Messages.GetRawText()[..^1];
        Assert.StartsWith(known + ",", second.Request.Messages.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(first.Request.Tools.GetRawText(), second.Request.Tools.GetRawText());
        Assert.Equal(first.Request.Messages.GetArrayLength() + 1, second.Request.Messages.GetArrayLength());
        var (before, after) = (Members(first.Body), Members(second.Body));
        Assert.Equal("false", after["enable_thinking"]);
        after.Remove("enable_thinking");
        before.Remove("messages");
        after.Remove("messages");
        Assert.Equal(before, after);
        Assert.Equal("\"kept\"", after["made_up"]);
        var last = second.Request.Messages.EnumerateArray().Last();
        Assert.Equal(
            ["content", "partial", "role"],
            last.EnumerateObject().Select(static member => member.Name).Order()
        );
    }

    [Theory]
    [InlineData("raw"), InlineData("raw, by name"), InlineData("named"), InlineData("portable")]
    [InlineData("template"), InlineData("by default")]
    public async Task C3_Thinking_IsOffWhateverSwitchedItOn(string way)
    {
        await using var setup = await Setup.StartAsync(static options =>
        {
            options.Models.Add(new QwenSimulatedModel { Id = "thinker", ThinksByDefault = true });
            options.Answer = static request =>
                new() { Text = Setup.Text, Reasoning = request.IsThinking ? "Hm." : null };
        });
        // The first chunk is the reasoning, where there is some.
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(4));
        var options = way switch
        {
            "raw" => new ChatOptions
            {
                RawRepresentationFactory = static _ => new QwenChatRequest
                {
                    EnableThinking = true,
                    ThinkingBudget = 500,
                    ReasoningEffort = "high",
                },
            },
            "raw, by name" => new()
            {
                RawRepresentationFactory = static _ => new QwenChatRequest
                {
                    AdditionalProperties = new Dictionary<string, JsonElement>
                    {
                        ["enable_thinking"] = JsonSerializer.SerializeToElement(true),
                        ["thinking_budget"] = JsonSerializer.SerializeToElement(500),
                    },
                },
            },
            "named" => new()
            {
                AdditionalProperties = new()
                {
                    ["enable_thinking"] = true,
                    ["thinking_budget"] = 500,
                    ["reasoning_effort"] = "high",
                },
            },
            "portable" => new() { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.High } },
            "template" => new()
            {
                AdditionalProperties = new()
                {
                    ["enable_thinking"] = true,
                    ["thinking"] = JsonSerializer.SerializeToElement(new { type = "enabled" }),
                    ["chat_template_kwargs"] = JsonSerializer.SerializeToElement(new { enable_thinking = true }),
                },
            },
            _ => new() { ModelId = "thinker" },
        };

        var heard = await Heard.FromAsync(setup.Pipeline(), options);

        heard.IsWhole();
        Assert.Equal("Hm.", heard.Reasoning);
        Assert.NotEqual(false, setup.Qwen.Journal.Chats[0].Request.EnableThinking);
        var second = Requests.Continuing(setup);
        Assert.Equal(Said, second.Prefix);
        Assert.Equal(JsonValueKind.False, second.Body.GetProperty("enable_thinking").ValueKind);
        string[] others = ["thinking_budget", "reasoning_effort", "thinking", "chat_template_kwargs"];
        Assert.All(others, other => Assert.False(second.Body.TryGetProperty(other, out _), other));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task C9_LimitOfTokens_IsWhatIsLeft(bool isOfAll)
    {
        var said = new string('x', 43) + " more";
        await using var setup = await Setup.StartAsync(options =>
            options.Answer = _ => new QwenSimulatedAnswer { Text = said + " and more" }
        );
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Stream([
                .. isOfAll ? [Chunk.Reasoning(new string('y', 96))] : Array.Empty<string>(),
                Chunk.Text(said),
            ])
        );
        var options = isOfAll
            ? new ChatOptions
            {
                RawRepresentationFactory = static _ => new QwenChatRequest { MaxCompletionTokens = 100 },
            }
            : new() { MaxOutputTokens = 100 };

        (await Heard.FromAsync(setup.Pipeline(), options)).IsWhole(said + " and more");

        // 4.8 characters a token: ten of text, twenty of reasoning.
        var second = Requests.Continuing(setup).Body;
        Assert.Equal(isOfAll, second.TryGetProperty("max_completion_tokens", out var ofAll));
        Assert.Equal(!isOfAll, second.TryGetProperty("max_tokens", out var ofText));
        Assert.Equal(isOfAll ? 70 : 90, (isOfAll ? ofAll : ofText).GetInt32());
    }

    [Fact]
    public async Task C12_Search_IsOffInTheContinuation()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Cut);
        var options = new ChatOptions
        {
            RawRepresentationFactory = static _ => new QwenChatRequest
            {
                EnableSearch = true,
                SearchOptions = JsonSerializer.SerializeToElement(new { forced_search = true }),
            },
        };

        (await Heard.FromAsync(setup.Pipeline(), options)).IsWhole();

        Assert.True(setup.Qwen.Journal.Chats[0].Request.Body.GetProperty("enable_search").GetBoolean());
        var second = Requests.Continuing(setup).Body;
        Assert.False(second.GetProperty("enable_search").GetBoolean());
        Assert.False(second.TryGetProperty("search_options", out _));
    }

    [Theory, InlineData(""), InlineData("auto"), InlineData("none")]
    public async Task C13_ToolsOfWhichNoneWasCalled_AreKept(string mode)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Cut);
        var options = new ChatOptions
        {
            Tools = [AIFunctionFactory.Create(static (string place) => place, "find", "Finds it.")],
            ToolMode =
                mode == "auto" ? ChatToolMode.Auto
                : mode == "none" ? ChatToolMode.None
                : null,
        };

        (await Heard.FromAsync(setup.Pipeline(), options)).IsWhole();

        var (first, second) = (setup.Qwen.Journal.Chats[0].Request, Requests.Continuing(setup));
        Assert.Equal(first.Tools.GetRawText(), second.Tools.GetRawText());
        Assert.Equal(
            Members(first.Text).GetValueOrDefault("tool_choice"),
            Members(second.Text).GetValueOrDefault("tool_choice")
        );
    }

    [Fact]
    public async Task C13_CutInsideACallAfterText_GoesOnFromTheTextWithAFreshCall()
    {
        await using var setup = await Setup.StartAsync(static options =>
            options.Answer = static _ => new QwenSimulatedAnswer
            {
                Text = "I will pay. ",
                ToolCalls =
                {
                    new QwenSimulatedToolCall { Name = "pay", Arguments = """{"sum": 5}""" },
                },
            }
        );
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Stream([
                Chunk.Text("I will pay."),
                Chunk.Calls(
                    """[{"index":0,"id":"old","type":"function","function":{"name":"pay","arguments":"{\"su"}}]"""
                ),
            ])
        );

        var heard = await Heard.FromAsync(setup.Pipeline());

        heard.IsWhole("I will pay. ", ChatFinishReason.ToolCalls);
        var call = Assert.Single(heard.Contents.OfType<FunctionCallContent>());
        Assert.NotEqual("old", call.CallId);
        Assert.False(call.InformationalOnly);
        Assert.Equal("5", call.Arguments!["sum"]!.ToString());
        Assert.Equal("I will pay.", Requests.Continuing(setup).Prefix);
        Assert.DoesNotContain("old", setup.Qwen.Journal.Chats[1].Body, StringComparison.Ordinal);
    }

    [Theory, InlineData("The pipeline"), InlineData("The pipeline ")]
    public async Task C14_OwnBeginning_IsMadeLonger(string own)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Cut);
        ChatMessage[] messages =
        [
            Ask.Question[0],
            new(ChatRole.Assistant, own) { AdditionalProperties = new() { ["partial"] = true } },
        ];

        (await Heard.FromAsync(setup.Pipeline(), null, messages)).IsWhole(Setup.Text[own.Length..]);

        var (first, second) = (setup.Qwen.Journal.Chats[0].Request, setup.Qwen.Journal.Chats[1].Request);
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
        Assert.Equal(own, first.Prefix);
        Assert.Equal(2, second.Messages.GetArrayLength());
        Assert.Equal(Setup.Text[..(own.Length + 24)].TrimEnd(), second.Prefix);
        // The caller's own message is still what it was.
        Assert.Equal(own, messages[1].Text);
    }

    [Fact]
    public async Task C14_OwnBeginningThatWasReadFromJson_IsMadeLonger()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Cut);
        ChatMessage[] messages =
        [
            Ask.Question[0],
            new(ChatRole.Assistant, [new TextContent("The "), new TextContent("pipeline")])
            {
                AdditionalProperties = new() { ["partial"] = JsonSerializer.SerializeToElement(true) },
            },
        ];

        (await Heard.FromAsync(setup.Pipeline(), null, messages)).IsWhole(Setup.Text[12..]);

        Assert.Equal(2, setup.Qwen.Journal.Chats[1].Request.Messages.GetArrayLength());
        Assert.Equal(Setup.Text[..36], setup.Qwen.Journal.Chats[1].Request.Prefix);
    }

    private static Dictionary<string, string> Members(string body)
    {
        return JsonNode
            .Parse(body)!
            .AsObject()
            .ToDictionary(static member => member.Key, static member => member.Value?.ToJsonString() ?? "null");
    }
}
