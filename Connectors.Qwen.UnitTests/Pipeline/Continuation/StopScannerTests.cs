using Connectors.Qwen.Pipeline;
using CsCheck;

namespace Connectors.Qwen.UnitTests.Pipeline.Continuation;

/// <summary>Row C8: stop sequences that lie across a seam.</summary>
public sealed class StopScannerTests
{
    [Theory]
    [InlineData("in the rest", "Hello", "wor|END|ld", "wor", true)]
    [InlineData("across the seam", "Hello E", "ND of it", "", true)]
    [InlineData("across pieces", "Hello", " E|N|D more", " ", true)]
    [InlineData("begins, and is none", "Hello", " E|N|T more", " ENT more", false)]
    [InlineData("begins at the end", "Hello", " EN", " EN", false)]
    [InlineData("the first of two", "Hello", " a STOP b END", " a ", true)]
    [InlineData("in what was said", "END, I said", " again", " again", false)]
    public void Add_Words_EndAtTheStop(string what, string said, string pieces, string expected, bool isStopped)
    {
        var scanner = new StopScanner(["END", "STOP", ""], said);

        var shown = string.Concat(pieces.Split('|').Select(scanner.Add)) + scanner.Finish();

        Assert.True(shown == expected, $"{what}: '{shown}'");
        Assert.Equal(isStopped, scanner.IsStopped);
    }

    [Fact]
    public void Add_NoStops_HoldsNothing()
    {
        var scanner = new StopScanner([], "Hello");

        Assert.Equal(" world", scanner.Add(" world"));
    }

    [Fact]
    public void Property_AnySplit_EndsWhereTheWholeWould()
    {
        var word = Gen.Char["abc"];
        Gen.Select(
                Gen.String[word, 1, 40],
                Gen.Int[0, 40],
                Gen.Int[1, 5],
                Gen.String[word, 1, 4],
                Gen.String[word, 1, 4]
            )
            .Sample(
                (text, at, piece, stop, other) =>
                {
                    // What was said holds no stop: the server would have ended there.
                    var end = First(text, stop, other);
                    var said = text[..Math.Min(at % (text.Length + 1), end)];
                    var scanner = new StopScanner([stop, other], said);

                    var rest = text[said.Length..].Chunk(piece).Select(chars => scanner.Add(new string(chars)));
                    var shown = said + string.Concat(rest) + scanner.Finish();

                    return scanner.IsStopped == end < text.Length && shown == text[..Math.Max(said.Length, end)];
                },
                iter: 20_000
            );
    }

    // The one that is complete first.
    private static int First(string text, params string[] stops)
    {
        return stops
            .Select(stop => (At: text.IndexOf(stop, StringComparison.Ordinal), stop.Length))
            .Where(static found => found.At >= 0)
            .OrderBy(static found => found.At + found.Length)
            .ThenByDescending(static found => found.Length)
            .Select(static found => found.At)
            .DefaultIfEmpty(text.Length)
            .First();
    }
}
