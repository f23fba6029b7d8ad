using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using static Connectors.Qwen.IntegrationTests.Kernels.KernelDoor;

namespace Connectors.Qwen.IntegrationTests.Kernels;

/// <summary>Prompts of a kernel, whichever service it has.</summary>
public sealed class PromptTests
{
    private const string PromptFile = """
        {"schema":1,"name":"bridge","template":"Name a bridge in {{$city}}.","template_format":"semantic-kernel",
        "input_variables":[{"name":"city"}],
        "execution_settings":{"default":{"enable_thinking":false,"thinking_budget":50,"top_k":20,"temperature":0.5,"repetition_penalty":1.1,
        "stop":["END"],"search_options":{"forced_search":true},
        "response_format":{"type":"json_schema","json_schema":{"name":"bridge","strict":true,
        "schema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}}}}}}
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, InlineData(ChatCompletion), InlineData(ChatClient)]
    public async Task Prompt_IsAnswered(KernelDoor door)
    {
        await using var setup = await Setup.StartAsync();
        var kernel = setup.Kernel(door);

        var answer = await kernel.InvokePromptAsync("Name three bridges.", cancellationToken: Cancel);
        var streamed = "";
        await foreach (
            var part in kernel.InvokePromptStreamingAsync<string>("Name three bridges.", cancellationToken: Cancel)
        )
        {
            streamed += part;
        }

        Assert.Equal((Setup.Text, Setup.Text), (answer.ToString(), streamed));
        Assert.Equal([false, true], setup.Qwen.Journal.Chats.Select(static chat => chat.IsStream));
    }

    [Theory, InlineData(ChatCompletion), InlineData(ChatClient)]
    public async Task SettingsOfCode_ReachTheService(KernelDoor door)
    {
        await using var setup = await Setup.StartAsync();
        var kernel = setup.Kernel(door);
        var settings = new QwenPromptExecutionSettings
        {
            Temperature = 0.5f,
            TopK = 20,
            EnableThinking = true,
            ThinkingBudget = 100,
            Stop = ["never said"],
            ResponseFormat = typeof(Bridge),
        };

        await kernel.InvokePromptAsync("Name a bridge.", new(settings), cancellationToken: Cancel);

        var sent = Assert.Single(setup.Qwen.Journal.Chats).Request.Body;
        Assert.Equal(0.5, sent.GetProperty("temperature").GetDouble());
        Assert.Equal("20", sent.GetProperty("top_k").GetRawText());
        Assert.Equal("100", sent.GetProperty("thinking_budget").GetRawText());
        Assert.True(sent.GetProperty("enable_thinking").GetBoolean());
        Assert.Equal("never said", Assert.Single(sent.GetProperty("stop").EnumerateArray()).GetString());
        var schema = sent.GetProperty("response_format").GetProperty("json_schema").GetProperty("schema");
        Assert.True(schema.GetProperty("properties").TryGetProperty("name", out _));
        Assert.False(sent.TryGetProperty("model_id", out _));
    }

    [Theory, InlineData(ChatCompletion), InlineData(ChatClient)]
    public async Task SettingsOfAPromptFile_ReachTheService(KernelDoor door)
    {
        await using var setup = await Setup.StartAsync(static options => options.Answer = null);
        var kernel = setup.Kernel(door);
        var prompt = KernelFunctionFactory.CreateFromPrompt(PromptTemplateConfig.FromJson(PromptFile));

        var answer = await kernel.InvokeAsync(prompt, new() { ["city"] = "Suzhou" }, Cancel);

        var sent = Assert.Single(setup.Qwen.Journal.Chats).Request;
        Assert.Equal("Name a bridge in Suzhou.", sent.LastUserText);
        Assert.False(sent.EnableThinking);
        Assert.Equal("50", sent.Body.GetProperty("thinking_budget").GetRawText());
        Assert.Equal("20", sent.Body.GetProperty("top_k").GetRawText());
        Assert.Equal(1.1, sent.Body.GetProperty("repetition_penalty").GetDouble());
        Assert.Equal("""{"forced_search":true}""", sent.Body.GetProperty("search_options").GetRawText());
        Assert.Equal("END", Assert.Single(sent.Body.GetProperty("stop").EnumerateArray()).GetString());
        var format = sent.Body.GetProperty("response_format");
        Assert.Equal("json_schema", format.GetProperty("type").GetString());
        Assert.Equal("bridge", format.GetProperty("json_schema").GetProperty("name").GetString());
        Assert.StartsWith("{\"name\":", answer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ChatClientOfTheKernel_Answers()
    {
        await using var setup = await Setup.StartAsync();
        var client = setup.Kernel(ChatClient).GetRequiredService<IChatClient>();

        var answer = await client.GetResponseAsync("Name three bridges.", cancellationToken: Cancel);

        Assert.Equal(Setup.Text, answer.Text);
        Assert.NotNull(client.GetService<FunctionInvokingChatClient>());
        Assert.NotNull(client.GetService<StreamingFallbackChatClient>());
    }

    [Theory, InlineData(ChatCompletion), InlineData(ChatClient)]
    public async Task TwoServices_AreChosenByIdAndByModel(KernelDoor door)
    {
        await using var setup = await Setup.StartAsync();
        var kernel = setup.Kernel(
            door,
            builder =>
            {
                builder.Add(setup, door, "fast", "qwen-flash");
                builder.Add(setup, door, "wise", "qwen-plus");
            }
        );

        await kernel.InvokePromptAsync(
            "One",
            new(new QwenPromptExecutionSettings { ServiceId = "fast" }),
            cancellationToken: Cancel
        );
        await kernel.InvokePromptAsync(
            "Two",
            new(new QwenPromptExecutionSettings { ModelId = "qwen-plus" }),
            cancellationToken: Cancel
        );

        Assert.Equal(["qwen-flash", "qwen-plus"], setup.Qwen.Journal.Chats.Select(static chat => chat.Request.Model));
    }

    [Fact]
    public async Task BothDoorsOfOneId_AreServicesOfTheirOwn()
    {
        await using var setup = await Setup.StartAsync();
        var kernel = setup.Kernel(
            ChatCompletion,
            builder =>
            {
                builder.Add(setup, ChatCompletion, "one", "qwen-flash");
                builder.Add(setup, ChatClient, "one", "qwen-plus");
            }
        );

        await kernel
            .GetRequiredService<IChatCompletionService>("one")
            .GetChatMessageContentAsync("Hello", cancellationToken: Cancel);
        await kernel.GetRequiredService<IChatClient>("one").GetResponseAsync("Hello", cancellationToken: Cancel);

        Assert.Equal(["qwen-flash", "qwen-plus"], setup.Qwen.Journal.Chats.Select(static chat => chat.Request.Model));
    }

    [Fact]
    public async Task SeveralKernelsAtOnce_KeepToTheirOwn()
    {
        await using var one = await Setup.StartAsync();
        await using var other = await Setup.StartAsync(static options =>
            options.Answer = static _ => new QwenSimulatedAnswer { Text = "the other" }
        );
        var kernels = new[] { one.Kernel(ChatCompletion), other.Kernel(ChatClient) };

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => kernels[i % 2].InvokePromptAsync("Hello", cancellationToken: Cancel))
        );

        Assert.All(
            answers.Index(),
            answer => Assert.Equal(answer.Index % 2 == 0 ? Setup.Text : "the other", answer.Item.ToString())
        );
        Assert.Equal((10, 10), (one.Qwen.Journal.Chats.Count, other.Qwen.Journal.Chats.Count));
    }

    private sealed record Bridge(string Name, int Length);
}
