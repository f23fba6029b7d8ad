using Connectors.Qwen.IntegrationTests.Faults.Answers;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.IntegrationTests.Testing.Clocks;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults.Continuation;

/// <summary>Rows C18, C19 and C20: the continuation breaks off itself, is refused, or has nothing to add.</summary>
public sealed class AgainAndAgainTests
{
    private const int Cut = 24;

    private static readonly string Said = Setup.Text[..Cut];

    // A stream that brings no word, but is none that fails before it begins.
    private static readonly QwenBehavior Fruitless = QwenBehavior.Stream([Chunk.Reasoning("Hm.")]);

    [Theory, InlineData(0), InlineData(2)]
    public async Task C18_GatewayThatCutsEveryStream_IsGoneOnWithWhileWordsCome(int max)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.EndAfter(1), static request => IsFarFromTheEnd(request, 8));
        var client = setup.Pipeline(options =>
        {
            options.StreamingFallback.MaxContinuations = max;
            options.TimeoutRetry.MaxAttempts = 40;
            options.TimeoutRetry.RetryBudget.Enabled = false;
        });

        var heard = await Heard.FromAsync(client);

        if (max == 0)
        {
            // Zero fruitless ones are too many at once: the rest comes without streaming.
            heard.IsWhole();
            Assert.Equal(["stream", "whole+partial"], Requests.Kinds(setup));
            return;
        }

        heard.IsWhole();
        var chats = setup.Qwen.Journal.Chats;
        Assert.True(chats.Count > 10, $"{chats.Count}");
        Assert.All(chats.Skip(1), static chat => Assert.True(chat.Request.IsPartial && chat.IsStream));
        Assert.Equal(chats.Count - 1, heard.Facts[QwenResponseProperties.Continuations]);
        Assert.Equal(chats.Count, heard.Facts[QwenResponseProperties.Attempts]);
        Assert.Equal((chats.Count - 1, 1), (setup.Logs.Count(312), setup.Logs.Count(313)));
        // Each went on from all that had come.
        var prefixes = chats.Skip(1).Select(static chat => chat.Request.Prefix!.Length).ToArray();
        Assert.Equal(prefixes.Order(), prefixes);
        Assert.Distinct(prefixes);
    }

    [Fact]
    public async Task C18_RequestsOfTheCall_AreTheLimit()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.EndAfter(1));
        var client = setup.Pipeline(static options => options.TimeoutRetry.MaxAttempts = 4);

        var heard = await Heard.FromAsync(client);

        var failure = heard.Broke();
        Assert.Equal(4, failure.Attempts);
        Assert.Equal(4, setup.Qwen.Journal.Chats.Count);
        // Four chunks; white space that ends one of them is dropped from a prefix and said again.
        Assert.InRange(heard.Text.Length, 30, 34);
        Assert.StartsWith(heard.Text, Setup.Text, StringComparison.Ordinal);
        Assert.Contains("4 requests", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task C18_BudgetOfTheClient_IsTheLimit()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.EndAfter(1));
        var client = setup.Pipeline(static options => options.TimeoutRetry.RetryBudget.Capacity = 1);

        var heard = await Heard.FromAsync(client);

        heard.Broke();
        Assert.InRange(setup.Qwen.Journal.Chats.Count, 2, 3);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public async Task C18_StreamsThatBringNothing_AreCountedAndThenTheRestComesWithoutStreaming(int max)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3));
        setup.Qwen.Script.Always(Fruitless, static request => request.IsStream);
        var client = setup.Pipeline(options => options.StreamingFallback.MaxContinuations = max);

        (await Heard.FromAsync(client)).IsWhole();

        Assert.Equal(["stream", .. Enumerable.Repeat("stream+partial", max), "whole+partial"], Requests.Kinds(setup));
        Assert.Equal(Said, setup.Qwen.Journal.Chats[^1].Request.Prefix);
        Assert.False(setup.Qwen.Journal.Chats[^1].Request.EnableThinking);
    }

    [Fact]
    public async Task C18_WordsInBetween_BeginTheCountAnew()
    {
        await using var setup = await Setup.StartAsync();
        var words = QwenBehavior.EndAfter(2);
        setup.Qwen.Script.Enqueue(words, Fruitless, words, Fruitless, words, Fruitless);

        (await Heard.FromAsync(setup.Pipeline())).IsWhole();

        Assert.Equal(["stream", .. Enumerable.Repeat("stream+partial", 6)], Requests.Kinds(setup));
    }

    [Fact]
    public async Task C18_NothingAndNoOtherForm_IsATypedError()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3));
        setup.Qwen.Script.Always(Fruitless, static request => request.IsStream);
        var client = setup.Pipeline(static options => options.StreamingFallback.Enabled = false);

        var heard = await Heard.FromAsync(client);

        Assert.Equal((Said, 3), (heard.Broke().PartialText, heard.Broke().Attempts));
        Assert.Equal(["stream", "stream+partial", "stream+partial"], Requests.Kinds(setup));
    }

    [Fact]
    public async Task C18_StreamsThatDoNotEvenBegin_TheRestComesWithoutStreaming()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3));
        setup.Qwen.Script.Always(QwenBehavior.StreamTimeout(), static request => request.IsStream);

        (await Heard.FromAsync(setup.Pipeline())).IsWhole();

        // A timeout is tried once more, as always.
        Assert.Equal(["stream", "stream+partial", "stream+partial", "whole+partial"], Requests.Kinds(setup));
    }

    [Fact]
    public async Task C18_NeitherFormGoesOn_IsATypedErrorWithTheText()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3));
        setup.Qwen.Script.Always(QwenBehavior.StreamTimeout());

        var heard = await Heard.FromAsync(setup.Pipeline());

        Assert.Equal(Said, heard.Broke().PartialText);
        Assert.Contains(QwenFailureKind.ServerTimeout, Requests.KindsOf(heard.Failure));
    }

    [Theory]
    [InlineData(429, "limit_requests", "Too many requests.", QwenFailureKind.RateLimited)]
    [InlineData(
        400,
        "invalid_parameter_error",
        "Range of input length should be [1, 30720]",
        QwenFailureKind.ContextTooLong
    )]
    [InlineData(
        400,
        "data_inspection_failed",
        "Input data may contain inappropriate content.",
        QwenFailureKind.ContentFiltered
    )]
    [InlineData(403, "access_denied", "Access denied.", QwenFailureKind.PermissionDenied)]
    public async Task C19_ContinuationFails_IsStreamInterruptedWithTheCauseAndTheText(
        int status,
        string code,
        string message,
        QwenFailureKind cause
    )
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3));
        setup.Qwen.Script.Always(QwenBehavior.Error(status, code, message), static request => request.IsPartial);
        var client = setup.Pipeline();

        var heard = await Heard.FromAsync(client);

        var failure = heard.Broke();
        Assert.Equal(Said, failure.PartialText);
        Assert.Contains(cause, Requests.KindsOf(failure.InnerException));
        Assert.Equal(setup.Qwen.Journal.Chats.Count, failure.Attempts);
        Assert.All(Requests.Kinds(setup), static kind => Assert.StartsWith("stream", kind, StringComparison.Ordinal));

        // That was no refusal to go on: the next answer is gone on with.
        setup.Qwen.Script.Clear();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3));
        (await Heard.FromAsync(client)).IsWhole();
        Assert.False(setup.Logs.Has(315));
    }

    [Fact]
    public async Task C19_Refusal_IsRememberedForAnHour()
    {
        await using var setup = await Setup.StartAsync(static options => options.PartialMode = QwenPartialMode.Refuse);
        var wall = new ShiftedWall(TimeProvider.System);
        var client = setup.Pipeline(time: wall);

        var first = await CutAsync();
        var second = await CutAsync();
        Assert.Equal(["stream", "stream+partial", "stream"], Requests.Kinds(setup));
        wall.Shift = TimeSpan.FromMinutes(61);
        await CutAsync();

        Assert.Equal(["stream", "stream+partial", "stream", "stream", "stream+partial"], Requests.Kinds(setup));
        Assert.Contains(QwenFailureKind.InvalidRequest, Requests.KindsOf(first.InnerException));
        Assert.Equal(Said, second.PartialText);
        Assert.Equal(2, setup.Logs.Count(315));

        async Task<QwenException> CutAsync()
        {
            setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3));
            return (await Heard.FromAsync(client)).Broke();
        }
    }

    [Fact]
    public async Task C19_RefusalOfOneModel_IsNotHeldAgainstAnother()
    {
        await using var setup = await Setup.StartAsync(static options =>
            options.Models.Add(new QwenSimulatedModel { Id = "stubborn", RefusesPartialMode = true })
        );
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3), QwenBehavior.Answer(), QwenBehavior.EndAfter(3));
        var client = setup.Pipeline(static options => options.StreamingFallback.ContinuationModels.Add("*"));

        (await Heard.FromAsync(client, new() { ModelId = "stubborn" })).Broke();
        (await Heard.FromAsync(client)).IsWhole();
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task C20_OnlyTheEndWasMissing_OneLookClosesTheAnswerAndThreeAreEnough(bool withDone)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.EndAfter(99, withDone), static request => !request.IsPartial);
        var client = setup.Pipeline();

        for (var i = 0; i < 5; i++)
        {
            (await Heard.FromAsync(client)).IsWhole();
        }

        string[] look = ["stream", "stream+partial"];
        // Without the mark a body may be cut anywhere and look ended: that is looked after each time.
        Assert.Equal(
            withDone ? [.. look, .. look, .. look, "stream", "stream"] : [.. look, .. look, .. look, .. look, .. look],
            Requests.Kinds(setup)
        );
        Assert.False(setup.Logs.Has(303));
    }

    [Fact]
    public async Task C20_EndpointWhereALookOnceAddedWords_IsNeverTrusted()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3, withDone: true), QwenBehavior.Answer());
        setup.Qwen.Script.Always(QwenBehavior.EndAfter(99, withDone: true), static request => !request.IsPartial);
        var client = setup.Pipeline();

        for (var i = 0; i < 6; i++)
        {
            (await Heard.FromAsync(client)).IsWhole();
        }

        Assert.Equal(12, setup.Qwen.Journal.Chats.Count);
    }

    [Fact]
    public async Task C20_AnswerThatWasCutInTheMiddle_IsNotTakenForWhole()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(
            QwenBehavior.EndAfter(3, withDone: true),
            static request => !request.IsPartial || IsFarFromTheEnd(request, Cut)
        );
        var client = setup.Pipeline(static options => options.TimeoutRetry.RetryBudget.Enabled = false);

        for (var i = 0; i < 5; i++)
        {
            (await Heard.FromAsync(client)).IsWhole();
        }
    }

    private static bool IsFarFromTheEnd(QwenSimulatedRequest request, int far)
    {
        return request.IsStream && (request.Prefix?.Length ?? 0) < Setup.Text.Length - far;
    }
}
