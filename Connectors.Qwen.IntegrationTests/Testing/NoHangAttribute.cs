using System.Collections.Concurrent;
using System.Reflection;
using Connectors.Qwen.IntegrationTests.Testing;
using Xunit.v3;

[assembly: NoHang]

namespace Connectors.Qwen.IntegrationTests.Testing;

/// <summary>A test that waits for what never comes ends the run and is named, instead of holding it up in silence.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class NoHangAttribute : BeforeAfterTestAttribute
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);
    private static readonly ConcurrentDictionary<string, Timer> Running = new();

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        Running[test.UniqueID] = new Timer(_ => Give(test.TestDisplayName), null, Limit, Timeout.InfiniteTimeSpan);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (Running.TryRemove(test.UniqueID, out var timer))
        {
            timer.Dispose();
        }
    }

    private static void Give(string name)
    {
        Console.Error.WriteLine($"{name} has not ended within {Limit}.");
        Environment.Exit(70);
    }
}
