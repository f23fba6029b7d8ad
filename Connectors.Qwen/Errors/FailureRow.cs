namespace Connectors.Qwen.Errors;

/// <summary>How a kind of failure is waited for before a retry.</summary>
internal enum RetryPace
{
    /// <summary>Never retried.</summary>
    None,

    /// <summary>One retry, then the form of the call changes: each further try would cost minutes.</summary>
    Once,

    /// <summary>Exponential backoff with jitter, up to the configured number of retries.</summary>
    Backoff,

    /// <summary>The vendor's throttle clears in about a minute: 5, 20, 40 seconds with jitter.</summary>
    Throttle,
}

/// <summary>Which other form of the call is worth a try, while nothing was handed out.</summary>
[Flags]
internal enum OtherForm
{
    /// <summary>None: it would fail the same way.</summary>
    None,

    /// <summary>A stream that failed so is asked for again as a whole answer.</summary>
    Whole = 1,

    /// <summary>A whole answer that failed so is asked for again as a stream.</summary>
    Stream = 2,

    /// <summary>Either, from the respective other one.</summary>
    Either = Whole | Stream,
}

/// <summary>One row of the failure table: what a kind means for every stage of the pipeline.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="RefreshesToken">Whether a refreshable credential is renewed once and the request sent again.</param>
/// <param name="Retry">How it is retried while nothing was handed out.</param>
/// <param name="OtherForm">Which other form is tried while nothing was handed out.</param>
/// <param name="Continues">Whether an answer that broke off so, after its first word, is gone on with where it broke.</param>
/// <param name="OpensCircuit">Whether it says that the service is not there, so that asking on would only add to its load.</param>
/// <param name="Advice">What the reader of the message can do.</param>
internal sealed record FailureRow(
    QwenFailureKind Kind,
    bool RefreshesToken,
    RetryPace Retry,
    OtherForm OtherForm,
    bool Continues,
    bool OpensCircuit,
    string Advice
)
{
    /// <summary>The BCL's word for this kind, for code that only knows <see cref="HttpRequestException"/>.</summary>
    public HttpRequestError RequestError(Exception? cause)
    {
        return cause is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } known
            ? known.HttpRequestError
            : Kind switch
            {
                QwenFailureKind.Connection => HttpRequestError.ConnectionError,
                QwenFailureKind.StreamInterrupted => HttpRequestError.ResponseEnded,
                QwenFailureKind.Protocol => HttpRequestError.InvalidResponse,
                _ => HttpRequestError.Unknown,
            };
    }
}
