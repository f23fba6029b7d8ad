using System.Text.RegularExpressions;

namespace Connectors.Qwen.UnitTests.Architecture;

/// <summary>docs/features.md says what is there, and names the tests that prove it.</summary>
public sealed partial class FeatureTableTests
{
    private static readonly Row[] Rows =
    [
        .. File.ReadLines(Path.Combine(Repository.Root, "docs/features.md"))
            .Select(static line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(static cells => cells.Length == 7 && int.TryParse(cells[1], out _))
            .Select(static cells => new Row(int.Parse(cells[1], null), cells[3], cells[4], cells[5])),
    ];

    [Fact]
    public void EveryFeature_HasItsRow()
    {
        int[] expected = [.. Enumerable.Range(1, 81), .. Enumerable.Range(117, 28), 146];

        Assert.Equal(expected, Rows.Select(static row => row.Number));
    }

    [Fact]
    public void Yes_NamesTests_AndNo_SaysWhy()
    {
        Assert.All(
            Rows,
            static row =>
            {
                Assert.True(row.Answer is "yes" or "no", $"Row {row.Number}: yes or no.");
                Assert.True(Names(row.Tests).Any() == (row.Answer == "yes"), $"Row {row.Number}: tests for a yes.");
                Assert.True(row.Answer == "yes" || row.How.Length > 0, $"Row {row.Number}: a reason for a no.");
            }
        );
    }

    [Fact]
    public void EveryTestThatIsNamed_Exists()
    {
        var tests = Tests();
        var missing = Rows.SelectMany(static row => Names(row.Tests).Concat(Names(row.How)))
            .Where(name => !tests.Contains(name))
            .Distinct();

        Assert.Empty(missing);
    }

    // Class.Method, as a test report has it; other words in backticks have no class of tests in front.
    private static IEnumerable<string> Names(string cell)
    {
        return Name().Matches(cell).Select(static match => match.Groups[1].Value);
    }

    // By the sources: the integration tests are not referenced here.
    private static HashSet<string> Tests()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var project in (string[])["Connectors.Qwen.UnitTests", "Connectors.Qwen.IntegrationTests"])
        {
            var files = Directory.EnumerateFiles(
                Path.Combine(Repository.Root, project),
                "*.cs",
                SearchOption.AllDirectories
            );
            foreach (var file in files)
            {
                var source = File.ReadAllText(file);
                if (Class().Match(source) is { Success: true } type)
                {
                    names.UnionWith(
                        Method().Matches(source).Select(method => $"{type.Groups[1].Value}.{method.Groups[1].Value}")
                    );
                }
            }
        }

        return names;
    }

    [GeneratedRegex(@"`(\w+(?:Tests|Contract)\.\w+)`")]
    private static partial Regex Name();

    [GeneratedRegex(@"^public (?:sealed |abstract |static )*(?:partial )?class (\w+)", RegexOptions.Multiline)]
    private static partial Regex Class();

    [GeneratedRegex(
        @"^    (?:\[[^\n]*\] )?public (?:virtual )?(?:async )?(?:Task|void) (\w+)\(",
        RegexOptions.Multiline
    )]
    private static partial Regex Method();

    private sealed record Row(int Number, string Answer, string How, string Tests);
}
