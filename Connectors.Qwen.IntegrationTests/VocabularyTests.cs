using Connectors.Qwen.IntegrationTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests;

/// <summary>Qwen's own parameters reach the service by each of the three doors, and do there what they are for.</summary>
public sealed class VocabularyTests
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task Partial_OnTheLastMessage_ContinuesThePrefix(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var prefix = Setup.Text[..20];
        ChatMessage[] messages =
        [
            .. Ask.Question,
            new(ChatRole.Assistant, prefix) { AdditionalProperties = new() { ["partial"] = true } },
        ];
        var token = TestContext.Current.CancellationToken;
        var client = setup.Pipeline();

        var response = streaming
            ? await client.GetStreamingResponseAsync(messages, null, token).ToChatResponseAsync(token)
            : await client.GetResponseAsync(messages, null, token);

        Assert.Equal(Setup.Text, prefix + response.Text);
    }

    [Theory]
    [InlineData("by name", true), InlineData("typed", true), InlineData("portable", true)]
    [InlineData("by name", false), InlineData("typed", false), InlineData("portable", false)]
    public async Task Thinking_ByEachDoor_ArrivesAsReasoning(string door, bool streaming)
    {
        await using var setup = await Setup.StartAsync(static options => options.Answer = null);
        var options = door switch
        {
            "by name" => new ChatOptions { AdditionalProperties = new() { ["enable_thinking"] = true } },
            "typed" => new ChatOptions
            {
                RawRepresentationFactory = static _ => new QwenChatRequest
                {
                    EnableThinking = true,
                    ThinkingBudget = 500,
                },
            },
            _ => new ChatOptions { Reasoning = new() { Effort = ReasoningEffort.High } },
        };

        var response = await Ask.Async(setup.Pipeline(), streaming, options);

        var contents = Assert.Single(response.Messages).Contents;
        Assert.NotEmpty(Assert.Single(contents.OfType<TextReasoningContent>()).Text);
        Assert.NotEmpty(response.Text);
        Assert.True(response.Usage!.ReasoningTokenCount > 0);
    }

    [Fact]
    public async Task ForcedTool_IsAskedForWithoutThinking()
    {
        await using var setup = await Setup.StartAsync(static options => options.Answer = null);
        var weather = AIFunctionFactory.Create(static (string city) => $"Rain in {city}", "weather");
        var options = new ChatOptions { Tools = [weather], ToolMode = ChatToolMode.RequireSpecific("weather") };

        // The service refuses a forced choice while a model thinks, and this one thinks by default.
        var response = await setup
            .Pipeline(static options => options.ModelId = "qwen3-8b")
            .GetResponseAsync("Use the weather tool.", options, TestContext.Current.CancellationToken);

        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        Assert.Equal("weather", response.Messages[0].Contents.OfType<FunctionCallContent>().Single().Name);
    }

    [Fact]
    public async Task Parameters_GoOnTheWireUnderTheirOwnNames()
    {
        await using var setup = await Setup.StartAsync();
        var options = new ChatOptions
        {
            ModelId = "qwen-plus",
            Temperature = 0,
            TopK = 20,
            StopSequences = ["END"],
            AdditionalProperties = new() { ["enable_search"] = true, ["a_parameter_of_tomorrow"] = new[] { "x" } },
        };

        await Ask.Async(setup.Pipeline(), streaming: true, options);

        var body = Assert.Single(setup.Qwen.Journal.Chats).Request.Body;
        Assert.Equal("qwen-plus", body.GetProperty("model").GetString());
        Assert.Equal(0, body.GetProperty("temperature").GetDouble());
        Assert.Equal(20, body.GetProperty("top_k").GetInt32());
        Assert.Equal("END", body.GetProperty("stop")[0].GetString());
        Assert.True(body.GetProperty("enable_search").GetBoolean());
        Assert.Equal("x", body.GetProperty("a_parameter_of_tomorrow")[0].GetString());
        Assert.True(body.GetProperty("stream_options").GetProperty("include_usage").GetBoolean());
    }

    [Fact]
    public async Task Pipeline_TellsWhoItIs()
    {
        await using var setup = await Setup.StartAsync();
        var client = setup.Pipeline();

        var metadata = client.GetService<ChatClientMetadata>()!;

        Assert.Equal(
            ("qwen", setup.Qwen.Endpoint, "qwen3-max"),
            (metadata.ProviderName, metadata.ProviderUri, metadata.DefaultModelId)
        );
        Assert.NotNull(client.GetService<QwenChatClient>());
        Assert.NotNull(client.GetService<TokenRefreshChatClient>());
        Assert.NotNull(client.GetService<TimeoutRetryChatClient>());
        Assert.Null(client.GetService<QwenChatClient>("key"));
        await Ask.Async(client, streaming: false);
        Assert.StartsWith(
            "Connectors.Qwen/",
            setup.Qwen.Journal.Chats[0].Headers["User-Agent"],
            StringComparison.Ordinal
        );
    }
}
