using static Connectors.Qwen.QwenFailureKind;

namespace Connectors.Qwen.Errors;

/// <summary>The one table of failure kinds. Every stage reads its column; ARCHITECTURE.md shows it, a test compares.</summary>
internal static class FailureTable
{
    private static readonly FailureRow[] Table =
    [
        new(Authentication, true, RetryPace.None, false, "Check the API key and that it belongs to this endpoint."),
        new(PermissionDenied, false, RetryPace.None, false, "Ask for access to this model or workspace."),
        new(QuotaExhausted, false, RetryPace.None, false, "Top up, wait for the reset, or use another plan or model."),
        new(RateLimited, false, RetryPace.Throttle, false, "Send less at once, or ask for a higher limit."),
        new(InvalidRequest, false, RetryPace.None, false, "Change the request as the server's message says."),
        new(NotFound, false, RetryPace.None, false, "Check the model id and that this endpoint serves it."),
        new(
            ContextTooLong,
            false,
            RetryPace.None,
            false,
            "Shorten the conversation or use a model with a longer context."
        ),
        new(ContentFiltered, false, RetryPace.None, false, "Change the content; sending it again will not help."),
        new(
            ServerError,
            false,
            RetryPace.Backoff,
            true,
            "Try again later; name the request id to the vendor if it lasts."
        ),
        new(
            ServerTimeout,
            false,
            RetryPace.Once,
            true,
            "Shorten the prompt or ask for a shorter answer: very long contexts are the usual cause."
        ),
        new(RequestTimeout, false, RetryPace.Once, true, "Raise TimeoutRetry.RequestTimeout, or use streaming."),
        new(
            FirstTokenTimeout,
            false,
            RetryPace.Once,
            true,
            "Raise TimeoutRetry.FirstTokenTimeout, or shorten the prompt."
        ),
        new(
            IdleTimeout,
            false,
            RetryPace.Once,
            true,
            "Raise TimeoutRetry.IdleTimeout, or check what is between you and Qwen."
        ),
        new(TotalTimeout, false, RetryPace.None, false, "Raise TimeoutRetry.TotalTimeout, or shorten the prompt."),
        new(CircuitOpen, false, RetryPace.None, true, "Wait until the service has recovered."),
        new(Connection, false, RetryPace.Backoff, false, "Check the endpoint, DNS, proxy and firewall."),
        new(StreamInterrupted, false, RetryPace.Backoff, true, "Check gateways and proxies between you and Qwen."),
        new(EmptyResponse, false, RetryPace.Once, true, "Rephrase the prompt or raise the limit of output tokens."),
        new(Protocol, false, RetryPace.Backoff, true, "Check that the endpoint really is a Qwen endpoint."),
        new(CredentialStore, false, RetryPace.None, false, "Check the path and its permissions."),
    ];

    /// <summary>All rows, in the order of the enumeration.</summary>
    public static IReadOnlyList<FailureRow> Rows => Table;

    /// <summary>The row of a kind.</summary>
    public static FailureRow Of(QwenFailureKind kind)
    {
        return (uint)kind < (uint)Table.Length
            ? Table[(int)kind]
            : throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of failure.");
    }
}
