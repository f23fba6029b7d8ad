using Connectors.Qwen.Pipeline;
using CsCheck;

namespace Connectors.Qwen.UnitTests.Pipeline.Continuation;

/// <summary>Rows C1, C4, C5 and C6: how the words of a further request fit those that were handed out.</summary>
public sealed class SeamTests
{
    private const string Long =
        "It was a dark and stormy night; the rain fell in torrents, except at occasional intervals.";

    [Theory]
    [InlineData("mid-word", "Hel", "lo world", "lo world")]
    [InlineData("space in the rest", "Hello", " world", " world")]
    [InlineData("trailing space", "Hello ", " world", "world")]
    [InlineData("trailing space, trimmed by the server", "Hello ", "world", "world")]
    [InlineData("trailing newlines", "Title\n\n", "\n\nText", "Text")]
    [InlineData("only one of two newlines had come", "Title\n", "\n\nText", "\nText")]
    [InlineData("other white space", "Title ", "\nText", "\nText")]
    [InlineData("the same word again", "Say ha", "ha", "ha")]
    [InlineData("overlap that is none", "the end of the ", " end", "end")]
    [InlineData("only white space", " \n", " \nHello", "Hello")]
    [InlineData("only white space, other in the answer", "\n", "Hello", "Hello")]
    public void Add_WordsThatGoOn_FollowWithoutLossOrRepetition(string what, string said, string words, string expected)
    {
        var seam = new Seam(said, isAnew: false);

        Assert.True(seam.Add(words) + seam.Finish() == expected, what);
        Assert.Equal(SeamState.Joined, seam.State);
    }

    [Theory, InlineData(1), InlineData(7), InlineData(1000)]
    public void Add_LongAnswerBegunAnew_IsNoticedAndNothingHandedOut(int piece)
    {
        var seam = new Seam(Long[..70], isAnew: false);

        Assert.Equal("", Feed(seam, Long, piece));
        Assert.Equal(SeamState.Doubtful, seam.State);
    }

    [Fact]
    public void Add_AnswerThatBeganWithBlanksRepeatedWithoutThem_IsNoticed()
    {
        var said = "\n\n" + Long[..70];

        Assert.Equal("", Feed(new Seam(said, isAnew: false), Long, 9));
        Assert.Equal(Long[70..], Feed(new Seam(said, isAnew: true), Long, 9));
    }

    [Fact]
    public void Add_AskedForAnewWithOtherWhiteSpace_IsAContradiction()
    {
        var seam = new Seam("haha\n\n", isAnew: true);

        Assert.Equal("", Feed(seam, "haha, he said.", 5));
        Assert.Equal(SeamState.Contradicted, seam.State);
    }

    [Theory]
    [InlineData("the whole of a short answer", "ha", "haha", true)]
    [InlineData(
        "one pattern all over",
        "--------------------------------------------------------------------",
        "----------------------------------------------------------------------------",
        true
    )]
    [InlineData("alike for 32 characters", Long, "It was a dark and stormy night; and then it was day.", true)]
    [InlineData("alike for 10 characters", Long, "It was a dog.", false)]
    public void Add_WordsThatMayBeEither_AreDoubtful(string what, string said, string words, bool isDoubtful)
    {
        var seam = new Seam(said, isAnew: false);

        var handedOut = seam.Add(words) + seam.Finish();

        Assert.True(seam.State == (isDoubtful ? SeamState.Doubtful : SeamState.Joined), what);
        Assert.Equal(isDoubtful ? "" : words, handedOut);
    }

    [Theory]
    [InlineData("its own", Long + " And more.", "")]
    [InlineData("its own and the caller's", "Once upon a time, it is said: " + Long + " And more.", "")]
    [InlineData("neither", " And more.", " And more.")]
    public void Add_CallerGaveABeginning_IsNoticedInEitherForm(string what, string words, string expected)
    {
        var seam = new Seam(Long, isAnew: false, own: "Once upon a time, it is said: ");

        Assert.True(Feed(seam, words, 7) == expected, what);
    }

