namespace Connectors.Qwen;

/// <summary>The keys under which responses say how they came about (<c>AdditionalProperties</c>). Values are text or whole numbers.</summary>
public static class QwenResponseProperties
{
    /// <summary>The server's id of the request that brought the answer, as text.</summary>
    public const string RequestId = "qwen.request_id";

    /// <summary>How many requests the answer took, as a whole number. Absent when it took one.</summary>
    public const string Attempts = "qwen.attempts";

    /// <summary>What saved the answer: <c>retry</c>, <c>token-refresh</c>, <c>non-streaming</c> (a stream was asked for) or <c>streaming</c>
    /// (a whole answer was asked for), the outermost stage that was needed, as text. Absent when nothing was needed.</summary>
    public const string RecoveredBy = "qwen.recovered_by";

    /// <summary>What failed before the answer came, for example <c>2 x streaming ServerTimeout</c>, as text. Absent when nothing failed.</summary>
    public const string Failures = "qwen.failures";

    /// <summary>How long the call waited in all, in milliseconds, as a whole number: for the server, for tokens and between requests.
    /// Absent when it took one request.</summary>
    public const string WaitedMilliseconds = "qwen.waited_ms";

    /// <summary>How many seconds the server lets a request to this model take, as a whole number (header <c>x-dashscope-timeout</c>).
    /// Absent when it does not say.</summary>
    public const string ServerTimeoutSeconds = "qwen.server_timeout_s";
}
