namespace Connectors.Qwen.IntegrationTests.FaultTable;

/// <summary>
/// The one list of faults. The README's tables are made of it and of the names of the tests (<see cref="FaultTableTests"/>).
/// </summary>
internal static class FaultRows
{
    /// <summary>Rows whose tests are still to be written. A row that has got its test must leave this list.</summary>
    public const string Awaited = "";

    public static IReadOnlyList<FaultGroup> All { get; } =
    [TokenRows.Group, TransportRows.Group, ContinuationRows.Group];
}
