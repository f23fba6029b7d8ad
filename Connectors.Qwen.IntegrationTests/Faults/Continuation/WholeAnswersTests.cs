using System.Text.Json;
using Connectors.Qwen.IntegrationTests.Faults.Answers;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Continuation;

/// <summary>Rows T36 and C9 of answers that were asked for as a whole: a part is gone on with, or asked for as a stream.</summary>
public sealed class WholeAnswersTests
{
    private static readonly string Part = Setup.Text[..24];

    [Theory, InlineData(null), InlineData(""), InlineData("null")]
    public async Task T36_NoFinishReason_IsGoneOnWithFromThePart(string? reason)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Completion(Chunk.WholeText(Part, reason)));

        var response = await Ask.Async(setup.Pipeline(), streaming: false);

        Assert.Equal((Setup.Text, ChatFinishReason.Stop), (response.Text, response.FinishReason));
        Assert.Single(response.Messages);
        Assert.Equal(["whole", "stream+partial"], Requests.Kinds(setup));
        Assert.Equal(Part, setup.Qwen.Journal.Chats[1].Request.Prefix);
        var facts = response.AdditionalProperties!;
        Assert.Equal("continuation", facts[QwenResponseProperties.RecoveredBy]);
        Assert.Equal((2, 1), (facts[QwenResponseProperties.Attempts], facts[QwenResponseProperties.Continuations]));
        Assert.Equal(setup.Qwen.Journal.Chats[0].RequestId, facts[QwenResponseProperties.FailedRequestIds]);
        // The part has said what it cost: 3 and 2 tokens.
        Assert.Equal(0, response.Usage!.AdditionalCounts!["qwen.unreported_attempts"]);
        Assert.Equal(3 + response.Usage.AdditionalCounts["qwen.last_input_tokens"], response.Usage.InputTokenCount);
    }

    [Fact]
    public async Task T36_NoFinishReason_TheAnswerHasTheIdsOfThePart()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Completion(Chunk.WholeText(Part, reason: null)));

        var response = await Ask.Async(setup.Pipeline(), streaming: false);

        Assert.Equal(("chatcmpl-1", "m"), (response.ResponseId, response.ModelId));
    }

    [Fact]
    public async Task T36_NoFinishReasonOfAModelThatIsNotKnown_ComesAsAStream()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Completion(Chunk.WholeText(Part, reason: null)));

        var response = await Ask.Async(setup.Pipeline(), streaming: false, new() { ModelId = "mystery" });

        Assert.Equal((Setup.Text, ChatFinishReason.Stop), (response.Text, response.FinishReason));
        Assert.Equal(["whole", "stream"], Requests.Kinds(setup));
        Assert.Equal("streaming", response.AdditionalProperties![QwenResponseProperties.RecoveredBy]);
    }

    [Fact]
    public async Task T36_StreamThatTakesItsPlaceIsCut_IsGoneOnWith()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.StreamTimeout(), QwenBehavior.StreamTimeout(), QwenBehavior.EndAfter(3));

        var response = await Ask.Async(setup.Pipeline(), streaming: false);

        Assert.Equal((Setup.Text, ChatFinishReason.Stop), (response.Text, response.FinishReason));
        Assert.Equal(["whole", "whole", "stream", "stream+partial"], Requests.Kinds(setup));
    }

    [Fact]
    public async Task T36_PartIsRefusedAsABeginning_ComesAsAStream()
    {
        await using var setup = await Setup.StartAsync(static options => options.PartialMode = QwenPartialMode.Refuse);
        setup.Qwen.Script.Enqueue(QwenBehavior.Completion(Chunk.WholeText(Part, reason: null)));

        // Nobody has seen the part: it is no reason to lose the answer.
        var response = await Ask.Async(setup.Pipeline(), streaming: false);

        Assert.Equal((Setup.Text, ChatFinishReason.Stop), (response.Text, response.FinishReason));
        Assert.Equal(["whole", "stream+partial", "stream"], Requests.Kinds(setup));
    }

    [Fact]
    public async Task T36_StreamInItsPlaceIsCutAndRefusedAsABeginning_IsAskedForOnceMore()
    {
        await using var setup = await Setup.StartAsync(static options => options.PartialMode = QwenPartialMode.Refuse);
        setup.Qwen.Script.Enqueue(QwenBehavior.StreamTimeout(), QwenBehavior.StreamTimeout(), QwenBehavior.EndAfter(3));

        var response = await Ask.Async(setup.Pipeline(), streaming: false);

        Assert.Equal((Setup.Text, ChatFinishReason.Stop), (response.Text, response.FinishReason));
        Assert.Equal(["whole", "whole", "stream", "stream+partial", "stream"], Requests.Kinds(setup));
    }

    [Fact]
    public async Task T36_WholeAnswerInThePlaceOfAStreamIsCut_IsGoneOnWith()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.StreamTimeout(),
            QwenBehavior.StreamTimeout(),
            QwenBehavior.Completion(Chunk.WholeText(Part, reason: null))
        );

        var heard = (await Heard.FromAsync(setup.Pipeline())).IsWhole();

        Assert.Equal(["stream", "stream", "whole", "stream+partial"], Requests.Kinds(setup));
        Assert.Equal(4, heard.Facts[QwenResponseProperties.Attempts]);
        Assert.Equal(
            string.Join(", ", setup.Qwen.Journal.Chats.Take(3).Select(static chat => chat.RequestId)),
            heard.Facts[QwenResponseProperties.FailedRequestIds]
        );
    }

    [Fact]
    public async Task T36_PartWithReasoning_HasItOnce()
    {
        await using var setup = await Setup.StartAsync();
        var message =
            $$"""{"role":"assistant","content":{{JsonSerializer.Serialize(Part)}},"reasoning_content":"Hm."}""";
        setup.Qwen.Script.Enqueue(QwenBehavior.Completion(Chunk.Whole(message, reason: null)));

        var response = await Ask.Async(setup.Pipeline(), streaming: false);

        Assert.Equal(Setup.Text, response.Text);
        var reasoning = response.Messages.SelectMany(static one => one.Contents).OfType<TextReasoningContent>();
        Assert.Equal("Hm.", string.Concat(reasoning.Select(static one => one.Text)));
    }

    [Fact]
    public async Task T36_LengthAtTheServersTime_IsGoneOnWithFromThePart()
    {
        await using var run = await SlowServer.StartAsync(TimeSpan.FromSeconds(298));
        run.Setup.Qwen.Script.Enqueue(QwenBehavior.Answer());

        var response = await Ask.Async(run.Client, streaming: false);

        Assert.Equal((Setup.Text, ChatFinishReason.Stop), (response.Text, response.FinishReason));
        Assert.Equal(["whole", "stream+partial"], Requests.Kinds(run.Setup));
        Assert.Equal(Part, run.Setup.Qwen.Journal.Chats[1].Request.Prefix);
        var usage = response.Usage!;
        // Both requests have reported what they cost.
        Assert.Equal(1007 + run.LastInput, usage.InputTokenCount);
        Assert.Equal(0, usage.AdditionalCounts!["qwen.unreported_attempts"]);
        Assert.Equal(run.LastInput, usage.AdditionalCounts["qwen.last_input_tokens"]);
        Assert.Equal("continuation", response.AdditionalProperties![QwenResponseProperties.RecoveredBy]);
        Assert.Single(response.Messages);
        Assert.Equal(
            run.Setup.Qwen.Journal.Chats.Select(static chat => chat.RequestId),
            [
                (string)response.AdditionalProperties[QwenResponseProperties.FailedRequestIds]!,
                (string)response.AdditionalProperties[QwenResponseProperties.RequestId]!,
            ]
        );
    }

    [Fact]
    public async Task T36_LengthAtTheServersTimeOfAModelThatIsNotKnown_ComesAsAStream()
    {
        await using var run = await SlowServer.StartAsync(TimeSpan.FromSeconds(298));

        var response = await Ask.Async(run.Client, streaming: false, new() { ModelId = "mystery" });

        Assert.Equal((Setup.Text, ChatFinishReason.Stop), (response.Text, response.FinishReason));
        Assert.Equal(["whole", "stream"], Requests.Kinds(run.Setup));
    }

    [Fact]
    public async Task T36_LengthAtTheServersTimeInsideACall_ComesAsAStream()
    {
        await using var run = await SlowServer.StartAsync(TimeSpan.FromSeconds(298), callsTool: true);

        var response = await Ask.Async(run.Client, streaming: false);

        Assert.Equal((Setup.Text, ChatFinishReason.Stop), (response.Text, response.FinishReason));
        Assert.Empty(response.Messages.SelectMany(static one => one.Contents).OfType<FunctionCallContent>());
        Assert.Equal(["whole", "stream"], Requests.Kinds(run.Setup));
    }

    [Fact]
    public async Task T36_PartWithHalfACallInThePlaceOfAStream_IsGoneOnWithAndTheHalfIsNotShown()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            QwenBehavior.StreamTimeout(),
            QwenBehavior.StreamTimeout(),
            QwenBehavior.Completion(
                $$"""
                {"id":"r","choices":[{"index":0,"message":{"content":{{JsonSerializer.Serialize(Part)}},"tool_calls":[
                 {"index":0,"id":"c","function":{"name":"f","arguments":"{\"x\":"} }]},"finish_reason":null}]}
                """
            )
        );

        var response = await Ask.Async(setup.Pipeline(), streaming: true);

        Assert.Equal((Setup.Text, ChatFinishReason.Stop), (response.Text, response.FinishReason));
        Assert.Empty(response.Messages.SelectMany(static one => one.Contents).OfType<FunctionCallContent>());
        Assert.Equal(["stream", "stream", "whole", "stream+partial"], Requests.Kinds(setup));
    }

    [Fact]
    public async Task T36_OneOfSeveralAnswersIsCut_AllAreAskedForAgain()
    {
        await using var setup = await Setup.StartAsync();
        const string Two = """
            {"id":"r","choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"},
             {"index":1,"message":{"content":"b"},"finish_reason":?}]}
            """;
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Completion(Two.Replace("?", "null", StringComparison.Ordinal)),
            QwenBehavior.Completion(Two.Replace("?", "\"stop\"", StringComparison.Ordinal))
        );

        var response = await Ask.Async(
            setup.Pipeline(),
            streaming: false,
            new() { RawRepresentationFactory = static _ => new QwenChatRequest { N = 2 } }
        );

        Assert.Equal(["a", "b"], response.Messages.Select(static message => message.Text));
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
    }

    [Fact]
    public async Task T36_LengthBeforeTheServersTime_IsLength()
    {
        await using var run = await SlowServer.StartAsync(TimeSpan.FromSeconds(280));

        var response = await Ask.Async(run.Client, streaming: false);

        Assert.Equal((Part, ChatFinishReason.Length), (response.Text, response.FinishReason));
        Assert.Single(run.Setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task T36_LengthAtTheCallersLimit_IsLengthHoweverLongItTook()
    {
        await using var run = await SlowServer.StartAsync(TimeSpan.FromSeconds(298), tokens: 20);

        var response = await Ask.Async(run.Client, streaming: false, new() { MaxOutputTokens = 20 });

        Assert.Equal((Part, ChatFinishReason.Length), (response.Text, response.FinishReason));
        Assert.Single(run.Setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task C9_T36_LengthAtTheServersTimeFarFromTheLimit_GoesOnWithWhatIsLeft()
    {
        await using var run = await SlowServer.StartAsync(TimeSpan.FromSeconds(298), tokens: 5);

        var response = await Ask.Async(run.Client, streaming: false, new() { MaxOutputTokens = 200 });

        Assert.Equal((Setup.Text, ChatFinishReason.Stop), (response.Text, response.FinishReason));
        Assert.Equal(195, run.Setup.Qwen.Journal.Chats[1].Request.Body.GetProperty("max_tokens").GetInt32());
    }

    [Fact]
    public async Task T36_RestWithoutStreamingMeetsTheServersTimeToo_IsNotTakenForWhole()
    {
        await using var run = await SlowServer.StartAsync(TimeSpan.FromSeconds(298), max: 0);
        run.Setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(2));

        // The stream is cut, and the rest of it is asked for as a whole: the server stops in the middle of that.
        var heard = await Heard.FromAsync(run.Client);

        Assert.DoesNotContain(ChatFinishReason.Length, heard.Finishes);
        Assert.True(heard.Failure is not null || heard.Text == Setup.Text, heard.Text);
    }

    [Fact]
    public async Task T36_SwitchedOff_IsTheAnswerAsItCame()
    {
        await using var run = await SlowServer.StartAsync(
            TimeSpan.FromSeconds(298),
            continuation: QwenContinuation.Off,
            upgrades: false
        );

        var response = await Ask.Async(run.Client, streaming: false);

        Assert.Equal((Part, ChatFinishReason.Length), (response.Text, response.FinishReason));
    }

    [Fact]
    public async Task T36_LengthAtTheServersTimeAndNothingHelps_IsATypedErrorWithTheText()
    {
        await using var run = await SlowServer.StartAsync(TimeSpan.FromSeconds(298), upgrades: false);

        var failure = await Assert.ThrowsAnyAsync<QwenException>(() =>
            Ask.Async(run.Client, streaming: false, new() { ModelId = "mystery" })
        );

        Assert.Equal((QwenFailureKind.StreamInterrupted, Part), (failure.Kind, failure.PartialText));
        Assert.Single(run.Setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task T36_LengthAtTheServersTimeAndReportOnly_ComesAsAStreamAndIsReported()
    {
        await using var run = await SlowServer.StartAsync(
            TimeSpan.FromSeconds(298),
            continuation: QwenContinuation.ReportOnly
        );

        var response = await Ask.Async(run.Client, streaming: false);

        Assert.Equal((Setup.Text, ChatFinishReason.Stop), (response.Text, response.FinishReason));
        Assert.Equal(["whole", "stream"], Requests.Kinds(run.Setup));
        Assert.Equal(1, run.Setup.Logs.Count(316));
    }
}
