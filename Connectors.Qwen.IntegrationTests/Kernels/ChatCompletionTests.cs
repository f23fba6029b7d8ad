using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Services;
using static Connectors.Qwen.IntegrationTests.Kernels.KernelDoor;

#pragma warning disable SKEXP0001, SKEXP0110 // Reasoning and audio are experimental in Semantic Kernel.

namespace Connectors.Qwen.IntegrationTests.Kernels;

/// <summary>The chat completion service tells what is known of an answer, streaming or not.</summary>
public sealed class ChatCompletionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answer_KeepsReasoningFinishReasonUsageAndIds()
    {
        await using var setup = await Setup.StartAsync(Thinking);

        var answer = await Service(setup).GetChatMessageContentAsync("Why?", cancellationToken: Cancel);

        Assert.Equal((AuthorRole.Assistant, "Because.", "qwen3-max"), (answer.Role, answer.Content, answer.ModelId));
        Assert.Equal("Hm.", Assert.Single(answer.Items.OfType<ReasoningContent>()).Text);
        AssertFacts(answer.Metadata, setup);
        Assert.IsType<ChatResponse>(answer.InnerContent);
    }

    [Fact]
    public async Task Stream_KeepsReasoningFinishReasonUsageAndIds()
    {
        await using var setup = await Setup.StartAsync(Thinking);

        var parts = await StreamAsync(setup, new ChatHistory("Be brief.") { new(AuthorRole.User, "Why?") });

        Assert.Equal("Because.", string.Concat(parts.Select(static part => part.Content)));
        var thoughts = parts.SelectMany(static part => part.Items).OfType<StreamingReasoningContent>();
        Assert.Equal("Hm.", string.Concat(thoughts.Select(static thought => thought.Text)));
        var facts = parts
            .SelectMany(static part => part.Metadata ?? new Dictionary<string, object?>())
            .GroupBy(static fact => fact.Key)
            .ToDictionary(static facts => facts.Key, static facts => facts.Last().Value);
        AssertFacts(facts, setup);
        Assert.All(parts, static part => Assert.IsType<ChatResponseUpdate>(part.InnerContent));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task RecoveredAnswer_TellsWhatItTook(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.StreamTimeout());
        var history = new ChatHistory { new(AuthorRole.User, "Why?") };

        IEnumerable<IReadOnlyDictionary<string, object?>?> told = streaming
            ? (await StreamAsync(setup, history)).Select(static part => part.Metadata)
            : [(await Service(setup).GetChatMessageContentAsync(history, cancellationToken: Cancel)).Metadata];

        var facts = told.SelectMany(static metadata => metadata ?? new Dictionary<string, object?>()).ToArray();
        Assert.Contains(new(QwenResponseProperties.RecoveredBy, "retry"), facts);
        Assert.Contains(facts, static fact => fact.Key == QwenResponseProperties.Attempts && $"{fact.Value}" == "2");
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Failure_IsTheTypedException(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Error(400, "invalid_parameter_error", "No."));
        var history = new ChatHistory { new(AuthorRole.User, "Why?") };

        var failure = await Assert.ThrowsAsync<QwenException>(() =>
            streaming
                ? StreamAsync(setup, history)
                : Service(setup).GetChatMessageContentAsync(history, cancellationToken: Cancel)
        );

        Assert.Equal(QwenFailureKind.InvalidRequest, failure.Kind);
        Assert.NotNull(failure.RequestId);
    }

    [Fact]
    public async Task History_IsSentWithEverythingInIt()
    {
        await using var setup = await Setup.StartAsync();
        var history = new ChatHistory("Be brief.")
        {
            new(
                AuthorRole.User,
                [
                    new Microsoft.SemanticKernel.TextContent("What is this?"),
                    new ImageContent(new byte[] { 1, 2, 3 }, "image/png"),
                    new ImageContent(new Uri("https://pictures.example/a.jpg")),
                    new BinaryContent(new Uri("https://pictures.example/b.mp4")) { MimeType = "video/mp4" },
                ]
            ),
            new(
                AuthorRole.Assistant,
                [new ReasoningContent("Hm."), new Microsoft.SemanticKernel.TextContent("A cat.")]
            ),
            new(AuthorRole.User, "Sure?"),
        };

        await Service(setup)
            .GetChatMessageContentAsync(
                history,
                new QwenPromptExecutionSettings { ModelId = "qwen3-vl-plus", PreserveThinking = true },
                cancellationToken: Cancel
            );

        var sent = Assert.Single(setup.Qwen.Journal.Chats).Request;
        Assert.Equal("qwen3-vl-plus", sent.Model);
        var messages = sent.Messages.EnumerateArray().ToArray();
        Assert.Equal(
            ["system", "user", "assistant", "user"],
            messages.Select(static message => message.GetProperty("role").GetString())
        );
        Assert.Equal(
            ["text", "image_url", "image_url", "video_url"],
            messages[1]
                .GetProperty("content")
                .EnumerateArray()
                .Select(static part => part.GetProperty("type").GetString())
        );
        Assert.Equal("Hm.", messages[2].GetProperty("reasoning_content").GetString());
        Assert.Equal("A cat.", messages[2].GetProperty("content").GetString());
        Assert.Equal(4, history.Count);
    }

    [Fact]
    public async Task Metadata_IsTheApplicationsOwn_ButForWhatTheServiceReads()
    {
        await using var setup = await Setup.StartAsync();
        var notes = new Dictionary<string, object?>
        {
            ["userid"] = "u-17",
            ["source"] = "crm",
            ["cache_control"] = new Dictionary<string, object?> { ["type"] = "ephemeral" },
        };
        var history = new ChatHistory
        {
            new ChatMessageContent(AuthorRole.User, "Why?", metadata: notes),
            new ChatMessageContent(
                AuthorRole.Assistant,
                "Because",
                metadata: new Dictionary<string, object?> { ["partial"] = true, ["FinishReason"] = "stop" }
            ),
        };

        await Service(setup).GetChatMessageContentAsync(history, cancellationToken: Cancel);

        Assert.Equal(
            """
            [{"role":"user","content":[{"type":"text","text":"Why?","cache_control":{"type":"ephemeral"}}]},{"role":"assistant","content":"Because","partial":true}]
            """,
            Assert.Single(setup.Qwen.Journal.Chats).Request.Messages.GetRawText()
        );
    }

    [Fact]
    public async Task Refusal_InTheHistory_IsSentAsWhatTheModelSaid()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Completion(
                """{"id":"r","choices":[{"index":0,"message":{"role":"assistant","content":null,"reasoning_content":"Hm.","refusal":"I will not.","audio":{"data":"?!*%"}},"finish_reason":"stop"}]}"""
            )
        );
        var history = new ChatHistory { new ChatMessageContent(AuthorRole.User, "Do it!") };

        history.Add(await Service(setup).GetChatMessageContentAsync(history, cancellationToken: Cancel));
        Assert.Equal("I will not.", history[1].Metadata![QwenChatCompletionService.Refusal]);
        Assert.Contains("sound", $"{history[1].Metadata![QwenChatCompletionService.Error]}", StringComparison.Ordinal);
        history.AddUserMessage("Why not?");
        await Service(setup).GetChatMessageContentAsync(history, cancellationToken: Cancel);

        Assert.Equal("I will not.", setup.Qwen.Journal.Chats[1].Request.Messages[1].GetProperty("content").GetString());
    }

    [Fact]
    public async Task ContentThatCannotBeSent_IsRefusedAndNothingIsSent()
    {
        await using var setup = await Setup.StartAsync();
        var history = new ChatHistory
        {
            new(AuthorRole.User, [new BinaryContent(new byte[] { 1 }, "application/pdf")]),
        };

        await Assert.ThrowsAsync<NotSupportedException>(() =>
            Service(setup).GetChatMessageContentAsync(history, cancellationToken: Cancel)
        );

        Assert.Empty(setup.Qwen.Journal.Exchanges);
    }

    [Fact]
    public async Task Attributes_NameModelAndEndpoint()
    {
        await using var setup = await Setup.StartAsync();

        var service = Service(setup);

        Assert.Equal("qwen3-max", service.GetModelId());
        Assert.Equal(setup.Qwen.Endpoint.ToString(), service.GetEndpoint());
    }

    private static void Thinking(QwenSimulatorOptions options)
    {
        options.Answer = static _ => new QwenSimulatedAnswer { Reasoning = "Hm.", Text = "Because." };
    }

    private static void AssertFacts(IReadOnlyDictionary<string, object?>? facts, Setup setup)
    {
        Assert.NotNull(facts);
        Assert.Equal("stop", facts[QwenChatCompletionService.FinishReason]);
        Assert.True(Assert.IsType<UsageDetails>(facts[QwenChatCompletionService.Usage]).OutputTokenCount > 0);
        Assert.NotEqual("", Assert.IsType<string>(facts[QwenChatCompletionService.Id]));
        Assert.IsType<DateTimeOffset>(facts[QwenChatCompletionService.CreatedAt]);
        Assert.Equal(setup.Qwen.Journal.Chats.Single().RequestId, facts[QwenResponseProperties.RequestId]);
    }

    private static IChatCompletionService Service(Setup setup)
    {
        return setup.Kernel(ChatCompletion).GetRequiredService<IChatCompletionService>();
    }

    private static async Task<List<StreamingChatMessageContent>> StreamAsync(Setup setup, ChatHistory history)
    {
        var parts = new List<StreamingChatMessageContent>();
        await foreach (
            var part in Service(setup).GetStreamingChatMessageContentsAsync(history, cancellationToken: Cancel)
        )
        {
            parts.Add(part);
        }

        return parts;
    }
}
