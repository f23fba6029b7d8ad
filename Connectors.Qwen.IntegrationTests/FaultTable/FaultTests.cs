using System.Reflection;
using System.Text.RegularExpressions;

namespace Connectors.Qwen.IntegrationTests.FaultTable;

/// <summary>A test and the rows that its name begins with.</summary>
/// <param name="IsFault">It is one of the tests of faults, and not of a gateway or of several processes.</param>
/// <param name="IsLong">It runs only when it is asked for.</param>
internal sealed record FaultTest(string Class, string Method, bool IsFault, bool IsLong, IReadOnlyList<string> Ids);

/// <summary>Finds the tests of rows by their names: <c>T12_T13_CutAfterWords</c> is a test of both.</summary>
internal static partial class FaultTests
{
    /// <summary>The tests of an assembly that name rows, always in the same order: outer namespaces first, and as they are declared.</summary>
    public static IReadOnlyList<FaultTest> In(Assembly assembly)
    {
        var types = assembly
            .GetTypes()
            .Where(static type => !type.IsAbstract)
            .OrderBy(static type => type.FullName!.Count(static letter => letter == '.'))
            .ThenBy(static type => type.FullName, StringComparer.Ordinal);
        return
        [
            .. from type in types
            from method in type.GetMethods().OrderBy(static method => method.MetadataToken)
            // One that is always skipped is none.
            let fact = method.GetCustomAttribute<FactAttribute>()
            where fact is { Skip: null }
            let ids = IdsOf(method.Name)
            where ids.Count > 0
            select new FaultTest(type.Name, method.Name, IsFault(type), fact.Explicit, ids),
        ];
    }

    public static IReadOnlyList<string> IdsOf(string method)
    {
        return [.. LeadingId().Matches(method).Select(static match => match.Groups[1].Value)];
    }

    private static bool IsFault(Type type)
    {
        return type.Namespace?.Contains(".Faults", StringComparison.Ordinal) == true;
    }

    [GeneratedRegex(@"\G([A-Z][0-9]+)_")]
    private static partial Regex LeadingId();
}
