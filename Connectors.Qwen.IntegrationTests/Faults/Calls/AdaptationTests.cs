using System.Text.Json;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Calls;

/// <summary>What a model refuses is learned from its answer: once a request too many, and never again.</summary>
public sealed class AdaptationTests
{
    private const int Learned = 409;
    private const string Thinker = "always-thinks";
    private const string Plain = "thinks-never";
    private const string Picky = "has-words-of-its-own";
    private const string Both = "picky-without-the-switch";
    private const string Strict = "json-without-thought";

    private static readonly AIFunction Tool = AIFunctionFactory.Create(static () => "sunny", "weather");

    [Theory, InlineData(true), InlineData(false)]
    public async Task ModelThatAlwaysThinks_IsNotToldAgainNotTo(bool streaming)
    {
        await using var setup = await StartAsync();
        var client = setup.Pipeline();

        var first = await AskAsync(client, streaming, Thinker, ReasoningEffort.None);
        var second = await AskAsync(client, streaming, Thinker, ReasoningEffort.None);

        Assert.Equal([400, 200, 200], setup.ChatStatuses());
        Assert.Equal([false, null, null], setup.Qwen.Journal.Chats.Select(static chat => chat.Request.EnableThinking));
        Assert.Equal((Setup.Text, Setup.Text), (first.Text, second.Text));
        Assert.Equal(
            ("enable_thinking", 2, "adaptation"),
            (
                Fact(first, QwenResponseProperties.Adapted),
                Fact(first, QwenResponseProperties.Attempts),
                Fact(first, QwenResponseProperties.RecoveredBy)
            )
        );
        Assert.Equal("enable_thinking", Fact(second, QwenResponseProperties.Adapted));
        Assert.Null(Fact(second, QwenResponseProperties.Attempts));
        Assert.Equal(1, setup.Logs.Count(Learned));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task ModelWithWordsOfItsOwn_GetsTheNextOne(bool streaming)
    {
        await using var setup = await StartAsync();
        var client = setup.Pipeline();

        var response = await AskAsync(client, streaming, Picky, ReasoningEffort.Medium);
        await AskAsync(client, streaming, Picky, ReasoningEffort.Low);
        await AskAsync(client, streaming, Picky, ReasoningEffort.Medium);

        Assert.Equal(["medium", "high", "low", "high"], Sent(setup, "reasoning_effort"));
        Assert.Equal("reasoning_effort", Fact(response, QwenResponseProperties.Adapted));
    }

    [Fact]
    public async Task ModelWithoutTheSwitch_IsAskedWithoutIt()
    {
        await using var setup = await StartAsync();
        var client = setup.Pipeline();

        await AskAsync(client, false, Plain, ReasoningEffort.None);
        // The other form is the same model.
        await AskAsync(client, true, Plain, ReasoningEffort.None);

        Assert.Equal([400, 200, 200], setup.ChatStatuses());
        Assert.Equal(["False", null, null], Sent(setup, "enable_thinking"));
    }

    [Fact]
    public async Task SeveralRefusals_AreHeededOneAfterAnother()
    {
        await using var setup = await StartAsync();
        var client = setup.Pipeline();

        var first = await AskAsync(client, false, Both, ReasoningEffort.Medium);
        await AskAsync(client, false, Both, ReasoningEffort.Medium);

        Assert.Equal([400, 400, 200, 200], setup.ChatStatuses());
        Assert.Equal("enable_thinking, reasoning_effort", Fact(first, QwenResponseProperties.Adapted));
        Assert.Equal(2, setup.Logs.Count(Learned));
    }

    [Fact]
    public async Task ForcedTool_OfAModelThatThinksByItself_IsCalledWithoutThought()
    {
        await using var setup = await StartAsync();
        var client = setup.Pipeline();
        var options = new ChatOptions
        {
            ModelId = "qwen3-8b",
            Tools = [Tool],
            RawRepresentationFactory = static _ => new QwenChatRequest
            {
                ToolChoice = JsonElement.Parse("\"required\""),
            },
        };

        await Ask.Async(client, streaming: true, options);
        var asked = setup.Qwen.Journal.Chats.Count;
        await Ask.Async(client, streaming: true, options);

        Assert.InRange(asked, 1, 2);
        Assert.Equal(asked + 1, setup.Qwen.Journal.Chats.Count);
        Assert.False(setup.Qwen.Journal.Chats[^1].Request.EnableThinking);
    }

    [Fact]
    public async Task JsonModeOfAModelThatThinksByItself_IsWrittenWithoutThought()
    {
        await using var setup = await StartAsync();
        var client = setup.Pipeline();
        var options = new ChatOptions { ModelId = Strict, ResponseFormat = ChatResponseFormat.Json };
        ChatMessage[] question = [new(ChatRole.User, "Say it as json.")];

        for (var call = 0; call < 2; call++)
        {
            await client.GetResponseAsync(question, options, TestContext.Current.CancellationToken);
        }

        Assert.False(setup.Qwen.Journal.Chats[^1].Request.EnableThinking);
        Assert.Equal(200, setup.ChatStatuses()[^2]);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task GatewayThatDoesNotKnowAHint_IsAskedWithoutIt(bool streaming)
    {
        await using var setup = await StartAsync();
        setup.Qwen.Script.Always(
            QwenBehavior.Error(
                400,
                "unsupported_parameter",
                "Unsupported parameter: 'parallel_tool_calls' is not supported with this model."
            ),
            static request => request.Body.TryGetProperty("parallel_tool_calls", out _)
        );
        var client = setup.Pipeline();
        var options = new ChatOptions { Tools = [Tool], AllowMultipleToolCalls = true };

        await Ask.Async(client, streaming, options);
        var response = await Ask.Async(client, streaming, options);

        Assert.Equal([400, 200, 200], setup.ChatStatuses());
        Assert.Equal("parallel_tool_calls", Fact(response, QwenResponseProperties.Adapted));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task WhatTheCallerGaveByItsName_IsRefusedEachTimeWithAdvice(bool streaming)
    {
        await using var setup = await StartAsync();
        var client = setup.Pipeline();
        // Also where it has been learned.
        await AskAsync(client, streaming, Thinker, ReasoningEffort.None);
        var before = setup.Qwen.Journal.Chats.Count;
        var options = new ChatOptions
        {
            ModelId = Thinker,
            AdditionalProperties = new() { ["enable_thinking"] = false },
        };

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming, options));

        Assert.Equal(before + 1, setup.Qwen.Journal.Chats.Count);
        Assert.Equal(QwenFailureKind.InvalidRequest, failure.Kind);
        Assert.Contains("always thinks: leave enable_thinking out", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ForcedToolOfAModelThatAlwaysThinks_IsRefusedWithAdvice()
    {
        await using var setup = await StartAsync();
        var options = new ChatOptions
        {
            ModelId = Thinker,
            Tools = [Tool],
            ToolMode = ChatToolMode.RequireAny,
        };

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), false, options));

        Assert.Single(setup.Qwen.Journal.Chats);
        Assert.Contains("ChatToolMode.Auto", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BrokenAnswerOfAModelWithoutTheSwitch_IsGoneOnWithWithoutIt()
    {
        await using var setup = await StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3));
        // Given by its name, and yet the request that goes on says it for the library.
        var options = new ChatOptions
        {
            ModelId = Plain,
            AdditionalProperties = new() { ["thinking_budget"] = 100 },
        };

        var response = await Ask.Async(setup.Pipeline(), streaming: true, options);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal([200, 400, 200], setup.ChatStatuses());
        Assert.Equal([null, "False", null], Sent(setup, "enable_thinking"));
    }

