using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

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
    private readonly MessageSnapshot _messages;
    private List<FailedAttempts>? _failures;

    private QwenCall(object owner, MessageSnapshot messages, TimeProvider time)
    {
        _owner = owner;
        _messages = messages;
        _time = time;
    }

    /// <summary>The call of the attempt that runs now. Read it when a client is called, not later: it is set per attempt.</summary>
    public static QwenCall? Current => Ambient.Value;

    /// <summary>Requests sent so far: the first, and one for each permit taken.</summary>
    public int Attempts { get; private set; } = 1;

    /// <summary>No call sends more requests than this, whatever its stages would like.</summary>
    public int MaxAttempts { get; set; } = TimeoutRetryOptions.DefaultMaxAttempts;

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

    /// <summary>How often a rejected token was replaced for this call.</summary>
    public int Renewals { get; set; }

    /// <summary>Whether a token was replaced for this call on the suspicion that it had ended.</summary>
    public bool HasSuspected { get; set; }

    /// <summary>What saved the answer, for <see cref="QwenResponseProperties.RecoveredBy"/>.</summary>
    public string? RecoveredBy { get; set; }

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

    /// <summary>Makes this the call that inner clients find. Undone when the async method that calls it returns.</summary>
    public void EnterAttempt()
    {
        Ambient.Value = this;
    }

    /// <summary>Asks for one more request. Every request after the first needs a permit.</summary>
    public bool TryTakePermit()
    {
        if (Attempts >= MaxAttempts)
        {
            return false;
        }

        Attempts++;
        return true;
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

    public void Record(string form, QwenFailureKind kind)
    {
        _failures ??= [];
        if (_failures is [.., var last] && (last.Form, last.Kind) == (form, kind))
        {
            _failures[^1] = last with { Count = last.Count + 1 };
        }
        else
        {
            _failures.Add(new FailedAttempts(1, form, kind));
        }
    }

    /// <summary>Records a failed stream when no retry stage inside has done so.</summary>
    public void RecordIfAlone(QwenFailureKind kind)
    {
        if (_stages[(int)Stage.TimeoutRetry] is null)
        {
            Record(RetryRun.Streaming, kind);
        }
    }

    /// <summary>
    /// Counts and logs the end of a call that gave up, when <paramref name="client"/> is its outermost stage. After several
    /// requests there is more to tell than the last failure knows: that is thrown instead of it.
    /// </summary>
    /// <exception cref="QwenException">The failure of the whole call; the last failure is inside.</exception>
    public void Conclude(QwenException failure, object client, ILogger logger)
    {
        if (!IsOwnedBy(client))
        {
            return;
        }

        logger.CallFailed(failure.Kind, Attempts, Waited.TotalMilliseconds);
        QwenMetrics.Failed(failure.Kind);
        if (Attempts > 1)
        {
            throw failure.AsOutcome(Summary(failure), Attempts);
        }
    }

    /// <summary>Writes on the response what the call took; nothing when it took one request.</summary>
    public void Annotate(ChatResponse response, object client)
    {
        if (Attempts > 1 && IsOwnedBy(client))
        {
            Fill(response.AdditionalProperties ??= []);
        }
    }

    /// <summary>The same for a stream: one more update that names no message. Null when there is nothing to say.</summary>
    public ChatResponseUpdate? Annotation(object client)
    {
        if (Attempts == 1 || !IsOwnedBy(client))
        {
            return null;
        }

        var update = new ChatResponseUpdate { AdditionalProperties = [] };
        Fill(update.AdditionalProperties);
        return update;
    }

    // The outermost stage tells the caller what became of the call.
    private bool IsOwnedBy(object client)
    {
        return ReferenceEquals(_owner, client);
    }

    private void Fill(AdditionalPropertiesDictionary properties)
    {
        properties[QwenResponseProperties.Attempts] = Attempts;
        if (RecoveredBy is not null)
        {
            properties[QwenResponseProperties.RecoveredBy] = RecoveredBy;
        }
    }

    private string Summary(QwenException last)
    {
        var tried = _failures is null ? "" : ": " + string.Join(", ", _failures.Select(static f => f.ToString()));
        return FormattableString.Invariant(
            $"{last.Message} Gave up after {Attempts} requests and {Waited.TotalSeconds:0.0} s of waiting, with a prompt of about {Math.Max(1, PromptSize.Of(_messages).Tokens)} tokens{tried}."
        );
    }

    private readonly record struct FailedAttempts(int Count, string Form, QwenFailureKind Kind)
    {
        public override string ToString()
        {
            return Count == 1 ? $"{Form} {Kind}" : $"{Count} x {Form} {Kind}";
        }
    }
}
