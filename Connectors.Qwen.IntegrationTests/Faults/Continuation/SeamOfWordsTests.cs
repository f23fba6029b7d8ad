using Connectors.Qwen.IntegrationTests.Faults.Answers;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Continuation;

/// <summary>Rows C4, C5, C6, C8, C9, C11, T11 to T13, T15 and T30: where the words of two requests meet.</summary>
public sealed class SeamOfWordsTests
{
    [Theory]
    [InlineData("end"), InlineData("done"), InlineData("reset"), InlineData("silence"), InlineData("error")]
    [InlineData("error as an end"), InlineData("half a chunk")]
    public async Task T11_T12_T13_T15_T18_HoweverItBreaksOff_TheNextWordComes(string how)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(
            how switch
            {
                "end" => QwenBehavior.EndAfter(3),
                "done" => QwenBehavior.EndAfter(3, withDone: true),
                "reset" => QwenBehavior.ResetAfter(3),
                "silence" => QwenBehavior.StallAfter(3),
                "error" => QwenBehavior.ErrorFrameAfter(3, QwenErrorFrame.CompatObject, "internal_error", "Overflow."),
                "error as an end" => QwenBehavior.ErrorFrameAfter(
                    3,
                    QwenErrorFrame.ErrorFinish,
                    "internal_error",
                    "Overflow."
                ),
                _ => QwenBehavior.MalformedAfter(3),
            }
        );
        var client = setup.Pipeline(
            static options => options.TimeoutRetry.IdleTimeout = SilenceClock.Limit,
            time: setup.StartClock()
        );

        var heard = await Heard.FromAsync(client);

        heard.IsWhole();
        Assert.Equal("continuation", heard.Facts[QwenResponseProperties.RecoveredBy]);
        Assert.Equal((1, 1, 1), (setup.Logs.Count(311), setup.Logs.Count(312), setup.Logs.Count(313)));
        Assert.DoesNotContain(
            setup.Logs.Entries,
            static entry => entry.Text.Contains("pipeline carries", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("The first ", "The first", "The first word.")]
    [InlineData("The first \n\n", "The first", "The first \n\nword.")]
    [InlineData("The first ", "The first", "The first  \n word.")]
    [InlineData("The fir", "The fir", "The first word.")]
    [InlineData("no no no ", "no no no", "no no no no no.")]
    public async Task C4_WhiteSpaceAtTheSeam_IsThereOnce(string said, string prefix, string whole)
    {
        foreach (var mode in new[] { QwenPartialMode.Continue, QwenPartialMode.Trim })
        {
            await using var setup = await Setup.StartAsync(options =>
            {
                options.Answer = _ => new QwenSimulatedAnswer { Text = whole };
                options.PartialMode = mode;
            });
            setup.Qwen.Script.Enqueue(QwenBehavior.Stream([Chunk.Text(said)]));

            (await Heard.FromAsync(setup.Pipeline())).IsWhole(whole);

            Assert.Equal(prefix, Requests.Continuing(setup).Prefix);
        }
    }

    [Fact]
    public async Task C4_ServerThatSaysTheWholePrefixAgain_IsHeardOnce()
    {
        await using var setup = await Setup.StartAsync(static options => options.PartialMode = QwenPartialMode.Echo);
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(9));

        (await Heard.FromAsync(setup.Pipeline())).IsWhole();

        // Whether it begins anew or the text repeats itself, only the whole answer can tell.
        Assert.Equal(["stream", "stream+partial", "stream"], Requests.Kinds(setup));
    }

    [Fact]
    public async Task C1_ServerThatAlwaysSaysThePrefixAgain_IsKnownAfterTwoAnswers()
    {
        await using var setup = await Setup.StartAsync(static options => options.PartialMode = QwenPartialMode.Echo);
        SaysItOtherwiseAnew(setup);
        var client = setup.Pipeline();
        var heard = new List<Heard>();

        for (var i = 0; i < 4; i++)
        {
            setup.Qwen.Script.Enqueue(QwenBehavior.Stream([Chunk.Text(Setup.Text[..40])]));
            heard.Add(await Heard.FromAsync(client));
        }

        Assert.All(heard[..2], static heard => heard.Broke());
        Assert.All(heard[2..], static heard => heard.IsWhole());
        Assert.Equal(["stream", "stream+partial", "stream", "stream+partial"], Requests.Kinds(setup)[^4..]);
    }

