using System.Runtime.CompilerServices;
using System.Text;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults;

/// <summary>Row T29 as far as the end goes: once the finish reason has been seen the answer is whole, whatever follows.</summary>
public sealed class AfterTheFinishTests
{
    private const string Tail =
        "\"object\":\"chat.completion.chunk\",\"usage\":null,\"created\":1,\"model\":\"m\",\"id\":\"chatcmpl-1\"}\n\n";
    private const string Words =
        "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"},\"finish_reason\":null,\"index\":0}]," + Tail;
    private const string Stop =
        "data: {\"choices\":[{\"delta\":{\"content\":\"\"},\"finish_reason\":\"stop\",\"index\":0}]," + Tail;
    private const string Call =
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"pay\",\"arguments\":\"{}\"}}]},\"index\":0}],"
        + Tail;
    private const string Calls =
        "data: {\"choices\":[{\"finish_reason\":\"tool_calls\",\"delta\":{},\"index\":0}]," + Tail;

    [Theory]
    [InlineData("")]
    [InlineData("data: [DO")]
    [InlineData("data: [DONE] \n\n")]
    [InlineData("data: {\"choices\":[],\"usage\":{\"prompt_tok")]
    [InlineData("data: \n\ndata: [DONE]\n\n")]
    [InlineData("data: {\"error\":{\"message\":\"overflow\",\"code\":\"500\"}}\n\n")]
    public async Task T29_CutAfterTheFinishReason_TheAnswerIsWhole(string rest)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.RawStream(Encoding.UTF8.GetBytes(Words + Stop + rest)));

        var response = await Ask.Async(setup.Pipeline(), streaming: true);

        Assert.Equal(("Hello", ChatFinishReason.Stop), (response.Text, response.FinishReason!.Value));
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task T29_CutAfterTheFinishReasonOfAToolCall_TheTurnIsNotAskedForAgain()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.RawStream(Encoding.UTF8.GetBytes(Call + Calls + "data: {\"cho")));

        var response = await Ask.Async(setup.Pipeline(), streaming: true);

        Assert.Single(response.Messages.SelectMany(static message => message.Contents).OfType<FunctionCallContent>());
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task T26_CallsThatComeAfterTheEnd_AreShownButNeverExecutable()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.RawStream(Encoding.UTF8.GetBytes(Words + Stop + Call + "data: [DONE]\n\n"))
        );

        var response = await Ask.Async(setup.Pipeline(), streaming: true);

        var call = Assert.Single(response.Messages.SelectMany(static m => m.Contents).OfType<FunctionCallContent>());
        Assert.True(call.InformationalOnly);
        Assert.NotNull(call.Exception);
    }

    [
        Theory,
        InlineData("1770764906000", true),
        InlineData("1770764906000", false),
        InlineData("99999999999999999", true),
        InlineData("99999999999999999", false)
    ]
    public async Task T43_TimeThatIsNoSeconds_CostsNothing(string created, bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Replay(
                [
                    $$"""{"choices":[{"delta":{"content":"Hello"},"finish_reason":"stop","index":0}],"created":{{created}},"id":"chatcmpl-1"}""",
                ],
                $$"""{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop","index":0}],"created":{{created}},"id":"chatcmpl-1"}"""
            )
        );

        var response = await Ask.Async(setup.Pipeline(), streaming);

        Assert.Equal("Hello", response.Text);
    }

    [Fact]
    public async Task T28_LongToolCall_IsProgressAndNotSilence()
    {
        // Forty pieces, one each 10 seconds: far longer in all than the clock that waits for the first word.
        await using var setup = await Setup.StartAsync(static options =>
        {
            options.ChunkDelay = TimeSpan.FromMilliseconds(5);
            options.Answer = static _ => new QwenSimulatedAnswer
            {
                ToolCalls =
                {
                    new QwenSimulatedToolCall
                    {
                        Name = "write",
                        Arguments = $"{{\"text\":\"{new string('x', 320)}\"}}",
                    },
                },
            };
        });
        var time = new FakeTimeProvider();
        var limit = TimeSpan.FromSeconds(30);
        var options = setup.Options();
        options.TimeoutRetry.FirstTokenTimeout = limit;
        // Nothing moves the clock between two attempts: a second one would never come.
        options.TimeoutRetry.MaxRetries = 0;
        await using var services = new ServiceCollection().AddSingleton<TimeProvider>(time).BuildServiceProvider();
        using var client = new SlowClient(setup.Raw(), time, TimeSpan.FromSeconds(10))
            .AsBuilder()
            .UseQwenPipeline(options)
            .Build(services);

        var response = await Ask.Async(client, streaming: true);

        Assert.Single(response.Messages.SelectMany(static message => message.Contents).OfType<FunctionCallContent>());
        Assert.Single(setup.Qwen.Journal.Chats);
        Assert.True(time.GetUtcNow() - time.Start > 10 * limit, "The pieces came faster than this test is about.");
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T27_CutByTheLimitOfTokens_NoCallIsExecutable(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        const string Half =
            "{\"choices\":[{\"message\":{\"content\":\"\",\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"arguments\":\"\",\"name\":\"delete_files\"},\"id\":\"c1\",\"index\":0,\"type\":\"function\"}]},\"finish_reason\":\"length\",\"index\":0}],\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"id\":\"chatcmpl-1\"}";
        var calls = 0;
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Replay(
                [
                    "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"delete_files\",\"arguments\":\"\"}}]},\"index\":0}],\"id\":\"chatcmpl-1\"}",
                    "{\"choices\":[{\"finish_reason\":\"length\",\"delta\":{},\"index\":0}],\"id\":\"chatcmpl-1\"}",
                ],
                Half
            )
        );
        using var client = setup.Pipeline().AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(() => ++calls, "delete_files")] };

        var response = await Ask.Async(client, streaming, options);

        Assert.Equal(0, calls);
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
    }

    [Fact]
    public async Task T16_ErrorFinishWithoutStreaming_IsNotAnAnswer()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(
            QwenBehavior.Completion(
                "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"{\\\"error\\\":{\\\"message\\\":\\\"Throttling: TPM(1/1)\\\",\\\"type\\\":\\\"Throttling\\\",\\\"code\\\":\\\"429\\\"}}\"},\"finish_reason\":\"error_finish\",\"index\":0}],\"id\":\"chatcmpl-1\"}"
            )
        );
        var client = setup.Pipeline(static options => options.TimeoutRetry.MaxRetries = 0);

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming: false));

        Assert.Equal(QwenFailureKind.RateLimited, failure.Kind);
        Assert.Null(failure.PartialText);
    }

    /// <summary>Takes its time for each update, by a clock that only this moves: no machine is too slow for it.</summary>
    private sealed class SlowClient(IChatClient inner, FakeTimeProvider time, TimeSpan pace)
        : DelegatingChatClient(inner)
    {
        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            [EnumeratorCancellation] CancellationToken cancellationToken = default
        )
        {
            await foreach (var update in InnerClient.GetStreamingResponseAsync(messages, options, cancellationToken))
            {
                time.Advance(pace);
                yield return update;
            }
        }
    }
}
