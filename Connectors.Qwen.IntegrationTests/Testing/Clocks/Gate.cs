using Connectors.Qwen.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Testing.Clocks;

/// <summary>A clock for the simulator alone, by which it holds an answer back until the test lets it go.</summary>
internal sealed class Gate() : FakeTimeProvider(TimeProvider.System.GetUtcNow())
{
    private static readonly TimeSpan Closed = TimeSpan.FromMinutes(1);

    /// <summary>The behaviour, held back together with the checks of the request.</summary>
    public static QwenBehavior Hold(QwenBehavior behavior)
    {
        return behavior.After(Closed);
    }

    /// <summary>Lets a held answer go.</summary>
    public async Task OpenAsync(QwenExchange held)
    {
        // It is in the journal a moment before it is held.
        while (held.State < QwenExchangeState.Responding)
        {
            Advance(Closed);
            await Task.Delay(TimeSpan.FromMilliseconds(2), TestContext.Current.CancellationToken);
        }
    }
}
