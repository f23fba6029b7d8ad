using Connectors.Qwen.Errors;
using CsCheck;

namespace Connectors.Qwen.UnitTests.Errors;

public class PartialTextTests
{
    [Fact]
    public void ToText_AnySplitOfAnyText_GivesTheTextBack()
    {
        Gen.String[0, 3000]
            .Array[0, 20]
            .Sample(pieces =>
            {
                using var text = new PartialText();
                foreach (var piece in pieces)
                {
                    text.Append(piece);
                }

                var whole = string.Concat(pieces);
                return text.Length == whole.Length && (text.ToText() ?? "") == whole;
            });
    }

    [Theory]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(64 * 1024)]
    [InlineData((64 * 1024) + 1)]
    [InlineData(1_000_000)]
    public void ToText_PieceAcrossSegments_IsWhole(int length)
    {
        var piece = string.Create(length, 0, (span, _) => Fill(span));
        using var text = new PartialText();

        text.Append("x");
        text.Append(piece);
        text.Append("y");

        Assert.Equal(length + 2, text.Length);
        Assert.Equal("x" + piece + "y", text.ToText());
    }

    [Fact]
    public void ToText_ManySmallPiecesBeyondTheLargestSegment_AreWhole()
    {
        using var text = new PartialText();

        for (var i = 0; i < 100_000; i++)
        {
            text.Append("abc");
        }

        Assert.Equal(string.Concat(Enumerable.Repeat("abc", 100_000)), text.ToText());
    }

    [Fact]
    public void ToText_CalledBetweenAppends_ChangesNothing()
    {
        using var text = new PartialText();

        text.Append("a");
        Assert.Equal("a", text.ToText());
        text.Append("b");

        Assert.Equal("ab", text.ToText());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void ToText_NothingAppended_IsNull(string? nothing)
    {
        using var text = new PartialText();

        text.Append(nothing);

        Assert.Null(text.ToText());
    }

    [Fact]
    public void Dispose_AfterText_ForgetsItAndCanBeUsedAgain()
    {
        var text = new PartialText();
        text.Append(new string('x', 5000));

        text.Dispose();

        Assert.Equal(0, text.Length);
        Assert.Null(text.ToText());
        text.Append("new");
        Assert.Equal("new", text.ToText());
        text.Dispose();
        text.Dispose();
    }

    private static void Fill(Span<char> span)
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = (char)('a' + (i % 26));
        }
    }
}
