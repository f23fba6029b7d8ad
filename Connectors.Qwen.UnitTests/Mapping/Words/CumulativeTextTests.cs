using Connectors.Qwen.Mapping.Words;

namespace Connectors.Qwen.UnitTests.Mapping.Words;

public class CumulativeTextTests
{
    private static readonly string Long = new('x', 64);

    public static TheoryData<string[]> LegitimateRepeats =>
        new([
            ["ha", "haha", " funny"],
            ["ha", "haha"],
            ["ha", "haha", "hahaha", "!"],
            ["1", "10", "\n", "100", "\n"],
            ["1", "1", "11", " of ", "111"],
            ["-", "-", "-", "-", "-", "-"],
            ["\n", "\n", "Hello"],
            ["  x = 1;\n", "  x = 1;\n", "  x = 1;\n", "  y = 2;\n"],
            ["for (;;)\n", "for (;;)\n  for (;;)\n", "}\n"],
            ["好", "好好", "学习", "，", "天天向上"],
            ["🚀", "🚀🚀", "🧩"],
            [Long, Long, "then something else"],
        ]);

    [Theory, MemberData(nameof(LegitimateRepeats))]
    public void Add_LegitimateRepeats_PassUntouchedAndInOrder(string[] deltas)
    {
        var text = new CumulativeText();

        Assert.Equal(deltas, Play(text, tokens: null, deltas));
        Assert.False(text.IsCumulative);
        Assert.False(text.IsContradicted);
    }

    [Fact]
    public void Add_DeltaThatBeginsWithAllBefore_IsHeldUntilItIsClear()
    {
        var text = new CumulativeText();

        Assert.Equal(["Hel"], Add(text, "Hel"));
        Assert.Empty(Add(text, "Hello"));
        Assert.True(text.IsHolding);
        Assert.Empty(Add(text, "Hello w"));
        Assert.Equal(["lo wor"], Add(text, "Hello wor"));
        Assert.True(text.IsCumulative);
        Assert.Equal(["ld"], Add(text, "Hello world"));
    }

    [Fact]
    public void Add_NextDeltaDoesNotContinue_HandsOutWhatWasHeldAndItself()
    {
        var text = new CumulativeText();
        Add(text, "Hel");
        Add(text, "Hello");

        Assert.Equal(["Hello", " there"], Add(text, " there"));
        Assert.False(text.IsHolding);
        // Each suspicion is its own: two growths before do not count.
        Assert.Empty(Add(text, "HelHello there, again"));
        Assert.Equal(["HelHello there, again", "!"], Add(text, "!"));
    }

    [Theory]
    [InlineData(63, false)]
    [InlineData(64, true)]
    public void Add_LongTextSoFar_OneGrowthIsEnough(int length, bool expected)
    {
        var text = new CumulativeText();
        var sofar = new string('x', length);
        Add(text, sofar);

        var words = Add(text, sofar + "y");

        Assert.Equal(expected, text.IsCumulative);
        Assert.Equal(expected ? ["y"] : [], words);
    }

    [Fact]
    public void Add_CumulativeAfterIncrementalDeltas_IsNoticed()
    {
        var text = new CumulativeText();
        Add(text, Long[..40]);
        Add(text, Long[40..]);

        Assert.Equal(["!"], Add(text, Long + "!"));
    }

    [Fact]
    public void Add_LikelyBecauseOfAnotherText_OneGrowthIsEnough()
    {
        var text = new CumulativeText();
        text.Add("Hel", isLikely: true, []);
        var words = new List<string>();

        text.Add("Hello", isLikely: true, words);

        Assert.Equal(["lo"], words);
    }

    [Fact]
    public void Add_CumulativeAndTheSameTextAgain_AddsNothing()
    {
        var text = new CumulativeText();
        Play(text, null, "a", "ab", "abc", "abcd");

        Assert.Empty(Add(text, "abcd"));
        Assert.Equal(["e"], Add(text, "abcde"));
        Assert.False(text.IsContradicted);
    }

    [Fact]
    public void Add_CumulativeWithHalfACharacterAtTheEnd_WaitsForTheCharacter()
    {
        var text = new CumulativeText();

        var words = Play(text, null, "a", "ab\ufffd", "ab🚀", "ab🚀 各\ufffd\ufffd", "ab🚀 各种", "ab🚀 各种");

        Assert.Equal("ab🚀 各种", string.Concat(words));
        Assert.True(text.IsCumulative);
        Assert.False(text.IsContradicted);
    }

    [Fact]
    public void Settle_CumulativeTextThatEndsInAReplacementCharacter_KeepsIt()
    {
        var words = Play(new CumulativeText(), null, "a", "ab", "abc", "abcd", "abcde\ufffd");

        Assert.Equal("abcde\ufffd", string.Concat(words));
    }

    [Fact]
    public void Settle_ReplacementCharacterAtTheEndAndTheSameTextAgain_KeepsItOnce()
    {
        var text = new CumulativeText();
        var words = Play(text, null, "a", "ab", "abc", "abcd", "abcde\ufffd");

        words.AddRange(Play(text, null, "abcde\ufffd", "abcde\ufffd"));

        Assert.Equal("abcde\ufffd", string.Concat(words));
    }

    [Fact]
    public void Settle_InDoubtAndAReplacementCharacterAtTheEnd_KeepsIt()
    {
        Assert.Equal("10\ufffd", string.Concat(Play(new CumulativeText(), 3, "1", "10\ufffd")));
    }

    [Theory]
    [InlineData("e")]
    [InlineData("abc")]
    [InlineData("abcX and more")]
    public void Add_CumulativeAndAnotherText_IsNeverGlued(string delta)
    {
        var text = new CumulativeText();
        Play(text, null, "a", "ab", "abc", "abcd");

        Assert.Empty(Add(text, delta));
        Assert.True(text.IsContradicted);
    }

    [Theory]
    [InlineData(null, "110")]
    [InlineData(2L, "10")]
    [InlineData(3L, "110")]
    public void Settle_InDoubt_TheServersCountDecides(long? tokens, string expected)
    {
        Assert.Equal(expected, string.Concat(Play(new CumulativeText(), tokens, "1", "10")));
    }

    [Theory]
    [InlineData(6L, "The answer is yes, of course.")]
    [InlineData(13L, "The answer is yes, of course.The answer is yes, of course.")]
    public void Settle_LastDeltaRepeatsAll_TheServersCountDecides(long tokens, string expected)
    {
        var words = Play(
            new CumulativeText(),
            tokens,
            "The answer is ",
            "yes, of course.",
            "The answer is yes, of course."
        );

        Assert.Equal(expected, string.Concat(words));
    }

    [Fact]
    public void Settle_Twice_HandsOutOnce()
    {
        var text = new CumulativeText();
        Assert.Equal(["1", "10"], Play(text, null, "1", "10"));

        Assert.Empty(Play(text, null));
    }

    private static List<string> Add(CumulativeText text, string delta)
    {
        var words = new List<string>();
        text.Add(delta, isLikely: false, words);
        return words;
    }

    private static List<string> Play(CumulativeText text, long? tokens, params string[] deltas)
    {
        var words = deltas.SelectMany(delta => Add(text, delta)).ToList();
        text.Settle(tokens, words);
        return words;
    }
}
