using System.Reflection;

namespace Connectors.Qwen.IntegrationTests.Contract;

/// <summary>The contract has the names it should have, and everybody runs all of it.</summary>
public sealed class ContractNamesTests
{
    [Fact]
    public void Contract_HasTheNamesAndNoOthers()
    {
        var methods = typeof(ChatClientContract)
            .GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Where(static method => method.GetCustomAttribute<FactAttribute>() is { Skip: null })
            .Select(static method => method.Name);

        Assert.Equal(45, ContractNames.All.Count);
        Assert.Equal(ContractNames.All.Order(StringComparer.Ordinal), methods.Order(StringComparer.Ordinal));
        Assert.Contains(ContractNames.DoesNotApply.Name, ContractNames.All);
    }

    [Fact]
    public void Contract_IsRunByAllFiveAndChangedByNone()
    {
        var runners = typeof(ChatClientContract)
            .Assembly.GetTypes()
            .Where(static type => type.IsSubclassOf(typeof(ChatClientContract)))
            .ToList();

        Assert.Equal(
            ["InjectedClientTests", "KernelServiceTests", "LiveServiceTests", "PipelineTests", "RawClientTests"],
            runners.Select(static type => type.Name).Order(StringComparer.Ordinal)
        );
        Assert.All(
            runners,
            static type =>
                Assert.DoesNotContain(
                    type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly),
                    static method => ContractNames.All.Contains(method.Name)
                )
        );
    }
}
