using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>An opened stream under its idle clock. The clock runs only while the server is waited for.</summary>
internal sealed class TimedStream(CommittedStream stream, AttemptClock clock, TimeSpan idleTimeout) : IAsyncDisposable
{
    private int _handedOut;

    public ChatResponseUpdate Current { get; private set; } = null!;

    public ValueTask<bool> MoveNextAsync()
    {
        if (_handedOut < stream.Held.Count)
        {
            Current = stream.Held[_handedOut++];
            return new(true);
        }

        // What has arrived already needs no clock.
        var pending = stream.Rest.MoveNextAsync();
        return pending.IsCompletedSuccessfully ? new(Accept(pending.Result)) : WaitAsync(pending);
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync().ConfigureAwait(false);
        clock.Dispose();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync(ValueTask<bool> pending)
    {
        clock.Arm(QwenFailureKind.IdleTimeout, idleTimeout);
        try
        {
            return Accept(await pending.ConfigureAwait(false));
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

    private bool Accept(bool moved)
    {
        if (moved)
        {
            Current = stream.Rest.Current;
        }

        return moved;
    }
}