    [Fact]
    public async Task AnotherModel_IsAskedAsBefore()
    {
        await using var setup = await StartAsync();
        var client = setup.Pipeline();

        await AskAsync(client, false, Thinker, ReasoningEffort.None);
        var response = await AskAsync(client, false, "qwen3-max", ReasoningEffort.None);

        Assert.False(setup.Qwen.Journal.Chats[^1].Request.EnableThinking);
        Assert.Null(Fact(response, QwenResponseProperties.Adapted));
    }

    [Fact]
    public async Task TheSameModelAtAnotherEndpoint_IsAskedAsBefore()
    {
        await using var here = await StartAsync();
        await using var there = await Setup.StartAsync();
        var login = new MovingLogin { Endpoint = here.Qwen.Endpoint };
        var client = here.Pipeline(static options => (options.Endpoint, options.ApiKey) = (null, null), login);

        await AskAsync(client, false, Thinker, ReasoningEffort.None);
        login.Endpoint = there.Qwen.Endpoint;
        await AskAsync(client, false, Thinker, ReasoningEffort.None);

        Assert.Equal([400, 200], here.ChatStatuses());
        Assert.False(Assert.Single(there.Qwen.Journal.Chats).Request.EnableThinking);
    }

    [Fact]
    public async Task ManyCallsAtOnce_AreAllAnsweredAndOneIsLogged()
    {
        await using var setup = await StartAsync();
        var client = setup.Pipeline();

        var responses = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(call => AskAsync(client, call % 2 == 0, Thinker, ReasoningEffort.None))
        );
        await AskAsync(client, false, Thinker, ReasoningEffort.None);

