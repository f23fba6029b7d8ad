namespace Connectors.Qwen.Credentials;

/// <summary>Tries again, behind the calls, to keep what could not be kept: one try at a time. Thread-safe.</summary>
internal sealed class LateSaving(ICredentialSource source)
{
    private readonly object _gate = new();
    private Task _running = Task.CompletedTask;
    private bool _isClosed;

    /// <summary>Starts a try that nobody waits for, unless one runs.</summary>
    public void TryBehind()
    {
        lock (_gate)
        {
            if (!_isClosed && _running.IsCompleted)
            {
                _running = Detached.Run(TryAsync);
            }
        }
    }

    /// <summary>Begins nothing any more; what still runs holds locks and files.</summary>
    public Task Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            return _running;
        }
    }

    private async Task<bool> TryAsync()
    {
        await source.SaveAgainAsync(CancellationToken.None).ConfigureAwait(false);
        return true;
    }
}
