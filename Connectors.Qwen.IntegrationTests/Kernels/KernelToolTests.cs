using System.ComponentModel;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using static Connectors.Qwen.IntegrationTests.Kernels.KernelDoor;

namespace Connectors.Qwen.IntegrationTests.Kernels;

/// <summary>Functions of a kernel: chosen, invoked, filtered, streamed.</summary>
public sealed class KernelToolTests
{
    private const string Question = "What does weather_forecast say?";

    private readonly Weather _weather = new();
    private readonly Watch _watch = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ChatCompletion, false)]
    [InlineData(ChatCompletion, true)]
    [InlineData(ChatClient, false)]
    [InlineData(ChatClient, true)]
    public async Task Auto_InvokesThroughTheFilters(KernelDoor door, bool streaming)
    {
        await using var setup = await Setup.StartAsync(static options => options.Answer = null);
        var kernel = Kernel(setup, door);
        // The turn with the result fails once: it is sent again, the function is not invoked again.
        setup.Qwen.Script.Enqueue(QwenBehavior.Answer(), QwenBehavior.StreamTimeout());

        var answer = await AskAsync(kernel, FunctionChoiceBehavior.Auto(), streaming);

        Assert.Contains("Rain in", answer, StringComparison.Ordinal);
        Assert.Equal(1, _weather.Calls);
        Assert.Equal(["weather.forecast"], _watch.Seen);
        Assert.Equal([200, 504, 200], setup.ChatStatuses());
        var last = setup.Qwen.Journal.Chats[^1].Request.Messages.EnumerateArray().ToArray();
        var call = last[^2].GetProperty("tool_calls")[0];
        Assert.Equal("weather_forecast", call.GetProperty("function").GetProperty("name").GetString());
        Assert.Equal(call.GetProperty("id").GetString(), last[^1].GetProperty("tool_call_id").GetString());
    }

    [Theory, InlineData(ChatCompletion), InlineData(ChatClient)]
    public async Task Required_ForcesOneCall(KernelDoor door)
    {
        await using var setup = await Setup.StartAsync(static options => options.Answer = null);

        await AskAsync(Kernel(setup, door), FunctionChoiceBehavior.Required(), streaming: false, "Hello");

        Assert.Equal(1, _weather.Calls);
        var chats = setup.Qwen.Journal.Chats;
        Assert.Equal(2, chats.Count);
        Assert.Equal("required", chats[0].Request.Body.GetProperty("tool_choice").GetString());
        Assert.False(chats[1].Request.Body.TryGetProperty("tool_choice", out var choice) && $"{choice}" == "required");
    }

    [Theory, InlineData(ChatCompletion), InlineData(ChatClient)]
    public async Task None_ShowsTheFunctionsAndCallsNone(KernelDoor door)
    {
        await using var setup = await Setup.StartAsync(static options => options.Answer = null);

        await AskAsync(Kernel(setup, door), FunctionChoiceBehavior.None(), streaming: false);

        Assert.Equal(0, _weather.Calls);
        var sent = Assert.Single(setup.Qwen.Journal.Chats).Request;
        Assert.Equal("none", sent.Body.GetProperty("tool_choice").GetString());
        Assert.Equal(1, sent.Tools.GetArrayLength());
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task FilterThatEndsTheCall_EndsIt(bool streaming)
    {
        await using var setup = await Setup.StartAsync(static options => options.Answer = null);
        _watch.Ends = true;

        await AskAsync(Kernel(setup, ChatCompletion), FunctionChoiceBehavior.Auto(), streaming);

        Assert.Equal(1, _weather.Calls);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task History_GetsTheCallsAndResults(bool streaming)
    {
        await using var setup = await Setup.StartAsync(static options => options.Answer = null);
        var kernel = Kernel(setup, ChatCompletion);
        var history = new ChatHistory { new(AuthorRole.User, Question) };

        await ChatAsync(kernel, history, FunctionChoiceBehavior.Auto(), streaming);

        Assert.Equal(
            [AuthorRole.User, AuthorRole.Assistant, AuthorRole.Tool],
            history.Select(static message => message.Role)
        );
        var call = Assert.Single(FunctionCallContent.GetFunctionCalls(history[1]));
        Assert.Equal(("weather", "forecast"), (call.PluginName, call.FunctionName));
        var result = Assert.Single(history[2].Items.OfType<FunctionResultContent>());
        Assert.Equal(call.Id, result.CallId);
        // The history can be sent again as it is.
        history.AddUserMessage("Thank you.");
        await ChatAsync(kernel, history, null, streaming);
        var sent = setup.Qwen.Journal.Chats[^1].Request.Messages.EnumerateArray().ToArray();
        Assert.Equal(
            ["user", "assistant", "tool", "user"],
            sent.Select(static message => message.GetProperty("role").GetString())
        );
        Assert.Equal(
            "weather_forecast",
            sent[1].GetProperty("tool_calls")[0].GetProperty("function").GetProperty("name").GetString()
        );
    }

    [Fact]
    public async Task InvokedByHand_TheFunctionIsFoundAndTheResultSentBack()
    {
        await using var setup = await Setup.StartAsync(static options => options.Answer = null);
        var kernel = Kernel(setup, ChatCompletion);
        var history = new ChatHistory { new(AuthorRole.User, Question) };
        var byHand = FunctionChoiceBehavior.Auto(autoInvoke: false);

        var turn = (await ChatAsync(kernel, history, byHand, streaming: false)).Whole!;
        Assert.Equal("tool_calls", turn.Metadata![QwenChatCompletionService.FinishReason]);
        history.Add(turn);
        history.Add(
            (
                await Assert.Single(FunctionCallContent.GetFunctionCalls(turn)).InvokeAsync(kernel, Cancel)
            ).ToChatMessage()
        );
        var answer = (await ChatAsync(kernel, history, byHand, streaming: false)).Whole!;

        Assert.Equal(1, _weather.Calls);
        Assert.Contains("Rain in", answer.Content, StringComparison.Ordinal);
        Assert.Empty(_watch.Seen);
    }

    [Fact]
    public async Task StreamedCallsInvokedByHand_AreFoundEachWithItsArguments()
    {
        await using var setup = await Setup.StartAsync(static options =>
            options.Answer = static _ => new QwenSimulatedAnswer
            {
                ToolCalls =
                {
                    new() { Name = "weather_forecast", Arguments = """{"city":"Paris"}""" },
                    new() { Name = "weather_forecast", Arguments = """{"city":"Rome"}""" },
                },
            }
        );
        var kernel = Kernel(setup, ChatCompletion);
        var history = new ChatHistory { new(AuthorRole.User, Question) };

        var parts = (
            await ChatAsync(kernel, history, FunctionChoiceBehavior.Auto(autoInvoke: false), streaming: true)
        ).Parts;
        var builder = new FunctionCallContentBuilder();
        parts.ForEach(builder.Append);
        var calls = builder.Build();
        var results = new List<object?>();
        foreach (var call in calls)
        {
            results.Add((await call.InvokeAsync(kernel, Cancel)).Result);
        }

        Assert.Equal(["Rain in Paris", "Rain in Rome"], results.Select(static result => $"{result}"));
        Assert.Single(history);
    }

    [Fact]
    public async Task StreamedCallThatIsNotWhole_CannotBeInvokedByHand()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Stream([
                """{"id":"r","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"weather_forecast","arguments":"{}"}}]}}]}""",
                """{"id":"r","choices":[{"index":0,"delta":{},"finish_reason":"length"}]}""",
            ])
        );
        var kernel = Kernel(setup, ChatCompletion);
        var history = new ChatHistory { new(AuthorRole.User, Question) };

        var parts = (
            await ChatAsync(kernel, history, FunctionChoiceBehavior.Auto(autoInvoke: false), streaming: true)
        ).Parts;
        var builder = new FunctionCallContentBuilder();
        parts.ForEach(builder.Append);

        var call = Assert.Single(builder.Build());
        Assert.NotNull(call.Exception);
        await Assert.ThrowsAnyAsync<Exception>(() => call.InvokeAsync(kernel, Cancel));
        Assert.Empty(_watch.Seen);
    }

    [Fact]
    public async Task ResultThatAnotherConnectorKeptAlsoAsText_IsSentOnce()
    {
        await using var setup = await Setup.StartAsync();
        var history = new ChatHistory
        {
            new(AuthorRole.User, Question),
            new(AuthorRole.Assistant, [new FunctionCallContent("forecast", "weather", "call_1")]),
            new(
                AuthorRole.Tool,
                [new TextContent("Rain"), new FunctionResultContent("forecast", "weather", "call_1", "Rain")]
            ),
        };

        await ChatAsync(Kernel(setup, ChatCompletion), history, null, streaming: false);

        var sent = Assert.Single(setup.Qwen.Journal.Chats).Request.Messages.EnumerateArray().ToArray();
        Assert.Equal(3, sent.Length);
        Assert.Equal("Rain", sent[2].GetProperty("content").GetString());
    }

    private Kernel Kernel(Setup setup, KernelDoor door)
    {
        return setup.Kernel(
            door,
            builder =>
            {
                builder.Plugins.AddFromObject(_weather, "weather");
                builder.Services.AddSingleton<IAutoFunctionInvocationFilter>(_watch);
            }
        );
    }

    private static async Task<string> AskAsync(
        Kernel kernel,
        FunctionChoiceBehavior choice,
        bool streaming,
        string question = Question
    )
    {
        var arguments = new KernelArguments(new QwenPromptExecutionSettings { FunctionChoiceBehavior = choice });
        if (!streaming)
        {
            return (await kernel.InvokePromptAsync(question, arguments, cancellationToken: Cancel)).ToString();
        }

        var text = "";
        await foreach (
            var part in kernel.InvokePromptStreamingAsync<string>(question, arguments, cancellationToken: Cancel)
        )
        {
            text += part;
        }

        return text;
    }

    private static async Task<(ChatMessageContent? Whole, List<StreamingChatMessageContent> Parts)> ChatAsync(
        Kernel kernel,
        ChatHistory history,
        FunctionChoiceBehavior? choice,
        bool streaming
    )
    {
        var service = kernel.GetRequiredService<IChatCompletionService>();
        var settings = new QwenPromptExecutionSettings { FunctionChoiceBehavior = choice };
        if (!streaming)
        {
            return (await service.GetChatMessageContentAsync(history, settings, kernel, Cancel), []);
        }

        var parts = new List<StreamingChatMessageContent>();
        await foreach (var part in service.GetStreamingChatMessageContentsAsync(history, settings, kernel, Cancel))
        {
            parts.Add(part);
        }

        return (null, parts);
    }

    private sealed class Weather
    {
        public int Calls { get; private set; }

        [KernelFunction("forecast"), Description("The weather of a city.")]
        public string Forecast(string city)
        {
            Calls++;
            return $"Rain in {city}";
        }
    }

    private sealed class Watch : IAutoFunctionInvocationFilter
    {
        public List<string> Seen { get; } = [];

        public bool Ends { get; set; }

        public async Task OnAutoFunctionInvocationAsync(
            AutoFunctionInvocationContext context,
            Func<AutoFunctionInvocationContext, Task> next
        )
        {
            Seen.Add($"{context.Function.PluginName}.{context.Function.Name}");
            await next(context);
            context.Terminate = Ends;
        }
    }
}
