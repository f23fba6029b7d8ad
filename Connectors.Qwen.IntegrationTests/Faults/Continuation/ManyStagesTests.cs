using Connectors.Qwen.IntegrationTests.Faults.Answers;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Continuation;

/// <summary>Rows T29 and T48: tool calls that were handed out, and answers that took all the stages together.</summary>
public sealed class ManyStagesTests
{
    private static readonly FunctionCallContent Call = new("c1", "pay", new Dictionary<string, object?>());

    [Theory, InlineData(true), InlineData(false)]
    public async Task T29_CutAfterAToolCallWasHandedOut_IsATypedErrorAndNeverReplayed(bool isOurs)
    {
        using var inner = new CutClient(
            isOurs
                ? new QwenException(QwenFailureKind.StreamInterrupted, "The stream was cut.")
                : new IOException("The connection was lost."),
            new ChatResponseUpdate(ChatRole.Assistant, "I will pay."),
            new ChatResponseUpdate(ChatRole.Assistant, [Call])
        );
        using var client = Over(inner);

        var heard = await Heard.FromAsync(client);

        Assert.Equal(1, inner.Calls);
        Assert.Same(Call, Assert.Single(heard.Contents.OfType<FunctionCallContent>()));
        Assert.Empty(heard.Finishes);
        var failure = Assert.IsType<QwenException>(heard.Failure);
        Assert.Equal("I will pay.", failure.PartialText);
    }

    [Fact]
    public async Task T29_CutAfterTheCallAndTheFinishReason_IsTheEnd()
    {
        using var inner = new CutClient(
            new IOException("The connection was lost."),
            new ChatResponseUpdate(ChatRole.Assistant, [Call]),
            new ChatResponseUpdate(ChatRole.Assistant, "") { FinishReason = ChatFinishReason.ToolCalls }
        );
        using var client = Over(inner);

        var heard = await Heard.FromAsync(client);

        Assert.Null(heard.Failure);
        Assert.Equal([ChatFinishReason.ToolCalls], heard.Finishes);
        Assert.Same(Call, Assert.Single(heard.Contents.OfType<FunctionCallContent>()));
        Assert.Equal(1, inner.Calls);
    }

    [Fact]
    public async Task T29_ForeignStreamCutAfterText_GoesOnInTheSameWay()
    {
        // The same double shows that it is the tool call that holds the others back.
        using var inner = new CutClient(
            new IOException("The connection was lost."),
            new ChatResponseUpdate(ChatRole.Assistant, "I will ")
        );
        inner.Then = [new(ChatRole.Assistant, "pay.") { FinishReason = ChatFinishReason.Stop }];
        using var client = Over(inner);

        var heard = await Heard.FromAsync(client);

        heard.IsWhole("I will pay.");
        Assert.Equal(2, inner.Calls);
        Assert.Equal("I will", inner.Last![^1].Text);
        Assert.Equal(true, inner.Last[^1].AdditionalProperties!["partial"]);
    }

    [Fact]
    public async Task T29_RawClientCutAfterACompleteCallBeforeTheFinishReason_HandsItOutOnce()
    {
        await using var setup = await Setup.StartAsync(static options =>
            options.Answer = static _ => new QwenSimulatedAnswer
            {
                Text = "I will pay.",
                ToolCalls =
                {
                    new QwenSimulatedToolCall
                    {
                        Id = "fresh",
                        Name = "pay",
                        Arguments = "{}",
                    },
                },
            }
        );
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Stream([
                Chunk.Text("I will pay."),
                Chunk.Calls(
                    """[{"index":0,"id":"old","type":"function","function":{"name":"pay","arguments":"{}"}}]"""
                ),
            ])
        );

        var heard = await Heard.FromAsync(setup.Pipeline());

