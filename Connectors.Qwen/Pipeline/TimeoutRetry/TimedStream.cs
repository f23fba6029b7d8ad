using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>An opened stream under its idle clock. The clock runs only while the server is waited for.</summary>
internal sealed class TimedStream(CommittedStream stream, AttemptClock clock, TimeSpan idleTimeout) : IAsyncDisposable
{
    public ChatResponseUpdate Current => stream.Current;

    public ValueTask<bool> MoveNextAsync()
    {
        // What has arrived already needs no clock.
        var pending = stream.MoveNextAsync();
        return pending.IsCompletedSuccessfully ? pending : WaitAsync(pending);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            clock.Dispose();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync(ValueTask<bool> pending)
    {
        clock.Arm(QwenFailureKind.IdleTimeout, idleTimeout);
        try
        {
            return await pending.ConfigureAwait(false);
        }
        catch (Exception e) when (clock.Translate(e) is { } failure)
        {
            throw failure;
        }
        finally
        {
            clock.Disarm();
        }
    }
}
