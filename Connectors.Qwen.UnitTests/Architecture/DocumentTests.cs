using System.Globalization;
using Connectors.Qwen.Errors;

namespace Connectors.Qwen.UnitTests.Architecture;

/// <summary>What the documents say of kinds and options is what the code does.</summary>
public sealed class DocumentTests
{
    [Theory, InlineData("ARCHITECTURE.md"), InlineData("docs/resilience.md")]
    public void TableOfKinds_IsTheTableOfTheCode(string file)
    {
        var document = File.ReadAllLines(Path.Combine(Repository.Root, file))
            .SkipWhile(static line => !line.StartsWith("| kind | refresh | retry", StringComparison.Ordinal))
            .Skip(2)
            .TakeWhile(static line => line.StartsWith('|'))
            .Select(static line => string.Join(" | ", line.Split('|', StringSplitOptions.TrimEntries)[1..7]));

        Assert.Equal(FailureTable.Rows.Select(Show), document);
    }

    [Fact]
    public void TableOfRefusals_IsTheTableOfTheCode()
    {
        var document = File.ReadAllLines(Path.Combine(Repository.Root, "docs/models.md"))
            .SkipWhile(static line => !line.StartsWith("| the service says", StringComparison.Ordinal))
            .Skip(2)
            .TakeWhile(static line => line.StartsWith('|'))
            .Select(static line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(static cells => (cells[1], cells[2] != "-", cells[3]));

        Assert.Equal(
            ModelRefusals.Rows.Select(static row => (row.Text, row.Lesson != ModelLesson.None, row.Advice)),
            document
        );
    }

    [Theory]
    [InlineData(typeof(TimeoutRetryOptions))]
    [InlineData(typeof(RetryBudgetOptions))]
    [InlineData(typeof(CircuitOptions))]
    [InlineData(typeof(RequestLimitOptions))]
    [InlineData(typeof(StreamingFallbackOptions))]
    public void DocumentOfResilience_NamesEveryOptionWithItsDefault(Type type)
    {
        var rows = File.ReadAllLines(Path.Combine(Repository.Root, "docs/resilience.md"));
        var options = Activator.CreateInstance(type);

        Assert.All(
            type.GetProperties()
                .Where(static property =>
                    property.PropertyType.Namespace != "Connectors.Qwen" || property.PropertyType.IsEnum
                ),
            property =>
                Assert.Contains(
                    rows,
                    row =>
                        row.StartsWith(
                            $"| `{property.Name}` | {Default(property.GetValue(options))} |",
                            StringComparison.Ordinal
                        )
                )
        );
    }

    private static string Default(object? value)
    {
        return value switch
        {
            null => "none",
            bool flag => flag ? "true" : "false",
            TimeSpan { TotalMinutes: >= 5 } time when time.TotalMinutes % 5 == 0 => $"{time.TotalMinutes} min",
            TimeSpan time => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds} s"),
            int number => number.ToString("N0", CultureInfo.InvariantCulture),
            System.Collections.ICollection { Count: 0 } => "none",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
    }

    private static string Show(FailureRow row)
    {
        var retry = row.Retry == RetryPace.None ? "-" : row.Retry.ToString().ToLowerInvariant();
        var form = row.OtherForm == OtherForm.None ? "-" : row.OtherForm.ToString().ToLowerInvariant();
        return $"{row.Kind} | {(row.RefreshesToken ? "once" : "-")} | {retry} | {form} | {(row.Continues ? "yes" : "-")} | {(row.OpensCircuit ? "yes" : "-")}";
    }
}