    [Fact]
    public async Task C1_ServerThatSaidThePrefixAgainOnceAndThenGoesOn_IsNoEcho()
    {
        await using var setup = await Setup.StartAsync();
        SaysItOtherwiseAnew(setup);
        var client = setup.Pipeline();
        var cut = Setup.Text[..40];

        foreach (var goesOn in new[] { false, true, false, true })
        {
            setup.Qwen.Script.Enqueue(QwenBehavior.Stream([Chunk.Text(cut)]));
            if (!goesOn)
            {
                setup.Qwen.Script.Enqueue(QwenBehavior.Answer(cut + " and more."));
            }

            var heard = await Heard.FromAsync(client);
            if (goesOn)
            {
                heard.IsWhole();
            }
            else
            {
                heard.Broke();
            }
        }
    }

    [Fact]
    public async Task C5_EmojiCutInTwo_IsWholeAndHalfOfItIsNeverSent()
    {
        const string Whole = "A rocket 🚀 flies.";
        await using var setup = await StartAsync(Whole);
        setup.Qwen.Script.Enqueue(HalfAnEmoji());

        (await Heard.FromAsync(setup.Pipeline())).IsWhole(Whole);

        Assert.Equal("A rocket", Requests.Continuing(setup).Prefix);
        Assert.DoesNotContain("\\ud83d", setup.Qwen.Journal.Chats[1].Body, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\ufffd', setup.Qwen.Journal.Chats[1].Body);
    }

    [Fact]
    public async Task C5_EmojiCutInTwo_NoUpdateHoldsHalfOfIt()
    {
        const string Whole = "A rocket 🚀 flies.";
        await using var setup = await StartAsync(Whole);
        setup.Qwen.Script.Enqueue(HalfAnEmoji());

        var heard = await Heard.FromAsync(setup.Pipeline());

        Assert.All(
            heard.Updates.Where(static update => update.Text.Length > 0),
            static update =>
            {
                Assert.False(char.IsHighSurrogate(update.Text[^1]), "It ends with half an emoji.");
                Assert.False(char.IsLowSurrogate(update.Text[0]), "It begins with half an emoji.");
            }
        );
    }

    [Fact]
    public async Task C6_OnlyWhiteSpaceHadCome_IsStartedAgainAndNotRepeated()
    {
        const string Whole = "\n \nAfter blanks.";
        await using var setup = await StartAsync(Whole);
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream([Chunk.Text("\n ")]));

        (await Heard.FromAsync(setup.Pipeline())).IsWhole(Whole);

        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
        Assert.Equal(setup.Qwen.Journal.Chats[0].Body, setup.Qwen.Journal.Chats[1].Body);
    }

    [Fact]
    public async Task C6_OnlyWhiteSpaceAndAnUnknownModel_IsStartedAgainAllTheSame()
    {
        await using var setup = await StartAsync(" words");
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream([Chunk.Text(" ")]));

        (await Heard.FromAsync(setup.Pipeline(), new() { ModelId = "mystery" })).IsWhole(" words");

