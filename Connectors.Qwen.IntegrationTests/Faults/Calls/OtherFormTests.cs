using Connectors.Qwen.IntegrationTests.Faults.Answers;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.IntegrationTests.Testing.Clocks;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Calls;

/// <summary>Rows T34 to T37: the answer comes in the form in which it can come.</summary>
public sealed class OtherFormTests
{
    private static readonly ChatOptions Reasoner = new() { ModelId = "qwq-plus" };

    [Fact]
    public async Task T34_ModelOnlyStreams_AnswerIsPutTogetherAndTheModelRemembered()
    {
        await using var setup = await Setup.StartAsync();
        var client = setup.Pipeline();

        var first = await Ask.Async(client, streaming: false, Reasoner);
        var second = await Ask.Async(client, streaming: false, Reasoner);
        var other = await Ask.Async(client, streaming: false);

        Assert.All([first, second, other], static response => Assert.Equal(Setup.Text, response.Text));
        Assert.Single(first.Messages);
        Assert.Equal(ChatFinishReason.Stop, first.FinishReason);
        Assert.NotNull(first.Usage?.TotalTokenCount);
        Assert.Equal("streaming", first.AdditionalProperties![QwenResponseProperties.RecoveredBy]);
        Assert.Equal(2, first.AdditionalProperties[QwenResponseProperties.Attempts]);
        Assert.Equal([false, true, true, false], setup.Qwen.Journal.Chats.Select(static chat => chat.IsStream));
        Assert.Equal(1, setup.Logs.Count(306));
    }

    [Fact]
    public async Task T35_ModelThinksOnlyInAStream_AnswerIsPutTogether()
    {
        await using var setup = await Setup.StartAsync(static options =>
            options.Answer = static _ => new QwenSimulatedAnswer { Text = Setup.Text, Reasoning = "Let me think." }
        );
        var client = setup.Pipeline();

        var response = await Ask.Async(client, streaming: false, new() { ModelId = "qwen3-8b" });

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(
            "Let me think.",
            string.Concat(response.Messages[0].Contents.OfType<TextReasoningContent>().Select(static part => part.Text))
        );
        Assert.Equal([400, 200], setup.ChatStatuses());
    }

