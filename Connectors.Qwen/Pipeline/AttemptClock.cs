using Connectors.Qwen.Errors;

namespace Connectors.Qwen.Pipeline;

/// <summary>
/// The clock of one attempt: one cancellation source, armed again for each wait, so that a chunk costs no allocation. It
/// runs only while we wait for the server, and never longer than what the whole call has left.
/// </summary>
internal sealed class AttemptClock : IDisposable
{
    private readonly QwenCall _call;
    private readonly TimeProvider _time;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _registration;
    private long _startedAt;
    private TimeSpan _limit;
    private QwenFailureKind _kind;
    private bool _isTotal;
    private bool _isResting;

    public AttemptClock(QwenCall call, TimeProvider time, CancellationToken caller)
    {
        _call = call;
        _time = time;
        _caller = caller;
        _source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _registration = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    /// <summary>Cancelled by the caller or by this clock.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>How long the call has waited in all.</summary>
    public TimeSpan Waited => _call.Waited;

    /// <summary>Starts a wait.</summary>
    /// <param name="kind">What it is when the clock runs out.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="spent">How much of that an earlier wait has taken, which brought nothing.</param>
    public void Arm(QwenFailureKind kind, TimeSpan limit, TimeSpan spent = default)
    {
        _call.Clock = this;
        _startedAt = _time.GetTimestamp();
        if (_isResting && _source.IsCancellationRequested)
        {
            // Who comes back so late is told what happened meanwhile.
            return;
        }

        _isResting = false;
        _kind = kind;
        _limit = limit == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : limit;
        var left = _limit > spent ? _limit - spent : TimeSpan.Zero;
        _isTotal = _call.Remaining <= left;
        Schedule(_isTotal ? _call.Remaining : left);
    }

    /// <summary>Starts a wait that is not for the server: only the total goes.</summary>
    public void ArmTotal()
    {
        Arm(QwenFailureKind.TotalTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Begins the same wait anew, because something came.</summary>
    public void Restart()
    {
        Stop();
        Arm(_kind, _limit);
    }

    /// <summary>Ends a wait and counts it.</summary>
    public void Disarm()
    {
        Stop();
        _call.Clock = null;
    }

    /// <summary>
    /// Ends a wait of a stream that goes on. Its consumer may take its time, but one that never comes back must not keep the connection:
    /// after a whole total it is closed.
    /// </summary>
    public void Rest()
    {
        if (!_source.IsCancellationRequested)
        {
            _isResting = true;
        }

        _call.AddWait(_startedAt);
        _call.Clock = null;
        Schedule(_call.TotalTimeout == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : _call.TotalTimeout);
    }

    /// <summary>Stops the attempt's clock while a token is renewed; only the total goes on.</summary>
    public void Pause()
    {
        Stop();
        _isTotal = true;
        Schedule(_call.Remaining);
    }

    /// <summary>Goes on after <see cref="Pause"/>: the attempt's time begins when the request is sent.</summary>
    public void Resume(long pausedAt)
    {
        _call.AddWait(pausedAt);
        Arm(_kind, _limit);
    }

    /// <summary>
    /// What an exception of the attempt really was: the caller's cancellation with the caller's token, or a clock that ran
    /// out. Null when it was neither.
    /// </summary>
    public Exception? Translate(Exception exception)
    {
        return _caller.IsCancellationRequested && exception is OperationCanceledException
                ? new OperationCanceledException(exception.Message, exception, _caller)
            : _source.IsCancellationRequested && !_caller.IsCancellationRequested
                ? new QwenException(IsTotal ? QwenFailureKind.TotalTimeout : _kind, Describe(exception), exception)
                {
                    // Armed with the total alone it waited for its turn (ArmTotal).
                    IsUnsent = !_isResting && _kind == QwenFailureKind.TotalTimeout,
                    RequestId = (exception as WaitInterruptedException)?.RequestId,
                }
            : null;
    }

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }

    private bool IsTotal => _isTotal || _isResting;

    private void Stop()
    {
        _source.CancelAfter(Timeout.InfiniteTimeSpan);
        _call.AddWait(_startedAt);
    }

    private void Schedule(TimeSpan due)
    {
        // Beyond the timer's range (about 49 days) there is no deadline.
        _source.CancelAfter(due.TotalMilliseconds < uint.MaxValue - 1 ? due : Timeout.InfiniteTimeSpan);
    }

    private string Describe(Exception exception)
    {
        var kind = IsTotal ? QwenFailureKind.TotalTimeout : _kind;
        var what = kind switch
        {
            _ when _isResting => "The stream was closed because nobody read it",
            QwenFailureKind.RequestTimeout => "The answer did not come",
            QwenFailureKind.FirstTokenTimeout => "The stream brought no word",
            QwenFailureKind.IdleTimeout => "The stream fell silent and brought nothing more",
            _ => "The whole call did not end",
        };
        var limit = IsTotal ? _call.TotalTimeout : _limit;
        var phase = exception is WaitInterruptedException wait ? $": {wait.Phase}" : "";
        return FormattableString.Invariant(
            $"{what} within {limit.TotalSeconds:0.###} s ({kind}){phase}. {FailureTable.Of(kind).Advice}"
        );
    }
}
