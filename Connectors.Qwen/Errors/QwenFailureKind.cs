namespace Connectors.Qwen;

/// <summary>What went wrong with a call, in the terms that decide what to do about it.</summary>
/// <remarks>
/// One table maps each kind to whether it refreshes the token, is retried, changes the form of the call, and to the advice
/// in the message. It stands in ARCHITECTURE.md.
/// </remarks>
public enum QwenFailureKind
{
    /// <summary>The server does not accept the credential (HTTP 401), or it could not be renewed.</summary>
    Authentication,

    /// <summary>The credential is known but may not do this (HTTP 403, or a plan whose terms forbid it).</summary>
    PermissionDenied,

    /// <summary>A quota, plan or account balance is used up; waiting a minute does not help.</summary>
    QuotaExhausted,

    /// <summary>Too many requests or tokens in a short time (HTTP 429); it clears by itself, normally within a minute.</summary>
    RateLimited,

    /// <summary>The server refuses the request as it is (HTTP 400, 409, 413, 422).</summary>
    InvalidRequest,

    /// <summary>The model or the path does not exist at this endpoint (HTTP 404).</summary>
    NotFound,

    /// <summary>The prompt is longer than the model accepts.</summary>
    ContextTooLong,

    /// <summary>The service's content inspection stopped the request or the answer.</summary>
    ContentFiltered,

    /// <summary>The server failed (HTTP 500, 502, 503, 529).</summary>
    ServerError,

    /// <summary>The server or a gateway gave up waiting (HTTP 504, for example <c>stream timeout</c>).</summary>
    ServerTimeout,

    /// <summary>A non-streaming attempt took longer than <see cref="TimeoutRetryOptions.RequestTimeout"/>.</summary>
    RequestTimeout,

    /// <summary>A stream brought nothing within <see cref="TimeoutRetryOptions.FirstTokenTimeout"/>.</summary>
    FirstTokenTimeout,

    /// <summary>A stream fell silent for longer than <see cref="TimeoutRetryOptions.IdleTimeout"/>.</summary>
    IdleTimeout,

    /// <summary>The whole logical call waited longer than <see cref="TimeoutRetryOptions.TotalTimeout"/>.</summary>
    TotalTimeout,

    /// <summary>Not sent: the circuit breaker is open because recent calls of this kind failed.</summary>
    CircuitOpen,

    /// <summary>No connection, or the connection broke before an answer began.</summary>
    Connection,

    /// <summary>A stream broke off, or ended without saying that it was finished.</summary>
    StreamInterrupted,

    /// <summary>The server answered with neither text, reasoning nor a tool call.</summary>
    EmptyResponse,

    /// <summary>The server's answer is not what the protocol says: not JSON, a wrong content type, a redirect, too large.</summary>
    Protocol,

    /// <summary>The stored credential could not be read or written.</summary>
    CredentialStore,
}
