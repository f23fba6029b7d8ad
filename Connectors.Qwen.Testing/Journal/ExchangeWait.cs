namespace Connectors.Qwen.Testing;

/// <summary>Somebody who waits for an exchange.</summary>
internal sealed class ExchangeWait(Func<QwenExchange, bool> predicate)
{
    // Continuations must not run on the thread that serves the exchange.
    private readonly TaskCompletionSource<QwenExchange> _found = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    public Task<QwenExchange> Task => _found.Task;

    public void Consider(QwenExchange exchange)
    {
        if (_found.Task.IsCompleted)
        {
            return;
        }

        try
        {
            if (predicate(exchange))
            {
                _found.TrySetResult(exchange);
            }
        }
        catch (Exception exception)
        {
            _found.TrySetException(exception);
        }
    }

    public void GiveUp() =>
        _found.TrySetException(
            new InvalidOperationException("The simulator was disposed before an exchange satisfied the condition.")
        );
}
