using System.Globalization;
using Connectors.Qwen.IntegrationTests.Faults.Tokens.Secrets;
using Connectors.Qwen.IntegrationTests.Processes;
using Connectors.Qwen.IntegrationTests.Testing;

namespace Connectors.Qwen.IntegrationTests.Soak;

/// <summary>
/// T47: many calls at once through one client, some of them with faults that heal, in a process that does nothing else. <c>.ci/long</c>
/// does it for longer, each time with another seed; SOAK_SEED repeats one.
/// </summary>
[Collection(nameof(Alone))]
public sealed class SoakTests
{
    private const string SeedVariable = "SOAK_SEED";
    private const string RoundsVariable = "SOAK_ROUNDS";

    // What the pool of the simulator, those of two clients and the JIT may still add after a round.
    // A round has hundreds of calls: what each of them left would be more.
    private const long SomeBytes = 2 << 20;
    private const int SomeTimers = 2;

    // Both ends of a connection for each call, and those that listen, renew and list models.
    private const int MaxSockets = (2 * SoakRun.AtATime) + 8;

    [Fact]
    public async Task T47_SixHundredCalls_EndAsTheirRowsSayAndNothingIsLeaked()
    {
        // What thousands of other tests have left and go on with would be counted here.
        await using var process = Child.Tests(
            new() { [SeedVariable] = "47", [RoundsVariable] = "3" },
            "-explicit",
            "only",
            "-method",
            $"*.{nameof(T47_ManyCalls_EndAsTheirRowsSayAndNothingIsLeaked)}",
            "-showLiveOutput",
            "-noColor"
        );
        try
        {
            await process.SucceededAsync();
        }
        finally
        {
            Tell(process.Said);
        }

        Assert.Contains("600 calls", process.Said);
    }

    [Fact(Explicit = true)]
    public Task T47_ManyCalls_EndAsTheirRowsSayAndNothingIsLeaked()
    {
        return SoakAsync(Given(SeedVariable) ?? Environment.TickCount, Given(RoundsVariable) ?? 50);
    }

    private static int? Given(string variable)
    {
        return int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var given)
            ? given
            : null;
    }

    private static async Task SoakAsync(int seed, int rounds)
    {
        Tell($"Seed {seed}");
        using var meter = new Levels.Meter();
        var before = meter.Read();
        Tell($"Before: {before}");
        await using (var run = await SoakRun.StartAsync(seed))
        {
            await run.WarmUpAsync();
            var warm = meter.Read();
            Tell($"Warm: {warm}");
            var levels = new List<Levels>();
            for (var round = 1; round <= rounds; round++)
            {
                await run.RoundAsync();
                levels.Add(meter.Read());
                Tell($"After round {round}: {levels[^1]}");
            }

            Tell($"{rounds * SoakRun.Calls} calls, {run.Requests} requests; {string.Join(", ", run.Rows)}");
            AssertFlat(levels, before);
            await SettleAsync(
                meter,
                now =>
                    now is { Queued: 0, Requests: 0 } && now.Timers <= warm.Timers + SomeTimers && run.PlacesTaken == 0
            );
        }

        await SettleAsync(meter, now => now.Sockets <= before.Sockets && now.Timers <= before.Timers);
    }

    private static void AssertFlat(List<Levels> levels, Levels before)
    {
        // The first third fills what is kept for use.
        var third = levels.Count / 3;
        var earlier = levels.Skip(third).Take(third).Min(static level => level.Bytes);
        var later = levels.TakeLast(third).Min(static level => level.Bytes);
        Assert.True(later - earlier < SomeBytes, $"{later - earlier} bytes more are held than some rounds before.");
        Assert.All(levels, level => Assert.InRange(level.Sockets, 0, before.Sockets + MaxSockets));
    }

    private static async Task SettleAsync(Levels.Meter meter, Func<Levels, bool> isSettled)
    {
        var now = meter.Read();
        var isSo = await Eventually.TrueAsync(() => isSettled(now = meter.Read()));
        Tell($"In the end: {now}");
        Assert.True(isSo, $"Something is left over: {now}");
    }

    private static void Tell(string what)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(what);
    }
}
