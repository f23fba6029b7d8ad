using System.Diagnostics;

namespace Connectors.Qwen.Worker;

/// <summary>What is done with the lock alone.</summary>
internal static class Locks
{
    /// <summary>Holds it until it is told to let go, or killed.</summary>
    public static async Task<int> HoldAsync(Order order)
    {
        await using (await order.Store().AcquireAsync())
        {
            Talk.Ready();
        }

        Talk.Say("released");
        return 0;
    }

    /// <summary>
    /// Takes it again and again and each time leaves it behind as the lock of an owner that died long ago, so that all others want
    /// to break it at once. Two owners at a time are noticed by a file that only one can create.
    /// </summary>
    public static async Task<int> RaceAsync(Order order)
    {
        // A hundred times more looks than in life: otherwise two would hardly ever come to break at the same moment.
        var store = new FileCredentialStore(order.File, null, new HastyTime());
        var path = Path.ChangeExtension(order.File, ".lock");
        if (!Talk.Ready())
        {
            return 2;
        }

        var (taken, clashes) = (0, 0);
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(order.Number("seconds")))
        {
            var lease = await store.AcquireAsync();
            if (lease.Obstacle is { } obstacle)
            {
                throw obstacle;
            }

            taken++;
            clashes += await OwnAsync(path + ".owner") ? 0 : 1;
            // Not given back, as if it had been killed.
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddSeconds(-40));
            foreach (var temp in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, $"*.{Environment.ProcessId}.*"))
            {
                File.Delete(temp);
            }
        }

        Talk.Say($"taken={taken} clashes={clashes}");
        return clashes == 0 ? 0 : 1;
    }

    private static async Task<bool> OwnAsync(string witness)
    {
        try
        {
            await using (new FileStream(witness, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite)) { }
        }
        catch (IOException)
        {
            return false;
        }

        // Long enough for those who broke the lock at the same time to arrive.
        await Task.Delay(2);
        File.Delete(witness);
        return true;
    }

    /// <summary>The system's clock, whose timers do not take the time they are told to.</summary>
    private sealed class HastyTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var isWait = dueTime > TimeSpan.Zero && dueTime < TimeSpan.FromSeconds(5);
            return base.CreateTimer(callback, state, isWait ? dueTime / 100 : dueTime, period);
        }
    }
}
