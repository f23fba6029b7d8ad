using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>One answer to its caller, whatever it takes: when a stream breaks off, the next one goes on where it broke.</summary>
internal sealed class ContinuedStream : IAsyncEnumerator<ChatResponseUpdate>
{
    private readonly ContinuationRun _run;
    private readonly AnswerSoFar _answer;
    private readonly ResumeTokens? _tokens;
    private IAsyncEnumerator<ChatResponseUpdate>? _stream;
    private bool _isEnded;

    /// <param name="run">What finds the next stream.</param>
    /// <param name="answer">What was handed out so far.</param>
    /// <param name="stream">The stream to begin with.</param>
    /// <param name="tokens">What gives updates their tokens; null when nobody asks for them.</param>
    public ContinuedStream(
        ContinuationRun run,
        AnswerSoFar answer,
        IAsyncEnumerator<ChatResponseUpdate> stream,
        ResumeTokens? tokens
    )
    {
        _tokens = tokens;
        _run = run;
        _answer = answer;
        _stream = stream;
    }

    public ChatResponseUpdate Current { get; private set; } = null!;

    public ValueTask<bool> MoveNextAsync()
    {
        if (_isEnded || _stream is null)
        {
            return new(false);
        }

        // An answer that never broke off passes through as it is.
        var pending = _stream.MoveNextAsync();
        return _run.Joint is null && pending.IsCompletedSuccessfully
            ? new(pending.Result ? Pass(_stream.Current) : Finish())
            : WaitAsync(pending);
    }

    public async ValueTask DisposeAsync()
    {
        var stream = _stream;
        _stream = null;
        if (stream is not null)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }

        _answer.Dispose();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync(ValueTask<bool> pending)
    {
        while (true)
        {
            try
            {
                var moved = await pending.ConfigureAwait(false);
                if (Take(moved))
                {
                    return true;
                }

                if (!moved)
                {
                    return Finish();
                }
            }
            catch (Exception e)
            {
                // First: it may hold the place that the next request needs.
                await LeaveAsync().ConfigureAwait(false);
                var (next, failure) = await _run.NextAsync(e).ConfigureAwait(false);
                if (failure is not null)
                {
                    failure.ThrowUnlessIs(e);
                    throw;
                }

                if (next is null)
                {
                    return EndHere();
                }

                _stream = next;
            }

            pending = _stream!.MoveNextAsync();
        }
    }

    /// <summary>Whether there is something to hand out; when not, the next update decides.</summary>
    private bool Take(bool moved)
    {
        if (_run.Joint is not { } joint)
        {
            return moved && Pass(_stream!.Current);
        }

        ChatResponseUpdate? update;
        if (moved)
        {
            _run.Notice(_stream!.Current);
            update = joint.Join(_stream.Current);
        }
        else
        {
            // A foreign stream that ends without a reason is at its end all the same.
            var rest = joint.End();
            update = rest.Length > 0 ? _answer.Adopt(new ChatResponseUpdate(), [new TextContent(rest)]) : null;
        }

        if (joint.State is SeamState.Doubtful or SeamState.Contradicted)
        {
            throw _run.Misfit();
        }

        return update is not null && Pass(Checked(update));
    }

    // A continuation is not held to the form of the answer; only the whole can be looked at.
    private ChatResponseUpdate Checked(ChatResponseUpdate update)
    {
        if (
            update.FinishReason == ChatFinishReason.Stop
            && _run.Traits.IsJson
            && !_run.IsDocument(_answer.Text + update.Text)
        )
        {
            throw new QwenException(
                QwenFailureKind.StreamInterrupted,
                "The answer broke off, and with what the server went on with it is not JSON."
            )
            {
                IsPermanent = true,
            };
        }

        _isEnded = _run.Joint is { IsStopped: true };
        return update;
    }

    private bool Pass(ChatResponseUpdate update)
    {
        _answer.Add(update);
        Current = _tokens is null ? update : _tokens.Stamp(update);
        if (_isEnded)
        {
            _run.Finished();
        }

        return true;
    }

    private bool Finish()
    {
        if (!_isEnded)
        {
            _isEnded = true;
            _run.Finished();
        }

        return false;
    }

    /// <summary>The answer is at its end, though no server has told so.</summary>
    private bool EndHere()
    {
        _isEnded = true;
        _run.Finished();
        if (_answer.IsFinished)
        {
            return false;
        }

        Current = _answer.End(_run.IsAtLimit ? ChatFinishReason.Length : ChatFinishReason.Stop);
        _answer.Add(Current);
        return true;
    }

    private async ValueTask LeaveAsync()
    {
        var stream = _stream;
        _stream = null;
        try
        {
            if (stream is not null)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }
        }
        catch (Exception)
        {
            // It has broken off already; what it says of its end is no news.
        }
    }
}
