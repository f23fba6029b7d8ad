namespace Connectors.Qwen.IntegrationTests.FaultTable;

/// <summary>What compares rows, tests and README notices when they differ.</summary>
public sealed class FaultSectionTests
{
    private static readonly FaultGroup Group = FaultGroup.Parse(
        "Some",
        """
        X1 | it rains | an umbrella
        X2 | it snows | a shovel
        """
    );
    private static readonly FaultTest[] Tests =
    [
        new("Weather", "X1_X2_Hail", true, true, ["X1", "X2"]),
        new("Gateway", "X1_Roof", false, false, ["X1"]),
        new("Mood", "X1_Grey", true, false, ["X1"]),
        new("Weather", "X1_Rain", true, false, ["X1"]),
        new("Weather", "X1_Drizzle", true, false, ["X1"]),
    ];
    private static readonly string Section = FaultSection.Render([Group], Tests);
    private static readonly string Document = $"# Title\n\n{Section}\n\nThe rest.\n";

    [Fact]
    public void Render_Row_NamesTheTestOfItsSubjectAndCountsTheOthers()
    {
        var lines = Section.Split('\n');

        Assert.Contains("<summary>Some: X1 to X2</summary>", lines);
        Assert.Contains("| X1 | it rains | an umbrella | `Weather.X1_Rain` +4, 1 long |", lines);
        Assert.Contains("| X2 | it snows | a shovel | `Weather.X1_X2_Hail` (long) |", lines);
    }

    [Fact]
    public void Render_RowWithoutATest_SaysSo()
    {
        Assert.Contains(
            "| X2 | it snows | a shovel | none yet |",
            FaultSection.Render([Group], Tests[1..]),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Difference_SameSection_IsNone()
    {
        Assert.Null(FaultSection.Difference(Document, Section));
    }

    [Theory]
    [InlineData("an umbrella", "a coat")]
    [InlineData("X1_Rain", "X1_Drizzle")]
    [InlineData("+4", "+3")]
    [InlineData("| X2 | it snows | a shovel | `Weather.X1_X2_Hail` (long) |\n", "")]
    [InlineData("</details>", "</details>\n")]
    public void Difference_AnyOther_IsShownWithBothLines(string old, string other)
    {
        var changed = Document.Replace(old, other, StringComparison.Ordinal);

        Assert.NotEqual(Document, changed);
        Assert.Contains("and should be", FaultSection.Difference(changed, Section), StringComparison.Ordinal);
        Assert.Equal(Document, FaultSection.Put(changed, Section));
    }

    [Theory]
    [InlineData(FaultSection.Begin, "")]
    [InlineData(FaultSection.End, "")]
    [InlineData(FaultSection.Begin, FaultSection.End)]
    public void Difference_DocumentWithoutItsMarks_SaysWhatIsMissing(string mark, string other)
    {
        var document = Document.Replace(mark, other, StringComparison.Ordinal);

        var failure = Assert.Throws<InvalidOperationException>(() => FaultSection.Difference(document, Section));

        Assert.Contains(FaultSection.Begin, failure.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => FaultSection.Put(document, Section));
    }

    [Theory]
    [InlineData("X1 | it rains"), InlineData("X1 | it | rains | often"), InlineData("X1 || an umbrella")]
    public void Parse_LineThatIsNoRow_IsQuoted(string line)
    {
        var failure = Assert.Throws<InvalidOperationException>(() => FaultGroup.Parse("Some", line));

        Assert.Contains(line, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("T12_T13_CutAfterWords_IsAnError", "T12 T13"), InlineData("A1_Expired", "A1"), InlineData("C4_", "C4")]
    [InlineData("Http2_IsSpoken", ""), InlineData("CutAfter_T12_Words", ""), InlineData("T12Cut", "")]
    public void IdsOf_Name_AreThoseThatItBeginsWith(string name, string ids)
    {
        Assert.Equal(ids, string.Join(' ', FaultTests.IdsOf(name)));
    }

    [Fact]
    public void Untested_RowWithoutATest_IsNamedUnlessItIsAwaited()
    {
        Assert.StartsWith(
            "X3 has no test",
            Assert.Single(FaultChecks.Untested(["X1", "X2", "X3"], Tests, [])),
            StringComparison.Ordinal
        );
        Assert.Empty(FaultChecks.Untested(["X1", "X2", "X3"], Tests, ["X3"]));
    }

    [Fact]
    public void Untested_AwaitedRowThatHasItsTestOrIsNone_IsNamed()
    {
        Assert.Equal(
            ["X2 has its test: take it out of FaultRows.Awaited.", "X4 is awaited and is no row."],
            FaultChecks.Untested(["X1", "X2"], Tests, ["X2", "X4"])
        );
    }

    [Fact]
    public void Strangers_TestOfARowThatIsNotThere_IsNamed()
    {
        Assert.StartsWith(
            "Weather.X1_X2_Hail names X2,",
            Assert.Single(FaultChecks.Strangers(["X1"], Tests)),
            StringComparison.Ordinal
        );
        Assert.Empty(FaultChecks.Strangers(["X1", "X2"], Tests));
    }
}
