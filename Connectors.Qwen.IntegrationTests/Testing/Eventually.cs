using System.Diagnostics;

namespace Connectors.Qwen.IntegrationTests.Testing;

/// <summary>Waits, within bounds, for what another thread or process is about to do and tells nobody of.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Waits until it is so.</summary>
    /// <returns>Whether it is so.</returns>
    public static async Task<bool> TrueAsync(Func<bool> isSo)
    {
        for (var waited = Stopwatch.StartNew(); !isSo(); )
        {
            if (waited.Elapsed > Patience)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken);
        }

        return true;
    }
}
