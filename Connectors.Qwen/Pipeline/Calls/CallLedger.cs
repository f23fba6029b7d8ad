using System.Globalization;
using Connectors.Qwen.Diagnostics;

namespace Connectors.Qwen.Pipeline;

/// <summary>What was tried in one call: the same facts stand in the message of its failure and on its answer.</summary>
internal sealed class CallLedger
{
    private List<Entry>? _failures;

    /// <summary>What saved the answer, for <see cref="QwenResponseProperties.RecoveredBy"/>.</summary>
    public string? RecoveredBy { get; set; }

    /// <summary>Text of answers that came and could not be used, in estimated tokens.</summary>
    public long DiscardedTokens { get; private set; }

    /// <summary>Requests that went on with an answer that broke off.</summary>
    public int Continuations { get; set; }

    /// <summary>Text that was sent back to the server for that, in estimated tokens: it is paid for as input.</summary>
    public long ResentTokens { get; set; }

    /// <summary>What all requests of the call cost.</summary>
    public UsageSum Usage { get; } = new();

    /// <summary>The server's ids of the requests that failed, one after another; null when there are none.</summary>
    public string? FailedRequestIds { get; private set; }

    /// <summary>Adds a failed request; null where its time, or the server's id of it, is not known.</summary>
    public void Add(string form, QwenFailureKind kind, TimeSpan? elapsed, string? requestId = null)
    {
        if (requestId is not null)
        {
            FailedRequestIds = FailedRequestIds is null ? requestId : $"{FailedRequestIds}, {requestId}";
        }

        _failures ??= [];
        if (_failures is [.., var last] && (last.Form, last.Kind) == (form, kind))
        {
            _failures[^1] = last with { Count = last.Count + 1, Elapsed = last.Elapsed + elapsed };
        }
        else
        {
            _failures.Add(new Entry(1, form, kind, elapsed));
        }
    }

    /// <summary>Counts what had come with a failure after which everything is asked for again: it is paid for twice.</summary>
    public void Discard(Exception exception)
    {
        if (exception is QwenException { PartialText: { } partial })
        {
            Discard(PromptSize.TokensOf(partial));
        }
    }

    /// <summary>Counts tokens that came and are asked for again.</summary>
    public void Discard(long tokens)
    {
        DiscardedTokens += tokens;
        QwenMetrics.Discarded(tokens);
    }

    /// <summary>What failed, in its order, such as <c>2 x streaming ServerTimeout (120.1 s)</c>; null when nothing did.</summary>
    public string? Tried()
    {
        return _failures is null ? null : string.Join(", ", _failures);
    }

    private readonly record struct Entry(int Count, string Form, QwenFailureKind Kind, TimeSpan? Elapsed)
    {
        public override string ToString()
        {
            var what = Count == 1 ? $"{Form} {Kind}" : $"{Count} x {Form} {Kind}";
            return Elapsed is { } time
                ? what + time.TotalSeconds.ToString(" '('0.0 's)'", CultureInfo.InvariantCulture)
                : what;
        }
    }
}
