namespace Connectors.Qwen.UnitTests.Testing.Tokens;

/// <summary>Waits for work on other threads. The limit is real time, and only to fail instead of hanging.</summary>
internal static class Guard
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static Task<T> WaitAsync<T>(Task<T> task)
    {
        return task.WaitAsync(Limit);
    }

    public static Task WaitAsync(Task task)
    {
        return task.WaitAsync(Limit);
    }

    /// <summary>Waits until something that nobody announces has happened.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var guard = new CancellationTokenSource(Limit);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), guard.Token);
        }
    }
}