        Assert.Empty(setup.Qwen.Journal.ModelCatalogueRequests);
    }

    [Theory]
    [InlineData("One two STOP ", "One two STOP ")]
    [InlineData("One two ST", "One two ST")]
    [InlineData("One two ", "One two ")]
    [InlineData("One ", "One two ")]
    public async Task C8_StopAcrossTheSeam_EndsTheTextThere(string said, string expected)
    {
        await using var setup = await StartAsync("One two STOP HERE three");
        // What the server does with stops ends at the seam: it sees only its own words, so it is told to say all of them.
        setup.Qwen.Script.Enqueue(
            QwenBehavior.Stream([Chunk.Text(said)]),
            QwenBehavior.Answer("One two STOP HERE three"[said.TrimEnd().Length..])
        );

        var heard = await Heard.FromAsync(setup.Pipeline(), new() { StopSequences = ["STOP HERE", "never"] });

        heard.IsWhole(expected);
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
    }

    [Fact]
    public async Task C8_WordsThatOnlyBeginLikeAStop_AreAllThere()
    {
        await using var setup = await StartAsync("One two STOP HER");
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream([Chunk.Text("One two STO")]));

        (await Heard.FromAsync(setup.Pipeline(), new() { StopSequences = ["STOP HERE"] })).IsWhole("One two STOP HER");
    }

    [Theory, InlineData(10), InlineData(3)]
    public async Task C9_NothingIsLeftOfTheLimit_IsLengthWithoutAnotherRequest(int limit)
    {
        var said = new string('x', 50);
        await using var setup = await StartAsync(said + " and more");
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream([Chunk.Text(said)]));

        var heard = await Heard.FromAsync(setup.Pipeline(), new() { MaxOutputTokens = limit });

        heard.IsWhole(said, ChatFinishReason.Length);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task C9_Length_IsAnEnd()
    {
        await using var setup = await Setup.StartAsync();

        var heard = await Heard.FromAsync(setup.Pipeline(), new() { MaxOutputTokens = 5 });

        heard.IsWhole(Setup.Text[..20], ChatFinishReason.Length);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task C9_LengthOfTheContinuation_IsAnEnd()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(3));

        var heard = await Heard.FromAsync(setup.Pipeline(), new() { MaxOutputTokens = 10 });

        // 24 characters are 5 tokens by our count; the simulator makes 20 characters of the other 5.
        heard.IsWhole(Setup.Text[..44], ChatFinishReason.Length);
        Assert.Equal(5, Requests.Continuing(setup).Body.GetProperty("max_tokens").GetInt32());
    }

    [Fact]
    public async Task C11_ReasoningThenText_TheTextGoesOnWithoutThinking()
    {
        await using var setup = await StartAsync(Setup.Text, "Let me think.");
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(4));

        var heard = await Heard.FromAsync(
            setup.Pipeline(),
            new()
            {
                AdditionalProperties = new() { ["enable_thinking"] = true, ["preserve_thinking"] = true },
            }
        );

        heard.IsWhole();
        Assert.Equal("Let me think.", heard.Reasoning);
        Assert.Equal(1, heard.Facts[QwenResponseProperties.Continuations]);
        Assert.DoesNotContain("Let me think", setup.Qwen.Journal.Chats[1].Body, StringComparison.Ordinal);
        Assert.False(Requests.Continuing(setup).EnableThinking);
    }

    [Fact]
    public async Task C11_ModelThatAlwaysThinks_IsATypedError()
    {
        await using var setup = await StartAsync(Setup.Text, "Let me think.");
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(4));

        var heard = await Heard.FromAsync(setup.Pipeline(), new() { ModelId = "qwq-plus" });

        heard.Broke();
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData("qwen3-max"), InlineData("qwq-plus"), InlineData("mystery")]
    public async Task T30_OnlyReasoningHadCome_IsStartedAgainAndReasonedOnce(string model)
    {
        await using var setup = await StartAsync(Setup.Text, "Let me think about it.");
        setup.Qwen.Script.Enqueue(QwenBehavior.EndAfter(1));

        var heard = await Heard.FromAsync(
            setup.Pipeline(),
            new()
            {
                ModelId = model,
                AdditionalProperties = new() { ["enable_thinking"] = true },
            }
        );

        heard.IsWhole();
        // What was cut is cut; the second reasoning is another one.
        Assert.Equal("Let me t", heard.Reasoning[..8]);
        Assert.Equal(8, heard.Reasoning.Length);
        Assert.Equal(setup.Qwen.Journal.Chats[0].Body, setup.Qwen.Journal.Chats[1].Body);
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
    }

    private static Task<Setup> StartAsync(string text, string? reasoning = null)
    {
        return Setup.StartAsync(options =>
            options.Answer = request => new QwenSimulatedAnswer
            {
                Text = text,
                Reasoning = request.IsThinking ? reasoning : null,
            }
        );
    }

    // JSON that .NET would not write: half a character, as some servers send it.
    private static QwenBehavior HalfAnEmoji()
    {
        return QwenBehavior.Stream([
            Chunk.Text("x").Replace("\"x\"", "\"A rocket \\ud83d\"", StringComparison.Ordinal),
        ]);
    }

    // So that the whole answer cannot tell what was meant.
    private static void SaysItOtherwiseAnew(Setup setup)
    {
        setup.Qwen.Script.Always(static request =>
            request.IsPartial ? null : QwenBehavior.Answer("In other words: all of it.")
        );
    }
}