        heard.IsWhole("I will pay.", ChatFinishReason.ToolCalls);
        Assert.Equal("fresh", Assert.Single(heard.Contents.OfType<FunctionCallContent>()).CallId);
    }

    [Fact]
    public async Task T48_RetryContinuationAndOtherForm_AreOneAnswerThatTellsAll()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Error(503, "busy", "Busy."), QwenBehavior.EndAfter(3));
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(2));
        setup.Qwen.Script.Always(QwenBehavior.StreamTimeout(), static request => request.IsStream);

        var heard = (await Heard.FromAsync(setup.Pipeline())).IsWhole();

        var chats = setup.Qwen.Journal.Chats;
        Assert.Equal(
            ["stream", "stream", "stream+partial", "stream+partial", "stream+partial", "whole+partial"],
            Requests.Kinds(setup)
        );
        Assert.Equal(6, heard.Facts[QwenResponseProperties.Attempts]);
        Assert.Equal(3, heard.Facts[QwenResponseProperties.Continuations]);
        Assert.Equal("continuation", heard.Facts[QwenResponseProperties.RecoveredBy]);
        var failures = (string)heard.Facts[QwenResponseProperties.Failures]!;
        Assert.Matches(
            @"^streaming ServerError \(.*\), 2 x streaming StreamInterrupted \(.*\), 2 x streaming ServerTimeout \(.*\)$",
            failures
        );
        Assert.Equal(
            string.Join(", ", chats.Take(5).Select(static chat => chat.RequestId)),
            heard.Facts[QwenResponseProperties.FailedRequestIds]
        );
        Assert.Equal(chats[^1].RequestId, heard.Facts[QwenResponseProperties.RequestId]);
        var usage = Assert.Single(heard.Contents.OfType<UsageContent>()).Details;
        Assert.Equal(5, usage.AdditionalCounts!["qwen.unreported_attempts"]);
        Assert.Equal(usage.InputTokenCount, usage.AdditionalCounts["qwen.last_input_tokens"]);
    }

    [Fact]
    public async Task T48_CutStreamThatHadSaidWhatItCost_IsInTheSum()
    {
        await using var setup = await Setup.StartAsync();
        var counted = Chunk
            .Text(Setup.Text[..24])
            .Replace(
                "\"usage\":null",
                "\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":6,\"total_tokens\":1006}",
                StringComparison.Ordinal
            );
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream([counted]));

        var heard = (await Heard.FromAsync(setup.Pipeline())).IsWhole();

        var usage = Assert.Single(heard.Contents.OfType<UsageContent>()).Details;
        Assert.Equal(0, usage.AdditionalCounts!["qwen.unreported_attempts"]);
        Assert.Equal(1000 + usage.AdditionalCounts["qwen.last_input_tokens"], usage.InputTokenCount);
    }

    [Fact]
    public async Task T48_FailureAfterAllStages_CountsThemAll()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Error(503, "busy", "Busy."), QwenBehavior.EndAfter(3));
        setup.Qwen.Script.Always(QwenBehavior.StreamTimeout());

        var heard = await Heard.FromAsync(setup.Pipeline());

        var failure = heard.Broke();
        Assert.Equal(setup.Qwen.Journal.Chats.Count, failure.Attempts);
        Assert.Contains("whole+partial", Requests.Kinds(setup));
        Assert.Contains("non-streaming ServerTimeout", failure.Message, StringComparison.Ordinal);
        Assert.Contains("streaming StreamInterrupted", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("pipeline carries", failure.Message, StringComparison.Ordinal);
    }

    private static IChatClient Over(CutClient inner)
    {
        return new ChatClientBuilder(inner)
            .UseQwenStreamingFallback(static options => options.ContinuationModels.Add("*"))
            .Build();
    }

    /// <summary>A client of somebody else, whose first stream is cut and whose second one is not.</summary>
    private sealed class CutClient(Exception cut, params ChatResponseUpdate[] first) : IChatClient
    {
        public int Calls { get; private set; }

        public ChatResponseUpdate[] Then { get; set; } = [];

        public IReadOnlyList<ChatMessage>? Last { get; private set; }

        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            CancellationToken cancellationToken = default
        )
        {
            Calls++;
            return Task.FromResult(Then.ToChatResponse());
        }

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default
        )
        {
            var isFirst = ++Calls == 1;
            Last = [.. messages];
            foreach (var update in isFirst ? first : Then)
            {
                yield return update;
            }

            await Task.CompletedTask;
            if (isFirst)
            {
                throw cut;
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null)
        {
            return serviceKey is null && serviceType == typeof(ChatClientMetadata)
                ? new ChatClientMetadata("other", null, "their-model")
                : null;
        }

        public void Dispose() { }
    }
}
