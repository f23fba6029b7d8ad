using Connectors.Qwen.IntegrationTests.Faults.Answers;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Continuation;

/// <summary>Rows C1, C6, C8, C11, C14, C15 and T30 where two things come together.</summary>
public sealed class OddServersTests
{
    private const string Refusal =
        """{"choices":[{"delta":{"refusal":"I must not."},"finish_reason":null,"index":0}],"created":1,"model":"m","id":"chatcmpl-1"}""";

    [Theory, InlineData(QwenPartialMode.Echo, 3), InlineData(QwenPartialMode.StartOver, 3)]
    [InlineData(QwenPartialMode.Echo, 11), InlineData(QwenPartialMode.StartOver, 11)]
    public async Task C1_C14_ServerThatSaysTheCallersOwnBeginningAgain_IsNeverAppended(QwenPartialMode mode, int chunks)
    {
        await using var setup = await Setup.StartAsync(options => options.PartialMode = mode);
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(chunks));
        ChatMessage[] messages =
        [
            Ask.Question[0],
            new(ChatRole.Assistant, "The pipeline") { AdditionalProperties = new() { ["partial"] = true } },
        ];

        var heard = await Heard.FromAsync(setup.Pipeline(), null, messages);

        // Uncut, this server says the whole text. Cut, it is that or a typed error with the beginning of it.
        if (heard.Failure is not null)
        {
            Assert.StartsWith(heard.Broke().PartialText!, Setup.Text, StringComparison.Ordinal);
            return;
        }