    [Theory]
    [InlineData(Long, Long + " And more.", " And more.", nameof(SeamState.Repeated))]
    [InlineData("ha", "haha", "ha", nameof(SeamState.Repeated))]
    [InlineData("ha", " and more.", " and more.", nameof(SeamState.Joined))]
    [InlineData(Long, "It was a dark and stormy night; and then it was day.", "", nameof(SeamState.Doubtful))]
    public void Add_ServerIsKnownForAnEcho_OnlyTheEchoIsLeftOut(
        string said,
        string words,
        string expected,
        string state
    )
    {
        var seam = new Seam(said, isAnew: false, isEcho: true);

        Assert.Equal(expected, Feed(seam, words, 7));
        Assert.Equal(state, seam.State.ToString());
    }

    [Theory, InlineData(Long, true), InlineData("a text of 31 characters, so so.", false)]
    public void IsRepetition_AllOfALongerTextAgain(string said, bool expected)
    {
        var seam = new Seam(said, isAnew: false);

        Feed(seam, said + " And more.", 7);

        Assert.Equal((SeamState.Doubtful, expected), (seam.State, seam.IsRepetition));
    }

    [Theory, InlineData("Hello world"), InlineData("Hello")]
    public void Add_AskedForAnewAndTheSame_GoesOn(string said)
    {
        var seam = new Seam(said, isAnew: true);

        Assert.Equal("Hello world!"[said.Length..], Feed(seam, "Hello world!", 3));
        Assert.Equal(SeamState.Repeated, seam.State);
    }

    [Theory, InlineData("Hi world"), InlineData("Hello"), InlineData("")]
    public void Add_AskedForAnewAndAnother_IsAContradiction(string words)
    {
        var seam = new Seam("Hello world", isAnew: true);

        Assert.Equal("", seam.Add(words) + seam.Finish());
        Assert.Equal(SeamState.Contradicted, seam.State);
    }

    [Theory]
    [InlineData("Hello", 5), InlineData("Hello \n", 5), InlineData(" \n", 0), InlineData("", 0)]
    public void PrefixOf_Text_IsWhatMayBeSentBack(string said, int expected)
    {
        Assert.Equal(expected, Seam.PrefixOf(said));
    }

    [Fact]
    public void Add_HalfACharacterWasHandedOut_TheOtherHalfFollows()
    {
        var said = "rocket " + '\ud83d';
        var seam = new Seam(said, isAnew: false);

        Assert.Equal("rocket".Length, Seam.PrefixOf(said));
        Assert.Equal("rocket \ud83d\ude80!", said + seam.Add(" \ud83d\ude80!"));
    }

    [Fact]
    public void Property_ExactContinuation_IsTheUncutTextOrDoubtful()
    {
        var texts = Gen.OneOf(Gen.String[Gen.Char["ab \n🚀é"], 1, 60], Gen.String[Gen.Char["a -"], 1, 200]);
        Gen.Select(texts, Gen.Int[0, 200], Gen.Int[1, 9])
            .Sample(
                (text, at, piece) =>
                {
                    var said = text[..(at % (text.Length + 1))];
                    var seam = new Seam(said, isAnew: false);

                    var rest = Feed(seam, text[Seam.PrefixOf(said)..], piece);

                    return seam.State == SeamState.Doubtful ? rest.Length == 0 : said + rest == text;
                },
                iter: 20_000
            );
    }

    [Fact]
    public void Property_AnswerBegunAnew_IsTheUncutText()
    {
        Gen.Select(Gen.String[Gen.Char["ab \n🚀"], 1, 100], Gen.Int[0, 200], Gen.Int[1, 9])
            .Sample(
                (text, at, piece) =>
                {
                    var said = text[..(at % (text.Length + 1))];

                    return said + Feed(new Seam(said, isAnew: true), text, piece) == text;
                },
                iter: 20_000
            );
    }

    private static string Feed(Seam seam, string words, int piece)
    {
        var pieces = words.Chunk(piece).Select(chars => seam.Add(new string(chars)));
        return string.Concat(pieces) + seam.Finish();
    }
}
