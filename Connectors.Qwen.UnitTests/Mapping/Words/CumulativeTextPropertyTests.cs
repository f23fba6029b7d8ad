using Connectors.Qwen.Mapping.Words;
using CsCheck;

namespace Connectors.Qwen.UnitTests.Mapping.Words;

/// <summary>Any text in any pieces, sent either way, comes out exactly once.</summary>
public class CumulativeTextPropertyTests
{
    private static readonly string[] Odd = ["好", "各种", "🚀", "\n", " ", "10", "\ud83d", "\ude80"];

    private static readonly Gen<string> Piece = Gen.OneOf(
        Gen.Char['a', 'c'].Array[1, 3].Select(static c => new string(c)),
        Gen.Int[0, 7].Select(static i => Odd[i]),
        Gen.String[1, 12]
    );

    private static readonly Gen<string[]> Pieces = Piece.Array[1, 30];

    [Fact]
    public void IncrementalText_ThatOftenLooksCumulative_IsHandedOutAsItCame()
    {
        Gen.Select(Pieces, Gen.Int[0, 3].Array[30])
            .Sample(
                static (pieces, looks) =>
                {
                    var deltas = Disguise(pieces, looks);
                    var text = new CumulativeText();

                    var words = Play(text, deltas);

                    Assert.Equal(deltas, words);
                    Assert.False(text.IsCumulative);
                },
                iter: 5000
            );
    }

    [Fact]
    public void CumulativeText_IsHandedOutOnce()
    {
        Gen.Select(Piece.Array[4, 30], Gen.Bool.Array[30])
            .Sample(
                static (pieces, isSentTwice) =>
                {
                    var deltas = new List<string>();
                    for (var i = 0; i < pieces.Length; i++)
                    {
                        var whole = string.Concat(pieces[..(i + 1)]);
                        deltas.Add(whole);
                        if (isSentTwice[i])
                        {
                            deltas.Add(whole);
                        }
                    }

                    var text = new CumulativeText();

                    Assert.Equal(string.Concat(pieces), string.Concat(Play(text, deltas)));
                    Assert.True(text.IsCumulative);
                    Assert.False(text.IsContradicted);
                },
                iter: 5000
            );
    }

    // Pieces that cannot continue anything, and between them at most two in a row that begin with all before them.
    private static List<string> Disguise(string[] pieces, int[] looks)
    {
        var deltas = new List<string>();
        var inARow = 0;
        for (var i = 0; i < pieces.Length; i++)
        {
            var before = inARow > 0 ? deltas[^1] : string.Concat(deltas);
            var looksCumulative = looks[i] > 0 && inARow < 2 && before.Length is > 0 and < 64;
            inARow = looksCumulative ? inARow + 1 : 0;
            // 1: the same again, once; the others grow.
            var isSame = looks[i] == 1 && inARow == 1;
            deltas.Add(
                isSame ? before
                : looksCumulative ? before + pieces[i]
                : $"§{i}" + pieces[i]
            );
        }

        return deltas;
    }

    private static List<string> Play(CumulativeText text, IEnumerable<string> deltas)
    {
        var words = new List<string>();
        foreach (var delta in deltas)
        {
            text.Add(delta, isLikely: false, words);
        }

        text.Settle(null, words);
        return words;
    }
}