        Assert.All(responses, static response => Assert.Equal(Setup.Text, response.Text));
        Assert.Null(setup.Qwen.Journal.Chats[^1].Request.EnableThinking);
        Assert.Equal(1, setup.Logs.Count(Learned));
    }

    [Fact]
    public async Task CallThatMaySendOneRequest_FailsWithAdviceAndTheNextIsAnswered()
    {
        await using var setup = await StartAsync();
        var client = setup.Pipeline(static options => options.TimeoutRetry.MaxAttempts = 1);

        var failure = await Assert.ThrowsAsync<QwenException>(() =>
            AskAsync(client, false, Thinker, ReasoningEffort.None)
        );
        var response = await AskAsync(client, false, Thinker, ReasoningEffort.None);

        Assert.Contains("always thinks", failure.Message, StringComparison.Ordinal);
        Assert.Equal(Setup.Text, response.Text);
    }

    [Fact]
    public async Task RetriesThatAreOff_AndAnEmptyBudget_DoNotKeepARequestFromBeingAdapted()
    {
        await using var setup = await StartAsync();
        var client = setup.Pipeline(static options =>
        {
            options.TimeoutRetry.MaxRetries = 0;
            options.TimeoutRetry.RetryBudget.Capacity = 1;
            options.TimeoutRetry.RetryBudget.Ratio = 0;
        });

        await AskAsync(client, false, Thinker, ReasoningEffort.None);
        await AskAsync(client, false, Picky, ReasoningEffort.Medium);
        await AskAsync(client, true, Plain, ReasoningEffort.None);

        Assert.Equal([400, 200, 400, 200, 400, 200], setup.ChatStatuses());
    }

    private static Task<Setup> StartAsync()
    {
        return Setup.StartAsync(static options =>
        {
            options.Models.Add(new() { Id = Thinker, ThinkingOnly = true });
            options.Models.Add(new() { Id = Plain, RefusesEnableThinking = true });
            options.Models.Add(new() { Id = Picky, ReasoningEfforts = ["low", "high", "max"] });
            options.Models.Add(
                new()
                {
                    Id = Both,
                    RefusesEnableThinking = true,
                    ReasoningEfforts = ["low", "high"],
                }
            );
            options.Models.Add(
                new()
                {
                    Id = Strict,
                    ThinksByDefault = true,
                    RefusesJsonWhileThinking = true,
                }
            );
        });
    }

    private static Task<ChatResponse> AskAsync(IChatClient client, bool streaming, string model, ReasoningEffort effort)
    {
        return Ask.Async(
            client,
            streaming,
            new ChatOptions
            {
                ModelId = model,
                Reasoning = new ReasoningOptions { Effort = effort },
            }
        );
    }

    private static object? Fact(ChatResponse response, string name)
    {
        return response.AdditionalProperties?.GetValueOrDefault(name);
    }

    private static IEnumerable<string?> Sent(Setup setup, string name)
    {
        return setup.Qwen.Journal.Chats.Select(chat =>
            chat.Request.Body.TryGetProperty(name, out var value) ? value.ToString() : null
        );
    }

    // A login that names another endpoint from one call to the next.
    private sealed class MovingLogin : IQwenCredentialProvider
    {
        public required Uri Endpoint { get; set; }

        public ValueTask<QwenCredential> GetCredentialAsync(CancellationToken cancellationToken = default)
        {
            return new(new QwenCredential(QwenSimulatorOptions.DefaultApiKey, endpoint: Endpoint));
        }

        public ValueTask<QwenCredential?> RenewCredentialAsync(
            QwenCredential rejected,
            CancellationToken cancellationToken = default
        )
        {
            return new((QwenCredential?)null);
        }
    }
}
