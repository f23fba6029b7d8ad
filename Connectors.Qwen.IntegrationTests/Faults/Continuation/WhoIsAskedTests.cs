using System.Text.Json;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.IntegrationTests.Testing.Clocks;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Continuation;

/// <summary>Rows C1, C10 and C13, and the switches: who is asked to go on with an answer, and who is not.</summary>
public sealed class WhoIsAskedTests
{
    private static readonly QwenBehavior Cut = QwenBehavior.EndAfter(5);
    private static readonly string Said = Setup.Text[..40];

    [Fact]
    public async Task C1_ModelWhoseCatalogueEntryLacksTheFeature_IsNotAsked()
    {
        await using var setup = await Setup.StartAsync(static options =>
            options.Models.Add(new QwenSimulatedModel { Id = "stubborn", RefusesPartialMode = true })
        );
        setup.Qwen.Script.Enqueue(Cut);

        var heard = await Heard.FromAsync(setup.Pipeline(), new() { ModelId = "stubborn" });

        Assert.Equal(Said, heard.Broke().PartialText);
        Assert.Single(setup.Qwen.Journal.Chats);
        Assert.Equal((1, 0, 1), (setup.Logs.Count(311), setup.Logs.Count(312), setup.Logs.Count(314)));
    }

    [Fact]
    public async Task C1_ModelThatNoCatalogueNames_IsNotAsked()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Cut);

        var heard = await Heard.FromAsync(setup.Pipeline(), new() { ModelId = "mystery" });

        Assert.Equal(Said, heard.Broke().PartialText);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task C1_NoCatalogue_IsNotAskedButForFiveMinutesOnce()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.ModelCatalogueScript.Enqueue(QwenBehavior.Status(404, ""));
        setup.Qwen.Script.Enqueue(Cut, Cut, Cut);
        var wall = new ShiftedWall(TimeProvider.System);
        var client = setup.Pipeline(time: wall);

        (await Heard.FromAsync(client)).Broke();
        (await Heard.FromAsync(client)).Broke();
        Assert.Single(setup.Qwen.Journal.ModelCatalogueRequests);
        wall.Shift = TimeSpan.FromMinutes(5.1);
        var third = await Heard.FromAsync(client);

        third.IsWhole();
        Assert.Equal(2, setup.Qwen.Journal.ModelCatalogueRequests.Count);
        Assert.Equal(["stream", "stream", "stream", "stream+partial"], Requests.Kinds(setup));
    }

    [Theory, InlineData("QWEN3-MAX"), InlineData("qwen3*"), InlineData("*")]
    public async Task C1_ModelThatTheOptionNames_IsAskedWithoutACatalogue(string name)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.ModelCatalogueScript.Always(QwenBehavior.Status(404, ""));
        setup.Qwen.Script.Enqueue(Cut);
        var client = setup.Pipeline(options => options.StreamingFallback.ContinuationModels.Add(name));

        var heard = await Heard.FromAsync(client);

        heard.IsWhole();
        Assert.Empty(setup.Qwen.Journal.ModelCatalogueRequests);
    }

    [Fact]
    public async Task C1_Catalogue_IsAskedOnceForManyAnswers()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Cut, QwenBehavior.Answer(), Cut, QwenBehavior.Answer(), Cut);
        var client = setup.Pipeline();

        for (var i = 0; i < 3; i++)
        {
            (await Heard.FromAsync(client)).IsWhole();
        }

        Assert.Single(setup.Qwen.Journal.ModelCatalogueRequests);
        Assert.Equal(6, setup.Qwen.Journal.Chats.Count);
    }

    [Fact]
    public async Task C1_ServerThatBeginsAnew_IsNoticedAndAskedForTheWholeAnswer()
    {
        await using var setup = await Setup.StartAsync(static options =>
            options.PartialMode = QwenPartialMode.StartOver
        );
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(9), QwenBehavior.Answer(), QwenBehavior.EndAfter(11));

        (await Heard.FromAsync(setup.Pipeline())).IsWhole();

        // In this call it is not asked in vain again.
        Assert.Equal(["stream", "stream+partial", "stream", "stream"], Requests.Kinds(setup));
    }

    [Fact]
    public async Task C1_ServerThatBeginsAnewAfterFewWords_IsAskedForTheWholeAnswer()
    {
        await using var setup = await Setup.StartAsync(static options =>
            options.PartialMode = QwenPartialMode.StartOver
        );
        setup.Qwen.Script.Enqueue(Cut);

        (await Heard.FromAsync(setup.Pipeline())).IsWhole();

        Assert.Equal(["stream", "stream+partial", "stream"], Requests.Kinds(setup));
    }

    [Fact]
    public async Task C1_ServerThatBeginsAnewAndSaysSomethingElse_IsNeverAppended()
    {
        var other = Said[..36] + " and now something completely different.";
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Cut);
        setup.Qwen.Script.Always(QwenBehavior.Answer(other));

        var heard = await Heard.FromAsync(setup.Pipeline());

        Assert.Equal(Said, heard.Broke().PartialText);
        Assert.Equal(["stream", "stream+partial", "stream"], Requests.Kinds(setup));
    }

    [Theory, InlineData("logprobs"), InlineData("modalities"), InlineData("audio")]
    public async Task C10_AnswerOfMoreThanWords_IsNotGoneOnWith(string what)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Cut);
        var options = new ChatOptions
        {
            RawRepresentationFactory = _ => new QwenChatRequest
            {
                Logprobs = what == "logprobs" ? true : null,
                Modalities = what == "modalities" ? ["text", "audio"] : null,
                Audio = what == "audio" ? JsonSerializer.SerializeToElement(new { voice = "Cherry" }) : null,
            },
        };

        var heard = await Heard.FromAsync(setup.Pipeline(), options);

        Assert.Equal(Said, heard.Broke().PartialText);
        Assert.Single(setup.Qwen.Journal.Chats);
        Assert.Equal((0, 1), (setup.Logs.Count(312), setup.Logs.Count(314)));
    }

    [Fact]
    public async Task C10_SeveralAnswersOfWhichOneIsCut_AreNotGoneOnWith()
    {
        await using var setup = await Setup.StartAsync();
        const string Message = "\"message\":{\"role\":\"assistant\",\"content\":\"The pipe\"},\"finish_reason\":null";
        setup.Qwen.Script.Always(
            QwenBehavior.Completion($$"""{"id":"c","choices":[{"index":0,{{Message}}},{"index":1,{{Message}}}]}""")
        );
        var options = new ChatOptions { RawRepresentationFactory = static _ => new QwenChatRequest { N = 2 } };

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), false, options));

        Assert.Equal(QwenFailureKind.StreamInterrupted, failure.Kind);
        Assert.All(Requests.Kinds(setup), static kind => Assert.Equal("whole", kind));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task C13_ForcedTool_IsNotGoneOnWith(bool isNamed)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Cut);
        var options = new ChatOptions
        {
            Tools = [AIFunctionFactory.Create(static () => "x", "find")],
            ToolMode = isNamed ? ChatToolMode.RequireSpecific("find") : ChatToolMode.RequireAny,
        };

        var heard = await Heard.FromAsync(setup.Pipeline(), options);

        Assert.Equal(Said, heard.Broke().PartialText);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory]
    [InlineData(
        "data_inspection_failed",
        "Output data may contain inappropriate content.",
        QwenFailureKind.ContentFiltered
    )]
    [InlineData("invalid_parameter_error", "It is wrong.", QwenFailureKind.InvalidRequest)]
    public async Task T15_ErrorThatIsNoPassingOne_IsATypedErrorWithTheText(
        string code,
        string message,
        QwenFailureKind kind
    )
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.ErrorFrameAfter(5, QwenErrorFrame.CompatObject, code, message, 400));

        var heard = await Heard.FromAsync(setup.Pipeline());

        Assert.Equal(Said, heard.Broke(kind).PartialText);
        Assert.Single(setup.Qwen.Journal.Exchanges);
    }

    [Fact]
    public async Task T11_SwitchedOff_IsTheTypedErrorAsBefore()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Cut);
        var client = setup.Pipeline(static options => options.StreamingFallback.Continuation = QwenContinuation.Off);

        var heard = await Heard.FromAsync(client);

        Assert.Equal((Said, 1), (heard.Broke().PartialText, heard.Broke().Attempts));
        Assert.Null(heard.Broke().InnerException);
        Assert.Single(setup.Qwen.Journal.Exchanges);
    }

    [Fact]
    public async Task T11_ReportOnly_SaysWhatWouldBeDoneAndFailsAsBefore()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Cut);
        var client = setup.Pipeline(static options =>
            options.StreamingFallback.Continuation = QwenContinuation.ReportOnly
        );

        var heard = await Heard.FromAsync(client);

        Assert.Equal((Said, 1), (heard.Broke().PartialText, heard.Broke().Attempts));
        Assert.Null(heard.Broke().InnerException);
        Assert.Single(setup.Qwen.Journal.Chats);
        var (_, _, text) = Assert.Single(setup.Logs.Entries, static entry => entry.Id == 316);
        Assert.Contains("Continue, streaming", text, StringComparison.Ordinal);
        Assert.False(setup.Logs.Has(312));
    }

    [Fact]
    public async Task T11_ReportOnlyOfAModelThatIsNotKnown_HasNothingToReport()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(Cut);
        var client = setup.Pipeline(static options =>
            options.StreamingFallback.Continuation = QwenContinuation.ReportOnly
        );

        var heard = await Heard.FromAsync(client, new() { ModelId = "mystery" });

        heard.Broke();
        Assert.False(setup.Logs.Has(316));
    }
}