    [Fact]
    public async Task T34_SwitchedOff_IsTheServersRefusal()
    {
        await using var setup = await Setup.StartAsync();
        var client = setup.Pipeline(static options => options.StreamingFallback.UpgradeToStreaming = false);

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming: false, Reasoner));

        Assert.Equal(QwenFailureKind.InvalidRequest, failure.Kind);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task T34_StreamOfAStreamOnlyModelFails_TheErrorIsTheStreamsAndTheOtherFormIsNotTriedAgain()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.StreamTimeout(), static request => request.IsStream);
        var client = setup.Pipeline();

        var first = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming: true, Reasoner));
        var second = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming: true, Reasoner));

        Assert.Equal((QwenFailureKind.ServerTimeout, 3), (first.Kind, first.Attempts));
        Assert.Equal((QwenFailureKind.ServerTimeout, 2), (second.Kind, second.Attempts));
        Assert.Equal([true, true, false, true, true], setup.Qwen.Journal.Chats.Select(static chat => chat.IsStream));
    }

    [Theory, InlineData(null), InlineData("time_limit")]
    public async Task T36_WholeAnswerWithoutAKnownFinishReason_ItsRestComesAsAStream(string? reason)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Completion(Chunk.WholeText(Setup.Text[..16], reason)));

        var response = await Ask.Async(setup.Pipeline(), streaming: false);

        Assert.Equal((Setup.Text, ChatFinishReason.Stop), (response.Text, response.FinishReason!.Value));
        Assert.Single(response.Messages);
        Assert.Equal([false, true], setup.Qwen.Journal.Chats.Select(static chat => chat.IsStream));
        Assert.Equal([null, Setup.Text[..16]], setup.Qwen.Journal.Chats.Select(static chat => chat.Request.Prefix));
        var facts = response.AdditionalProperties!;
        Assert.Equal("continuation", facts[QwenResponseProperties.RecoveredBy]);
        Assert.Equal((1, 2), (facts[QwenResponseProperties.Continuations], facts[QwenResponseProperties.Attempts]));
        Assert.StartsWith(
            "non-streaming StreamInterrupted",
            (string)facts[QwenResponseProperties.Failures]!,
            StringComparison.Ordinal
        );
    }

    [Theory, InlineData(null), InlineData("time_limit")]
    public async Task T36_WholeAnswerWithoutAKnownFinishReasonAndContinuationIsOff_IsAskedForOnceMoreAsAStream(
        string? reason
    )
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Completion(Chunk.WholeText(Setup.Text[..16], reason)));

        var response = await Ask.Async(setup.Pipeline(Setup.WithoutContinuation), streaming: false);

        Assert.Equal((Setup.Text, ChatFinishReason.Stop), (response.Text, response.FinishReason!.Value));
        Assert.Equal([false, true], setup.Qwen.Journal.Chats.Select(static chat => chat.IsStream));
        Assert.All(setup.Qwen.Journal.Chats, static chat => Assert.False(chat.Request.IsPartial));
        Assert.Equal("streaming", response.AdditionalProperties![QwenResponseProperties.RecoveredBy]);
        Assert.False(response.AdditionalProperties.ContainsKey(QwenResponseProperties.Continuations));
    }

    [Fact]
    public async Task T36_WholeAnswerTimesOut_ComesAsAStream()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.StreamTimeout(), static request => !request.IsStream);

        var response = await Ask.Async(setup.Pipeline(), streaming: false);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal([false, false, true], setup.Qwen.Journal.Chats.Select(static chat => chat.IsStream));
    }

    [Fact]
    public async Task T37_StreamsKeepFailing_CallsGoWithoutAtOnceUntilAProbeWorks()
    {
        await using var setup = await Setup.StartAsync();
        var isDown = true;
        setup.Qwen.Script.Always(
            QwenBehavior.StreamTimeout(),
            request => request.IsStream && Volatile.Read(ref isDown)
        );
        var wall = new ShiftedWall(TimeProvider.System);
        var client = setup.Pipeline(static options => options.StreamingFallback.FailureThreshold = 2, time: wall);

        await AskAsync("a stream, its retry, the whole answer", true, true, false);
        await AskAsync("once more: now it is known", true, true, false);
        await AskAsync("whole at once", false);
        wall.Shift = TimeSpan.FromMinutes(5.1);
        await AskAsync("one call tries a stream, in vain", true, true, false);
        await AskAsync("whole at once", false);
        Volatile.Write(ref isDown, false);
        wall.Shift = TimeSpan.FromMinutes(10.3);
        await AskAsync("one call tries a stream", true);
        await AskAsync("streaming is back", true);

        Assert.Equal((1, 1), (setup.Logs.Count(304), setup.Logs.Count(305)));

        async Task AskAsync(string why, params bool[] forms)
        {
            var before = setup.Qwen.Journal.Chats.Count;
            Assert.Equal(Setup.Text, (await Ask.Async(client, streaming: true)).Text);
            var seen = setup.Qwen.Journal.Chats.Skip(before).Select(static chat => chat.IsStream);
            Assert.True(forms.SequenceEqual(seen), $"{why}: {string.Join(", ", seen)}");
        }
    }

    [Fact]
    public async Task T37_StreamsAreCutAndContinued_StreamingIsNotToBlame()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.ResetAfter(2), static request => !request.IsPartial);
        var client = setup.Pipeline(static options => options.StreamingFallback.FailureThreshold = 2);

        for (var i = 0; i < 4; i++)
        {
            (await StreamedAnswer.ReadAsync(client)).AssertIsOne();
        }

        Assert.Equal(8, setup.Qwen.Journal.Chats.Count);
        Assert.All(setup.Qwen.Journal.Chats, static chat => Assert.True(chat.IsStream));
        Assert.False(setup.Logs.Has(304));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T37_StreamsAreCutAfterTheirFirstWordAndNotContinued_CallsGoWithoutAtOnce(bool isRefused)
    {
        await using var setup = await Setup.StartAsync(options =>
            options.PartialMode = isRefused ? QwenPartialMode.Refuse : QwenPartialMode.Continue
        );
        setup.Qwen.Script.Always(QwenBehavior.ResetAfter(2), static request => request.IsStream && !request.IsPartial);
        var client = setup.Pipeline(options =>
        {
            options.StreamingFallback.Continuation = isRefused ? QwenContinuation.On : QwenContinuation.Off;
            options.StreamingFallback.FailureThreshold = 2;
        });

        var (_, first) = await Ask.ReadAsync(client);
        var (_, second) = await Ask.ReadAsync(client);
        var third = await Ask.Async(client, streaming: true);

        Assert.All(
            [first, second],
            static failure =>
            {
                var typed = Assert.IsType<QwenException>(failure);
                Assert.Equal((QwenFailureKind.StreamInterrupted, Setup.Text[..16]), (typed.Kind, typed.PartialText));
            }
        );
        Assert.Equal(Setup.Text, third.Text);
        // Asked to go on once: that the server refuses is remembered.
        bool[] forms = isRefused ? [true, true, true, false] : [true, true, false];
        Assert.Equal(forms, setup.Qwen.Journal.Chats.Select(static chat => chat.IsStream));
        Assert.Equal(isRefused ? 1 : 0, setup.Qwen.Journal.Chats.Count(static chat => chat.Request.IsPartial));
        Assert.Equal(1, setup.Logs.Count(304));
    }

    [Fact]
    public async Task T37_OtherModels_AreNotConcerned()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(
            QwenBehavior.StreamTimeout(),
            static request => request.IsStream && request.Model == "qwen3-max"
        );
        var client = setup.Pipeline(static options => options.StreamingFallback.FailureThreshold = 1);

        await Ask.Async(client, streaming: true);
        var before = setup.Qwen.Journal.Chats.Count;
        var response = await Ask.Async(client, streaming: true, new() { ModelId = "qwen-plus" });

        Assert.Equal(Setup.Text, response.Text);
        Assert.True(Assert.Single(setup.Qwen.Journal.Chats.Skip(before)).IsStream);
    }
}
