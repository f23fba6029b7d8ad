using System.Text;
using Connectors.Qwen.Mapping.Words;
using CsCheck;

namespace Connectors.Qwen.UnitTests.Mapping.Words;

public class SurrogatePairsTests
{
    private static readonly Gen<string> Texts = Gen.OneOf(
            Gen.Char['\ud800', '\udbff'],
            Gen.Char['\udc00', '\udfff'],
            Gen.Char['a', 'c'],
            Gen.Char
        )
        .Array[0, 24]
        .Select(static chars => new string(chars));

    // Not InlineData: the compiler cannot write half a surrogate pair into an attribute. Deltas, and what is handed out for each.
    public static TheoryData<string[], string[], string> Splits =>
        new()
        {
            { ["Hi \ud83d", "\ude80!"], ["Hi ", "\U0001f680!"], "" },
            { ["\ud83d", "\ude80"], ["", "\U0001f680"], "" },
            { ["\ud83d\ude80", "a"], ["\U0001f680", "a"], "" },
            { ["a\ud83d"], ["a"], "\ufffd" },
            { ["a\ud83d", "b"], ["a", "\ufffdb"], "" },
            { ["\ud83d", "\ud83d", "\ude80"], ["", "\ufffd", "\U0001f680"], "" },
            { ["\ude80", "a\ude80b"], ["\ufffd", "a\ufffdb"], "" },
            { ["a\ud83db"], ["a\ufffdb"], "" },
        };

    [Theory, MemberData(nameof(Splits))]
    public void Add_Halves_AreHeldJoinedOrReplaced(string[] deltas, string[] expected, string rest)
    {
        var pairs = new SurrogatePairs();

        Assert.Equal(expected, deltas.Select(pairs.Add));
        Assert.Equal(rest, pairs.Finish());
        Assert.Equal("", pairs.Finish());
    }

    [Theory, InlineData("plain"), InlineData("各种 🚀🧩")]
    public void Add_TextWithoutHalves_IsTheSameString(string text)
    {
        Assert.Same(text, new SurrogatePairs().Add(text));
        Assert.Same(text, SurrogatePairs.Repair(text));
    }

    [Fact]
    public void Add_AnySplitOfAnyText_GivesTheSameTextInPiecesThatAreWhole()
    {
        Gen.Select(Texts, Gen.Int[1, 5].Array[1, 6])
            .Sample(
                static (text, sizes) =>
                {
                    var pairs = new SurrogatePairs();
                    var pieces = Cut(text, sizes).Select(pairs.Add).ToList();
                    pieces.Add(pairs.Finish());

                    // Each encoding replaces halves in this way; what is whole comes through it as it was.
                    Assert.Equal(Encoded(text), string.Concat(pieces));
                    Assert.All(pieces, static piece => Assert.Equal(Encoded(piece), piece));
                    Assert.Equal(Encoded(text), SurrogatePairs.Repair(text));
                },
                iter: 5000
            );
    }

    private static IEnumerable<string> Cut(string text, int[] sizes)
    {
        for (var (i, start) = (0, 0); start < text.Length; i++)
        {
            var end = Math.Min(text.Length, start + sizes[i % sizes.Length]);
            yield return text[start..end];
            start = end;
        }
    }

    private static string Encoded(string text)
    {
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
    }
}
