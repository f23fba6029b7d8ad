namespace Connectors.Qwen.Demos.Chat;

/// <summary>Ctrl+C: cancels what is running now; a second one while that is still ending ends the program.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly object _gate = new();
    private readonly Action _beforeTheEnd;
    private CancellationTokenSource? _running;

    /// <param name="beforeTheEnd">Puts the terminal right when the program is about to be ended from outside.</param>
    public Interrupts(Action beforeTheEnd)
    {
        _beforeTheEnd = beforeTheEnd;
        Console.CancelKeyPress += OnCancelKeyPress;
    }

    /// <summary>Runs something that Ctrl+C cancels.</summary>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> action)
    {
        using var source = new CancellationTokenSource();
        SetRunning(source);
        try
        {
            return await action(source.Token);
        }
        finally
        {
            SetRunning(null);
        }
    }

    public void Dispose()
    {
        Console.CancelKeyPress -= OnCancelKeyPress;
    }

    private void SetRunning(CancellationTokenSource? source)
    {
        lock (_gate)
        {
            _running = source;
        }
    }

    private void OnCancelKeyPress(object? sender, ConsoleCancelEventArgs e)
    {
        lock (_gate)
        {
            if (_running is { IsCancellationRequested: false } running)
            {
                e.Cancel = true;

                // Not here: callbacks of the token would run on the signal's thread, under this lock.
                _ = running.CancelAsync();
                return;
            }
        }

        _beforeTheEnd();
    }
}
