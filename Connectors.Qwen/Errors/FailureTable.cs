using static Connectors.Qwen.Errors.OtherForm;
using static Connectors.Qwen.Errors.RetryPace;
using static Connectors.Qwen.QwenFailureKind;

namespace Connectors.Qwen.Errors;

/// <summary>The one table of failure kinds. Every stage reads its column; ARCHITECTURE.md shows it, a test compares.</summary>
internal static class FailureTable
{
    // csharpier-ignore
    private static readonly FailureRow[] Table =
    [
        // kind, refreshes the token, retry, other form, continued, opens the circuit, advice
        new(Authentication, true, RetryPace.None, OtherForm.None, true, false, "Check the API key and that it belongs to this endpoint."),
        new(PermissionDenied, false, RetryPace.None, OtherForm.None, false, false, "Ask for access to this model or workspace."),
        new(QuotaExhausted, false, RetryPace.None, OtherForm.None, false, false, "Top up, wait for the reset, or use another plan or model."),
        new(RateLimited, false, Throttle, OtherForm.None, true, false, "Send less at once (TimeoutRetry.Limits), or ask for a higher limit."),
        new(InvalidRequest, false, RetryPace.None, OtherForm.None, false, false, "Change the request as the server's message says."),
        new(NotFound, false, RetryPace.None, OtherForm.None, false, false, "Check the model id and that this endpoint serves it."),
        new(ContextTooLong, false, RetryPace.None, OtherForm.None, false, false, "Shorten the conversation or use a model with a longer context."),
        new(ContentFiltered, false, RetryPace.None, OtherForm.None, false, false, "Change the content; sending it again will not help."),
        new(ServerError, false, Backoff, Whole, true, true, "Try again later; name the request id to the vendor if it lasts."),
        new(ServerTimeout, false, Once, Either, true, true, "Shorten the prompt or ask for a shorter answer: very long contexts are the usual cause."),
        new(RequestTimeout, false, Once, Either, true, true, "Raise TimeoutRetry.RequestTimeout, or use streaming."),
        new(FirstTokenTimeout, false, Once, Whole, true, true, "Raise TimeoutRetry.FirstTokenTimeout, or shorten the prompt."),
        new(IdleTimeout, false, Once, Whole, true, true, "Raise TimeoutRetry.IdleTimeout, or check what is between you and Qwen."),
        new(TotalTimeout, false, RetryPace.None, OtherForm.None, false, false, "Raise TimeoutRetry.TotalTimeout, or shorten the prompt."),
        new(CircuitOpen, false, RetryPace.None, Either, true, false, "Wait until the service has recovered, or use another endpoint or model."),
        new(Connection, false, Backoff, OtherForm.None, true, true, "Check the endpoint, DNS, proxy and firewall."),
        new(StreamInterrupted, false, Backoff, Either, true, false, "Check gateways and proxies between you and Qwen."),
        new(EmptyResponse, false, Once, Whole, true, false, "Rephrase the prompt or raise the limit of output tokens."),
        new(Protocol, false, Backoff, Whole, true, false, "Check that the endpoint really is a Qwen endpoint."),
        new(CredentialStore, false, RetryPace.None, OtherForm.None, false, false, "Check the path and its permissions."),
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
