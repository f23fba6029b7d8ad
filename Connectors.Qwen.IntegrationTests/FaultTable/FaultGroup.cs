namespace Connectors.Qwen.IntegrationTests.FaultTable;

/// <summary>One fault, and what the caller of the whole pipeline sees of it.</summary>
internal sealed record FaultRow(string Id, string What, string Outcome);

/// <summary>Rows that belong together, under one title.</summary>
internal sealed record FaultGroup(string Title, IReadOnlyList<FaultRow> Rows)
{
    /// <summary>Reads rows of the form <c>id | what happens | what you see</c>, one a line.</summary>
    public static FaultGroup Parse(string title, string rows)
    {
        return new(title, [.. rows.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Row)]);
    }

    private static FaultRow Row(string line)
    {
        return
            line.Split('|', StringSplitOptions.TrimEntries)
                is [{ Length: > 0 } id, { Length: > 0 } what, { Length: > 0 } outcome]
            ? new(id, what, outcome)
            : throw new InvalidOperationException(
                $"A row is 'id | what happens | what you see', and this is none: {line}"
            );
    }
}
