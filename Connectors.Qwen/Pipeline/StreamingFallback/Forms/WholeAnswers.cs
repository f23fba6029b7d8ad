namespace Connectors.Qwen.Pipeline;

/// <summary>
/// Whether whole answers come where the streams of a model fail. When many calls fail at the same moment the budget cannot pay for a change of form for
/// each of them; so one finds out, the others wait for it, and where whole answers come they are asked for free. Where none come, nothing more is sent.
/// Thread-safe.
/// </summary>
internal sealed class WholeAnswers(TimeProvider time)
{
    /// <summary>How long it is known.</summary>
    public static readonly TimeSpan Lasting = TimeSpan.FromSeconds(10);

    // Longer than a whole answer may take by default; and a timer's own limit is weeks.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly object _gate = new();
    private DateTimeOffset _comeUntil;
    private DateTimeOffset _failUntil;
    private QwenCall? _prober;
    private TaskCompletionSource? _probe;

    /// <summary>Whether a call that cannot pay may ask for the whole answer all the same: because they come, or to find out.</summary>
    public async ValueTask<bool> MayAskAsync(QwenCall call, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task probe;
            lock (_gate)
            {
                var now = time.GetUtcNow();
                if (now < _comeUntil || now < _failUntil)
                {
                    return now < _comeUntil;
                }

                if (_probe is null)
                {
                    // Those who wait go on elsewhere, not within the call that ends it.
                    _probe = new(TaskCreationOptions.RunContinuationsAsynchronously);
                    _prober = call;
                    return true;
                }

                probe = _probe.Task;
            }

            var wait = call.Remaining < Patience ? call.Remaining : Patience;
            var started = time.GetTimestamp();
            try
            {
                await probe.WaitAsync(wait, time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return false;
            }
            finally
            {
                call.AddWait(started);
            }
        }
    }

    /// <summary>A whole answer that was asked for in the place of a stream has come or not; neither where its caller left, or only its own request was wrong.</summary>
    public void Ended(QwenCall call, bool? came)
    {
        TaskCompletionSource? probe = null;
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (came == true)
            {
                _comeUntil = now + Lasting;
            }

            if (came == true || ReferenceEquals(_prober, call))
            {
                (probe, _probe, _prober) = (_probe, null, null);
                _failUntil = came == false ? now + Lasting : _failUntil;
            }
        }

        probe?.SetResult();
    }
}
