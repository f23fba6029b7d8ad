using System.Reflection;
using Connectors.Qwen.DependencyInjection;
using Microsoft.Extensions.Configuration;

namespace Connectors.Qwen.UnitTests.DependencyInjection;

/// <summary>The list of keys is written by hand: here it is compared with the options.</summary>
public class OptionKeysTests
{
    [Fact]
    public void OfChat_IsWhatTheOptionsHold()
    {
        Assert.Equal(PathsOf(typeof(QwenOptions)).Order(), OptionKeys.OfChat.Paths.Order());
    }

    [Fact]
    public void OfEmbeddings_IsWhatTheOptionsHold()
    {
        Assert.Equal(PathsOf(typeof(QwenEmbeddingOptions)).Order(), OptionKeys.OfEmbeddings.Paths.Order());
    }

    [Fact]
    public void UnknownOf_KnownKeysInAnyCase_AreNone()
    {
        var section = Section(["modelid", "TIMEOUTRETRY:maxRetries", "StreamingFallback:ContinuationModels:0"]);

        Assert.Empty(OptionKeys.OfChat.UnknownOf(section));
    }

    [Fact]
    public void UnknownOf_Misspelt_IsNamedWithWhatIsKnownThere()
    {
        var section = Section(["Model", "TimeoutRetry:Circuit:Enable", "TimeoutRetry:MaxRetries"]);

        var unknown = OptionKeys.OfChat.UnknownOf(section).ToDictionary();

        Assert.Equal(["Qwen:Model", "Qwen:TimeoutRetry:Circuit:Enable"], unknown.Keys.Order());
        Assert.Contains("ModelId", unknown["Qwen:Model"], StringComparison.Ordinal);
        Assert.Equal(
            "Enabled, FailureRatio, MinimumThroughput, SamplingDuration, BreakDuration",
            unknown["Qwen:TimeoutRetry:Circuit:Enable"]
        );
    }

    [Theory]
    [InlineData("TimeoutRetry:Circuit", "false", "Circuit:Enabled, ")]
    [InlineData("OAuth", "none", "OAuth:CredentialsPath, ")]
    [InlineData("StreamingFallback:ContinuationModels", "qwen*", "ContinuationModels:0, ")]
    public void UnknownOf_ValueWhereThereAreKeys_IsNamedWithThem(string path, string value, string known)
    {
        var section = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Qwen:" + path, value)])
            .Build()
            .GetSection("Qwen");

        var unknown = Assert.Single(OptionKeys.OfChat.UnknownOf(section));

        Assert.Equal("Qwen:" + path, unknown.Path);
        Assert.StartsWith(known, unknown.Known, StringComparison.Ordinal);
    }

    // What the binder can set: no delegates, and lists by their items.
    private static IEnumerable<string> PathsOf(Type type)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var of = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (of.IsAssignableTo(typeof(Delegate)))
            {
                continue;
            }

            var isPart = of.IsClass && of.Namespace == "Connectors.Qwen";
            foreach (var path in isPart ? PathsOf(of).Select(path => $"{property.Name}:{path}") : [property.Name])
            {
                yield return path;
            }
        }
    }

    private static IConfigurationSection Section(string[] keys)
    {
        return new ConfigurationBuilder()
            .AddInMemoryCollection(keys.Select(static key => new KeyValuePair<string, string?>($"Qwen:{key}", "1")))
            .Build()
            .GetSection("Qwen");
    }
}
