using System.Reflection;
using System.Text.RegularExpressions;
using Connectors.Qwen.IntegrationTests.Faults.Answers;
using Connectors.Qwen.IntegrationTests.Faults.Calls;
using Connectors.Qwen.IntegrationTests.Faults.Continuation;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Xunit.Sdk;
using Xunit.v3;

namespace Connectors.Qwen.IntegrationTests.Faults.Tokens.Secrets;

/// <summary>
/// A24: plays every row once more, with everything recorded that leaves the library beside the wire, and looks for the
/// secrets of the row in it.
/// </summary>
[Collection(nameof(Alone))]
public sealed partial class SecretsTests
{
    // Thousands of answers that differ in the place of their cut, or in nothing; other rows play each kind of them.
    private static readonly string[] Repetitions =
    [
        nameof(EveryCutTests),
        $"{nameof(TruncationTests)}.{nameof(TruncationTests.T13_CutAtAnyByte_IsTheWholeAnswerOrATypedError)}",
        $"{nameof(OutageTests)}.{nameof(OutageTests.T38_UpstreamIsDead_FewRequestsMoreThanCallersAndAFastClearFailure)}",
    ];

    private static readonly MethodInfo[] Methods =
    [
        .. typeof(SecretsTests)
            .Assembly.GetTypes()
            .Where(static type =>
                type.Namespace?.StartsWith(typeof(KeyEndpointTests).Namespace!, StringComparison.Ordinal) == true
                && !Repetitions.Contains(type.Name)
            )
            .SelectMany(static type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public))
            .Where(static method => !Repetitions.Contains(NameOf(method)))
            .Where(static method => RowOf(method) is not (null or "A24") && method.ReturnType == typeof(Task))
            .Where(static method => method.GetCustomAttribute<FactAttribute>() is { Explicit: false }),
    ];

    public static TheoryData<string> Scenarios => [.. Methods.Select(NameOf).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Scenarios))]
    public async Task A24_NoSecretIsSeen(string scenario)
    {
        using var watch = new SecretWatch();
        watch.AddSecret(Ask.Question[0].Text);
        watch.AddSecret(QwenSimulatorOptions.DefaultApiKey);
        watch.AddSecret("sk-a key with spaces");
        var method = Array.Find(Methods, method => NameOf(method) == scenario)!;

        var rows = await DataOfAsync(method);
        Assert.NotEmpty(rows);
        foreach (var data in rows)
        {
            try
            {
                await (Task)method.Invoke(Activator.CreateInstance(method.DeclaringType!), data)!;
            }
            catch (SkipException)
            {
                // What cannot be made on this machine is skipped here too.
            }
        }

        Assert.True(watch.Seen > 0, "Nothing was seen.");
        Assert.Empty(watch.Findings());
    }

    [Fact]
    public void A24_EveryRowIsPlayed()
    {
        // The others are played by several processes, or by hand.
        var rows = Enumerable.Range(1, 28).Except([15, 17, 18, 24]).Select(static number => $"A{number}").Append("T53");

        Assert.Empty(rows.Except(Methods.Select(static method => RowOf(method)!)));
    }

    private static async Task<object?[][]> DataOfAsync(MethodInfo method)
    {
        await using var tracker = new DisposalTracker();
        var rows = new List<object?[]>();
        foreach (var source in method.GetCustomAttributes<DataAttribute>())
        {
            if (source is MemberDataAttributeBase member)
            {
                // The runner does this where it finds a test.
                member.MemberType ??= method.DeclaringType;
            }

            rows.AddRange((await source.GetData(method, tracker)).Select(static row => row.GetData()));
        }

        return method.GetParameters().Length == 0
            ?
            [
                [],
            ]
            : [.. rows];
    }

    private static string NameOf(MethodInfo method)
    {
        return $"{method.DeclaringType!.Name}.{method.Name}";
    }

    private static string? RowOf(MethodInfo method)
    {
        var match = Row().Match(method.Name);
        return match.Success ? match.Groups[1].Value : null;
    }

    [GeneratedRegex("^([ACT][0-9]+)_")]
    private static partial Regex Row();
}

/// <summary>Runs by itself: what is recorded is of the whole process, and recording activities changes requests.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
