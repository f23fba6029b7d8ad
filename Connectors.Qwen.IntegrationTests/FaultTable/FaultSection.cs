using System.Text;

namespace Connectors.Qwen.IntegrationTests.FaultTable;

/// <summary>The section of the README that is made of rows and tests.</summary>
internal static class FaultSection
{
    public const string Begin = "<!-- faults:begin -->";
    public const string End = "<!-- faults:end -->";

    public static string Render(IEnumerable<FaultGroup> groups, IReadOnlyList<FaultTest> tests)
    {
        var text = new StringBuilder($"{Begin}\n");
        foreach (var (title, rows) in groups)
        {
            text.Append($"<details>\n<summary>{title}: {rows[0].Id} to {rows[^1].Id}</summary>\n\n");
            text.Append("| id | what happens | what you see | test |\n|---|---|---|---|\n");
            foreach (var row in rows)
            {
                text.Append($"| {row.Id} | {row.What} | {row.Outcome} | {Names(tests, row.Id)} |\n");
            }

            text.Append("\n</details>\n");
        }

        return text.Append(End).ToString();
    }

    /// <summary>The first line in which the document's section is not <paramref name="section"/>; null when there is none.</summary>
    public static string? Difference(string document, string section)
    {
        var there = document[Find(document, section)].Split('\n');
        var wanted = section.Split('\n');
        var line = Enumerable
            .Range(0, Math.Max(there.Length, wanted.Length))
            .FirstOrDefault(i => there.ElementAtOrDefault(i) != wanted.ElementAtOrDefault(i), -1);
        return line < 0
            ? null
            : $"Line {line + 1} of the section is\n{there.ElementAtOrDefault(line)}\nand should be\n{wanted.ElementAtOrDefault(line)}";
    }

    /// <summary>The document with <paramref name="section"/> in place of its own.</summary>
    public static string Put(string document, string section)
    {
        var place = Find(document, section);
        return document[..place.Start] + section + document[place.End..];
    }

    // A section begins and ends with its marks.
    private static Range Find(string document, string section)
    {
        var lines = section.Split('\n');
        var begin = document.IndexOf(lines[0], StringComparison.Ordinal);
        var end = document.IndexOf(lines[^1], StringComparison.Ordinal);
        return begin >= 0 && end > begin
            ? begin..(end + lines[^1].Length)
            : throw new InvalidOperationException(
                $"The document needs a line {lines[0]}, and below it a line {lines[^1]}."
            );
    }

    private static string Names(IReadOnlyList<FaultTest> tests, string id)
    {
        var all = tests.Where(test => test.Ids.Contains(id)).ToList();
        // The first stands for the row: it runs each time, and where most tests of this row are it is the row's own subject.
        var mine = all.OrderBy(static test => test.IsLong)
            .ThenByDescending(static test => test.IsFault)
            .ThenByDescending(test => all.Count(other => other.Class == test.Class))
            .ToList();
        if (mine.Count == 0)
        {
            return "none yet";
        }

        var more = mine.Skip(1).ToList();
        var isLong = more.Count(static test => test.IsLong);
        return $"`{mine[0].Class}.{mine[0].Method}`{(mine[0].IsLong ? " (long)" : "")}"
            + (more.Count > 0 ? $" +{more.Count}" : "")
            + (isLong > 0 ? $", {isLong} long" : "");
    }
}