        heard.IsWhole();
    }

    [Theory, InlineData(3), InlineData(9)]
    public async Task C1_C14_ServerThatOnlyEchoesTheSecondTime_IsNeverAppended(int chunks)
    {
        // The first request goes to a server that continues, the second one to one behind the same address that echoes.
        await using var setup = await Setup.StartAsync();
        const string Own = "The pipeline";
        var said = Setup.Text[Own.Length..(Own.Length + (8 * chunks))];
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream([Chunk.Text(said)]), QwenBehavior.Answer(Setup.Text));
        setup.Qwen.Script.Always(QwenBehavior.Answer(Setup.Text[Own.Length..]));
        ChatMessage[] messages =
        [
            Ask.Question[0],
            new(ChatRole.Assistant, Own) { AdditionalProperties = new() { ["partial"] = true } },
        ];

        var heard = await Heard.FromAsync(setup.Pipeline(), null, messages);

        if (heard.Failure is not null)
        {
            Assert.StartsWith(heard.Broke().PartialText!, Setup.Text[Own.Length..], StringComparison.Ordinal);
            return;
        }

        heard.IsWhole(Setup.Text[Own.Length..]);
    }

    [Fact]
    public async Task C6_OnlyARefusalHadCome_IsNotSaidTwice()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream([Refusal]), QwenBehavior.Stream([Refusal, Chunk.Finish()]));

        var heard = await Heard.FromAsync(setup.Pipeline());

        Assert.Single(heard.Contents.OfType<ErrorContent>());
    }

    [Fact]
    public async Task C8_StopInTheRestWithoutStreaming_EndsTheTextThere()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Stream([Chunk.Text("One two STO")]),
            QwenBehavior.Answer("P HERE three")
        );
        var client = setup.Pipeline(static options => options.StreamingFallback.MaxContinuations = 0);

        (await Heard.FromAsync(client, new() { StopSequences = ["STOP HERE"] })).IsWhole("One two STO");

        Assert.Equal(["stream", "whole+partial"], Requests.Kinds(setup));
    }

    [Fact]
    public async Task C8_StopInAnAnswerThatIsBegunAnew_EndsTheTextThere()
    {
        await using var setup = await Setup.StartAsync(static options =>
            options.PartialMode = QwenPartialMode.StartOver
        );
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream([Chunk.Text("One two STO")]));
        setup.Qwen.Script.Always(QwenBehavior.Answer("One two STOP HERE three"));

        (await Heard.FromAsync(setup.Pipeline(), new() { StopSequences = ["STOP HERE"] })).IsWhole("One two STO");
    }

    [Fact]
    public async Task C11_ModelThatAlwaysThinksAndIsNamedByTheOption_IsATypedErrorAndRemembered()
    {
        await using var setup = await StartThinkingAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(4), QwenBehavior.Answer(), QwenBehavior.EndAfter(4));
        var client = setup.Pipeline(static options => options.StreamingFallback.ContinuationModels.Add("qwq-*"));

        (await Heard.FromAsync(client, new() { ModelId = "qwq-plus" })).Broke();
        (await Heard.FromAsync(client, new() { ModelId = "qwq-plus" })).Broke();

        Assert.Equal(["stream", "stream+partial", "stream"], Requests.Kinds(setup));
    }

    [Fact]
    public async Task C15_RestWithoutStreaming_HasTheFirstIds()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream([Chunk.Text(Setup.Text[..24])]));
        var client = setup.Pipeline(static options => options.StreamingFallback.MaxContinuations = 0);

        var heard = (await Heard.FromAsync(client)).IsWhole();

        var response = heard.Updates.ToChatResponse();
        Assert.Equal(("chatcmpl-1", "m"), (response.ResponseId, response.ModelId));
        Assert.Equal("chatcmpl-1", Assert.Single(response.Messages).MessageId);
        Assert.Equal(setup.Qwen.Journal.Chats[1].RequestId, heard.Facts[QwenResponseProperties.RequestId]);
        Assert.Single(heard.Contents.OfType<UsageContent>());
    }

    [Fact]
    public async Task C11_ReasoningOfTheRestWithoutStreaming_IsNotHandedOut()
    {
        await using var setup = await StartThinkingAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.EndAfter(4),
            QwenBehavior.Completion(
                Chunk.Whole(
                    $$"""{"role":"assistant","content":{{System.Text.Json.JsonSerializer.Serialize(Setup.Text[16..])}},"reasoning_content":"Again."}"""
                )
            )
        );
        var client = setup.Pipeline(static options => options.StreamingFallback.MaxContinuations = 0);
        var thinking = new ChatOptions { AdditionalProperties = new() { ["enable_thinking"] = true } };

        var heard = (await Heard.FromAsync(client, thinking)).IsWhole();

        Assert.Equal("Let me think.", heard.Reasoning);
    }

    [Fact]
    public async Task T30_CutInTheReasoningAgainAndAgain_ComesWithoutStreaming()
    {
        await using var setup = await StartThinkingAsync();
        setup.Qwen.Script.Always(QwenBehavior.EndAfter(1), static request => request.IsStream);
        var thinking = new ChatOptions { AdditionalProperties = new() { ["enable_thinking"] = true } };

        var heard = (await Heard.FromAsync(setup.Pipeline(), thinking)).IsWhole();

        Assert.Equal("Let me t", heard.Reasoning);
        Assert.Equal(["stream", "stream", "stream", "whole"], Requests.Kinds(setup));
    }

    [Fact]
    public async Task T30_CutInTheReasoningAndThenInTheText_IsGoneOnWith()
    {
        await using var setup = await StartThinkingAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(1), QwenBehavior.EndAfter(4));
        var thinking = new ChatOptions { AdditionalProperties = new() { ["enable_thinking"] = true } };

        var heard = (await Heard.FromAsync(setup.Pipeline(), thinking)).IsWhole();

        Assert.Equal("Let me t", heard.Reasoning);
        Assert.Equal(["stream", "stream", "stream+partial"], Requests.Kinds(setup));
    }

    [Fact]
    public async Task T30_NothingBringsMoreThanReasoning_IsATypedErrorWithoutText()
    {
        await using var setup = await StartThinkingAsync();
        setup.Qwen.Script.Always(QwenBehavior.EndAfter(1));

        var client = setup.Pipeline();
        for (var i = 0; i < 2; i++)
        {
            var heard = await Heard.FromAsync(client, new() { ModelId = "qwq-plus" });

            var failure = Assert.IsType<QwenException>(heard.Failure);
            Assert.Equal((QwenFailureKind.StreamInterrupted, null), (failure.Kind, failure.PartialText));
            Assert.Empty(heard.Finishes);
            // That the model has no other form is not what went wrong.
            Assert.DoesNotContain("stream mode", failure.Message, StringComparison.Ordinal);
        }

        // It is asked for the other form once.
        Assert.Equal(["stream", "stream", "stream", "whole", "stream", "stream", "stream"], Requests.Kinds(setup));
    }

    private static Task<Setup> StartThinkingAsync()
    {
        return Setup.StartAsync(static options =>
            options.Answer = static request => new QwenSimulatedAnswer
            {
                Text = Setup.Text,
                Reasoning = request.IsThinking ? "Let me think." : null,
            }
        );
    }
}
