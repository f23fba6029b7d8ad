using Connectors.Qwen.IntegrationTests.Peers;

namespace Connectors.Qwen.IntegrationTests.FaultTable;

/// <summary>Rows, tests and README say the same. UPDATE_DOCS=1 writes the README's section instead of comparing it.</summary>
public sealed class FaultTableTests
{
    private static readonly string[] Ids =
    [
        .. FaultRows.All.SelectMany(static group => group.Rows).Select(static row => row.Id),
    ];
    private static readonly IReadOnlyList<FaultTest> Tests = FaultTests.In(typeof(FaultTableTests).Assembly);

    [Fact]
    public void Readme_ShowsTheRowsAndTheirTests()
    {
        var difference = ReadmeFile.Compare(FaultSection.Render(FaultRows.All, Tests));
        Assert.True(difference is null, $"The README's fault table is old. {difference}");
    }

    [Fact]
    public void EveryRow_HasATestOrIsAwaited()
    {
        AssertNone(
            FaultChecks.Untested(Ids, Tests, FaultRows.Awaited.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        );
    }

    [Fact]
    public void NoTest_NamesARowThatIsNotThere()
    {
        AssertNone(FaultChecks.Strangers([.. Ids, .. PeerRows.Ids], Tests));
    }

    [Fact]
    public void Rows_AreNumberedWithoutGapsAndShort()
    {
        Assert.All(
            FaultRows.All,
            static group =>
                Assert.Equal(
                    group.Rows.Select((_, i) => $"{group.Rows[0].Id[0]}{i + 1}"),
                    group.Rows.Select(static row => row.Id)
                )
        );
        Assert.Distinct(Ids);
        Assert.All(
            FaultRows.All.SelectMany(static group => group.Rows),
            static row =>
                Assert.True(
                    row.What.Length <= 90 && row.Outcome.Length <= 90,
                    $"{row.Id} says more than 90 characters."
                )
        );
    }

    private static void AssertNone(IEnumerable<string> wrong)
    {
        var all = string.Join('\n', wrong);
        Assert.True(all.Length == 0, all);
    }
}
