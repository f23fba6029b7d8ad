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

/// <summary>One row of the failure table: what a kind means for every stage of the pipeline.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="RefreshesToken">Whether a refreshable credential is renewed once and the request sent again.</param>
/// <param name="Retry">How it is retried while nothing was handed out.</param>
/// <param name="ChangesForm">Whether the other form (streaming, non-streaming) is tried while nothing was handed out.</param>
/// <param name="Advice">What the reader of the message can do.</param>
internal sealed record FailureRow(
    QwenFailureKind Kind,
    bool RefreshesToken,
    RetryPace Retry,
    bool ChangesForm,
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
