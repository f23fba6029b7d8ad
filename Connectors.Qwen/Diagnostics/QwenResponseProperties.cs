namespace Connectors.Qwen;

/// <summary>The keys under which responses say how they came about (<c>AdditionalProperties</c>). Values are text or whole numbers.</summary>
public static class QwenResponseProperties
{
    /// <summary>The server's id of the request that brought the answer, as text.</summary>
    public const string RequestId = "qwen.request_id";

    /// <summary>How many requests the answer took, as a whole number. Absent when it took one.</summary>
    public const string Attempts = "qwen.attempts";

    /// <summary>What saved the answer: <c>retry</c>, <c>token-refresh</c> or <c>non-streaming</c>, the outermost
    /// stage that was needed, as text. Absent when nothing was needed.</summary>
    public const string RecoveredBy = "qwen.recovered_by";
}
