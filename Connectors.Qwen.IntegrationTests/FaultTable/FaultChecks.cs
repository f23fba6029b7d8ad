namespace Connectors.Qwen.IntegrationTests.FaultTable;

/// <summary>What is wrong between rows and tests, as sentences; none when all is well.</summary>
internal static class FaultChecks
{
    public static IEnumerable<string> Untested(
        IEnumerable<string> rows,
        IEnumerable<FaultTest> tests,
        IReadOnlyCollection<string> awaited
    )
    {
        var tested = tests.SelectMany(static test => test.Ids).ToHashSet();
        var known = rows.ToHashSet();
        return
        [
            .. known
                .Except(tested)
                .Except(awaited)
                .Select(static id => $"{id} has no test: begin the name of one with {id}_."),
            .. awaited
                .Where(tested.Contains)
                .Select(static id => $"{id} has its test: take it out of FaultRows.Awaited."),
            .. awaited.Except(known).Select(static id => $"{id} is awaited and is no row."),
        ];
    }

    public static IEnumerable<string> Strangers(IEnumerable<string> rows, IEnumerable<FaultTest> tests)
    {
        var known = rows.ToHashSet();
        return from test in tests
            from id in test.Ids
            where !known.Contains(id)
            select $"{test.Class}.{test.Method} names {id}, which is no row: add the row, or name the test otherwise.";
    }
}
