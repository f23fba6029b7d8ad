using Connectors.Qwen.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Testing;

/// <summary>
/// A clock for tests of silence: it goes with the real one, and leaps over <see cref="Limit"/> when the simulator has fallen
/// silent. So the clocks under test are longer than any healthy request takes on any machine, and the tests take milliseconds.
/// </summary>
internal sealed class SilenceClock : FakeTimeProvider, IAsyncDisposable
{
    /// <summary>How long the clocks under test should be.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // Over the limit, and under the default of a minute: the first-token clock of a test about the idle clock is not hit.
    private static readonly TimeSpan Leap = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(5);

    // A machine that stood still must not run a clock down: what was not done in that time was nobody's fault.
    private static readonly TimeSpan LongestTurn = TimeSpan.FromMilliseconds(100);

    // The client has to read what was sent before the silence. Turns and not a time: a stall of the process costs one of them.
    private const int TurnsBeforeLeap = 10;

    private readonly QwenJournal _journal;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _going;

    public SilenceClock(QwenJournal journal)
        : base(TimeProvider.System.GetUtcNow())
    {
        _journal = journal;
        // On the pool and outside the runner's context: whatever starves the client should starve this too.
        _going = Task.Run(GoAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _going;
        _stop.Dispose();
    }

    private async Task GoAsync()
    {
        var seen = new HashSet<int>();
        QwenExchange? silent = null;
        var turns = 0;
        var last = TimeProvider.System.GetTimestamp();
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(Turn, CancellationToken.None).ConfigureAwait(false);
            var now = TimeProvider.System.GetTimestamp();
            var passed = TimeProvider.System.GetElapsedTime(last, now);
            last = now;
            // The flow is for the waits between attempts.
            Advance(passed < LongestTurn ? passed : LongestTurn);

            if (silent is null)
            {
                silent = _journal.Exchanges.FirstOrDefault(exchange => IsSilent(exchange) && seen.Add(exchange.Number));
                turns = 0;
            }
            else if (++turns == TurnsBeforeLeap)
            {
                // One leap for each silence: a second one might hit the request that the client sends next.
                if (IsSilent(silent))
                {
                    Advance(Leap);
                }

                silent = null;
            }
        }
    }

    private static bool IsSilent(QwenExchange exchange)
    {
        return exchange.State == QwenExchangeState.Silent;
    }
}
