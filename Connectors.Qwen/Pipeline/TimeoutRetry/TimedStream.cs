using System.Runtime.CompilerServices;
using Connectors.Qwen.Continuation;
using Connectors.Qwen.Errors;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>
/// An opened stream under its idle clock, which runs only while the server is waited for. It keeps the text that has come:
/// when a clock ends the stream, only here is it known.
/// </summary>
internal sealed class TimedStream(IAsyncEnumerator<ChatResponseUpdate> stream, Attempt attempt, TimeSpan idleTimeout)
    : IAsyncEnumerator<ChatResponseUpdate>
{
    // After the finish reason only usage is to come, in the next moment or never.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly PartialText _received = new();
    private TimeSpan _silence;
    private bool _isFinished;

    public ChatResponseUpdate Current => stream.Current;

    public ValueTask<bool> MoveNextAsync()
    {
        // What has arrived already needs no clock.
        var pending = stream.MoveNextAsync();
        return pending.IsCompletedSuccessfully ? new(Accept(pending.Result)) : WaitAsync(pending);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            attempt.Dispose();
            _received.Dispose();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync(ValueTask<bool> pending)
    {
        var limit = _isFinished && Grace < idleTimeout ? Grace : idleTimeout;
        var waited = attempt.Clock.Waited;
        attempt.Clock.Arm(QwenFailureKind.IdleTimeout, limit, _silence);
        try
        {
            return Accept(await pending.ConfigureAwait(false));
        }
        catch (Exception e)
        {
            if (_isFinished && attempt.Clock.Translate(e) is QwenException)
            {
                // The answer is whole; only its usage did not come.
                return false;
            }

            var failure = attempt.Failed(e, _received);
            failure.ThrowUnlessIs(e);
            throw;
        }
        finally
        {
            attempt.Clock.Rest();
            _silence = stream.Current is SilentUpdate ? _silence + (attempt.Clock.Waited - waited) : TimeSpan.Zero;
        }
    }

    private bool Accept(bool moved)
    {
        if (moved)
        {
            var update = stream.Current;
            _isFinished |= update.FinishReason is not null;
            var contents = update.Contents;
            for (var i = 0; i < contents.Count; i++)
            {
                _received.Append((contents[i] as TextContent)?.Text);
            }
        }

        return moved;
    }
}
