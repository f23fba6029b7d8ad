using System.Diagnostics;
using Connectors.Qwen.Errors;

namespace Connectors.Qwen.Pipeline;

/// <summary>The three stages that share a call.</summary>
internal enum Stage
{
    StreamingFallback,
    TimeoutRetry,
    TokenRefresh,
}

/// <summary>
/// One logical call: what the caller asked for once, however many requests it takes. Created by whichever stage is
/// outermost, found by the others through the execution context; never through the options, which go on the wire.
/// </summary>
/// <remarks>One call runs one attempt at a time, so its state needs no lock.</remarks>
internal sealed class QwenCall
{
    private static readonly AsyncLocal<QwenCall?> Ambient = new();

    private readonly object?[] _stages = new object?[3];
    private readonly TimeProvider _time;
    private readonly object _owner;
    private bool _isPaid = true;
    private bool _isLocated;

    private QwenCall(object owner, MessageSnapshot messages, TimeProvider time)
    {
        _owner = owner;
        _time = time;
        Messages = messages;
        StartedAt = time.GetTimestamp();
    }

    /// <summary>The call of the attempt that runs now. Read it when a client is called, not later: it is set per attempt.</summary>
    public static QwenCall? Current => Ambient.Value;

    /// <summary>What is asked.</summary>
    public MessageSnapshot Messages { get; }

    /// <summary>When the call began, by its clock.</summary>
    public long StartedAt { get; }

    /// <summary>Where its requests go; null where all calls go to one endpoint, or nobody can tell.</summary>
    public Uri? Endpoint { get; private set; }

    /// <summary>What was tried, for those who want to know.</summary>
    public CallLedger Ledger { get; } = new();

    /// <summary>The span that stands for the whole call; null while nobody listens.</summary>
    public Activity? Span { get; set; }

    /// <summary>Requests sent so far: the first, and one for each permit taken, without those that were held back here.</summary>
    public int Attempts { get; private set; } = 1;

    /// <summary>No call sends more requests than this, whatever its stages would like.</summary>
    public int MaxAttempts { get; set; } = TimeoutRetryOptions.DefaultMaxAttempts;

    /// <summary>What all calls of a client together may send beyond their first requests; null for no limit.</summary>
    public RetryBudget? Budget { get; set; }

    /// <summary>How long the call may wait in all.</summary>
    public TimeSpan TotalTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>How long it has waited: for the server, for tokens, between attempts; not while its consumer thinks.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>What is left of <see cref="TotalTimeout"/>.</summary>
    public TimeSpan Remaining =>
        TotalTimeout == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue
        : Waited < TotalTimeout ? TotalTimeout - Waited
        : TimeSpan.Zero;

    /// <summary>The clock of the attempt that runs now; stopped while a token is being renewed.</summary>
    public AttemptClock? Clock { get; set; }

    /// <summary>Whether a part of a whole answer is of use, so that the whole need not be asked for again in the same form.</summary>
    public bool TakesParts { get; set; }

    /// <summary>How long the last request for a whole answer took; null where no stage measures it.</summary>
    public TimeSpan? AttemptTime { get; set; }

    /// <summary>How often a rejected token was replaced for this call.</summary>
    public int Renewals { get; set; }

    /// <summary>Whether a token was replaced for this call on the suspicion that it had ended.</summary>
    public bool HasSuspected { get; set; }

    /// <summary>
    /// Joins the call of an outer stage, or begins one. A pipeline inside another pipeline (a router, an agent as a client)
    /// begins its own: its stage is taken.
    /// </summary>
    public static QwenCall Join(
        QwenCall? ambient,
        Stage stage,
        object client,
        MessageSnapshot messages,
        TimeProvider time
    )
    {
        var taken = ambient?._stages[(int)stage];
        var call =
            ambient is not null && (taken is null || ReferenceEquals(taken, client))
                ? ambient
                : new QwenCall(client, messages, time);
        call._stages[(int)stage] = client;
        return call;
    }

    /// <summary>Whether <paramref name="client"/> is the outermost stage: it tells the caller what became of the call.</summary>
    public bool IsOwnedBy(object client)
    {
        return ReferenceEquals(_owner, client);
    }

    /// <summary>Whether a stage takes part in this call.</summary>
    public bool Has(Stage stage)
    {
        return _stages[(int)stage] is not null;
    }

    /// <summary>Finds out where its requests go, once.</summary>
    public async ValueTask LocateAsync(IRoutesCalls? routes, CancellationToken cancellationToken)
    {
        if (routes is null || _isLocated)
        {
            return;
        }

        var started = _time.GetTimestamp();
        try
        {
            Endpoint = await routes.FindEndpointAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // There is no credential now: the request itself will say so.
        }

        _isLocated = true;
        AddWait(started);
    }

    /// <summary>Makes this the call that inner clients find. Undone when the async method that calls it returns.</summary>
    public void EnterAttempt()
    {
        Ambient.Value = this;
    }

    /// <summary>Asks for one more request. The first is free; every one after it needs a permit.</summary>
    /// <param name="isFree">Whether it costs nothing of the budget of all calls: a token that had ended is replaced for everybody at once, and each
    /// call sends again once.</param>
    /// <returns>Why it is refused; null when it may be sent.</returns>
    public string? TakePermit(bool isFree = false)
    {
        if (Attempts > 0)
        {
            if (Attempts >= MaxAttempts)
            {
                return "the call has sent as many requests as TimeoutRetry.MaxAttempts allows";
            }

            _isPaid = !isFree;
            if (_isPaid && Budget?.TryTake() == false)
            {
                return "the retry budget of this client is used up (TimeoutRetry.RetryBudget)";
            }
        }

        Attempts++;
        return null;
    }

    /// <summary>Takes back a request that was not sent after all.</summary>
    public void Unsent()
    {
        Attempts--;
        if (Attempts > 0 && _isPaid)
        {
            Budget?.GiveBack();
        }
    }

    /// <summary>Adds a wait whose length is known.</summary>
    public void AddWait(TimeSpan wait)
    {
        Waited += wait;
    }

    /// <summary>Adds to what the call has waited since <paramref name="timestamp"/>.</summary>
    public void AddWait(long timestamp)
    {
        Waited += _time.GetElapsedTime(timestamp);
    }
}
