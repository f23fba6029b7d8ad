namespace Connectors.Qwen.Worker;

/// <summary>
/// A process that shares a credential file with others, or stores an answer and dies. It speaks by lines: says <c>ready</c>, waits for a line, works, says what came
/// of it. Exit code 0: as asked; 1: a failure that was said; 2: misused; 3: it lived too long.
/// </summary>
internal static class Program
{
    // Whatever becomes of the tests, nothing of theirs stays behind.
    private static readonly TimeSpan MaxLife = TimeSpan.FromMinutes(3);

    public static async Task<int> Main(string[] args)
    {
        using var end = new Timer(static _ => Environment.Exit(3), null, MaxLife, Timeout.InfiniteTimeSpan);
        var order = new Order(args);
        try
        {
            switch (order.Command)
            {
                case "hammer":
                    return await Renewals.HammerAsync(order);
                case "refresh-once":
                    return await Renewals.OnceAsync(order);
                case "save-loop":
                    return await Saves.LoopAsync(order);
                case "save-steps":
                    return await Saves.StepsAsync(order);
                case "hold-lock":
                    return await Locks.HoldAsync(order);
                case "race":
                    return await Locks.RaceAsync(order);
                case "ask":
                    return await Asking.StoreAsync(order);
                default:
                    Talk.Say($"unknown command {order.Command}");
                    return 2;
            }
        }
        catch (QwenException e)
        {
            Talk.Say($"failed {e.Kind} {e.Message}");
            return 1;
        }
    }
}
