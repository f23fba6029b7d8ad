using Connectors.Qwen.Errors;

namespace Connectors.Qwen.UnitTests.Architecture;

/// <summary>The table of failure kinds in ARCHITECTURE.md is the table of the code.</summary>
public sealed class FailureTableDocumentTests
{
    [Fact]
    public void TableOfArchitecture_IsTheTableOfTheCode()
    {
        var document = File.ReadAllLines(Path.Combine(Repository.Root, "ARCHITECTURE.md"))
            .SkipWhile(static line => !line.StartsWith("| kind | refresh | retry", StringComparison.Ordinal))
            .Skip(2)
            .TakeWhile(static line => line.StartsWith('|'))
            .Select(static line => string.Join(" | ", line.Split('|', StringSplitOptions.TrimEntries)[1..6]));

        Assert.Equal(FailureTable.Rows.Select(Show), document);
    }

    private static string Show(FailureRow row)
    {
        var retry = row.Retry == RetryPace.None ? "-" : row.Retry.ToString().ToLowerInvariant();
        var form = row.OtherForm == OtherForm.None ? "-" : row.OtherForm.ToString().ToLowerInvariant();
        return $"{row.Kind} | {(row.RefreshesToken ? "once" : "-")} | {retry} | {form} | {(row.OpensCircuit ? "yes" : "-")}";
    }
}
