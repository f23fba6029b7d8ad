namespace Connectors.Qwen;

/// <summary>The keys under which responses say how they came about (<c>AdditionalProperties</c>). Values are text or whole numbers, unless they say otherwise.</summary>
public static class QwenResponseProperties
{
    /// <summary>The server's id of the request that brought the answer, as text.</summary>
    public const string RequestId = "qwen.request_id";

    /// <summary>How many requests the answer took, as a whole number. Absent when it took one, in the form that was asked for.</summary>
    public const string Attempts = "qwen.attempts";

    /// <summary>What saved the answer: <c>retry</c>, <c>token-refresh</c>, <c>continuation</c> (it broke off, and the server went on with it),
    /// <c>adaptation</c> (the model refused a parameter, and was asked without it), <c>non-streaming</c> (a stream was asked for) or <c>streaming</c>
    /// (a whole answer was asked for), the outermost stage that was needed, as text. Absent when nothing was needed.</summary>
    public const string RecoveredBy = "qwen.recovered_by";

    /// <summary>What failed before the answer came, for example <c>2 x streaming ServerTimeout</c>, as text. Absent when nothing failed.</summary>
    public const string Failures = "qwen.failures";

    /// <summary>The server's ids of the requests that failed, separated by commas, as text. Absent when none failed, or none had one.</summary>
    public const string FailedRequestIds = "qwen.failed_request_ids";

    /// <summary>How many requests went on with the answer after it broke off, as a whole number: they do not think, whatever the first one did.
    /// Absent when it did not break off.</summary>
    public const string Continuations = "qwen.continuations";

    /// <summary>How much of the answer was sent back to the server for that, in estimated tokens, as a whole number: it is paid for as input. Absent
    /// when it did not break off.</summary>
    public const string ResentTokens = "qwen.resent_tokens";

    /// <summary>How long the call waited in all, in milliseconds, as a whole number: for the server, for tokens and between requests.
    /// Absent when it took one request, in the form that was asked for.</summary>
    public const string WaitedMilliseconds = "qwen.waited_ms";

    /// <summary>
    /// The log probabilities of a message, as the service's JSON (<c>JsonElement</c>): on the message, and on each update of a stream those of
    /// its words, on the one with the finish reason all of them. Absent unless <c>logprobs</c> was asked for.
    /// </summary>
    public const string Logprobs = "qwen.logprobs";

    /// <summary>The parameters that were changed or left out because the model has refused them before, separated by commas, as text
    /// (<c>reasoning_effort</c>): wishes made of portable options, never what was given by its own name. Absent when none was.</summary>
    public const string Adapted = "qwen.adapted";

    /// <summary>How many seconds the server lets a request to this model take, as a whole number (header <c>x-dashscope-timeout</c>).
    /// Absent when it does not say.</summary>
    public const string ServerTimeoutSeconds = "qwen.server_timeout_s";
}
