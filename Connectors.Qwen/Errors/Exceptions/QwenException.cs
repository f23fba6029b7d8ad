using System.Net;
using Connectors.Qwen.Errors;

namespace Connectors.Qwen;

/// <summary>A call to Qwen failed.</summary>
/// <remarks>
/// <para>It is an <see cref="HttpRequestException"/>, so code that already catches that one keeps working;
/// <see cref="HttpRequestException.StatusCode"/> is set when the server sent a status.</para>
/// <para>No message and no property holds a credential or prompt text. <see cref="PartialText"/> is text of the answer:
/// keep it out of logs that must not hold answers (loggers that write all properties of an exception would include it).</para>
/// </remarks>
public class QwenException : HttpRequestException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="kind">What went wrong.</param>
    /// <param name="message">What failed, what was seen, what to do.</param>
    /// <param name="innerException">What it comes from, if anything.</param>
    /// <param name="statusCode">The HTTP status the server sent, if it sent one.</param>
    public QwenException(
        QwenFailureKind kind,
        string message,
        Exception? innerException = null,
        HttpStatusCode? statusCode = null
    )
        : base(FailureTable.Of(kind).RequestError(innerException), message, innerException, statusCode)
    {
        Kind = kind;
    }

    /// <summary>What went wrong.</summary>
    public QwenFailureKind Kind { get; }

    /// <summary>The server's own error code, for example <c>invalid_parameter_error</c>.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>The server's own words, reduced to the message field of its error body.</summary>
    public string? ServerMessage { get; init; }

    /// <summary>The request parameter the server complains about.</summary>
    public string? Parameter { get; init; }

    /// <summary>The server's id of the request (header <c>x-request-id</c>): name it when you ask the vendor.</summary>
    public string? RequestId { get; init; }

    /// <summary>How long the server asks to wait before the next try.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>When a used-up quota comes back, as far as the server says; null otherwise.</summary>
    public DateTimeOffset? QuotaResetsAt { get; init; }

    /// <summary>How many tokens of input the model takes, when the prompt was too long and the server says so; null otherwise.</summary>
    public long? MaxInputTokens { get; init; }

    /// <summary>An estimate of the prompt's tokens, where its length may be the cause (too long, timeouts, several requests); null otherwise.</summary>
    public long? EstimatedPromptTokens { get; private set; }

    /// <summary>How many requests the logical call sent, or began to send (without a credential nothing goes out), before it gave up; zero when an
    /// open circuit or a full queue of this process let none out.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>How long the logical call waited in all: for the server, for tokens and between requests. Zero when it is not known:
    /// only the outermost client of the pipeline sums it up.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>The text of the answer that had arrived when a stream broke off; null when none had.</summary>
    public string? PartialText { get; init; }

    /// <summary>The beginning of what the server sent in the place of JSON, 200 characters at most; null when that was not the failure. Treat
    /// it like <see cref="PartialText"/>: it may hold text of the answer.</summary>
    public string? MalformedData { get; init; }

    /// <summary>The endpoint that was asked.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The credential the failed request really carried: an opaque handle for a renewal, never shown.</summary>
    internal object? CredentialHandle { get; init; }

    /// <summary>Whether the same request must fail the same way although the kind is a passing one: a redirect, a bad certificate.</summary>
    internal bool IsPermanent { get; init; }

    /// <summary>Whether it happened while a token was renewed: the chat request was not sent, and its form is not at fault.</summary>
    internal bool IsOfRenewal { get; set; }

    /// <summary>Whether the model answers only as a stream.</summary>
    internal bool NeedsStream { get; init; }

    /// <summary>What the refusal says of the model; null when it is none, or is not understood.</summary>
    internal ModelRefusal? Refusal { get; init; }

    /// <summary>Whether the client has learned from the refusal, so that the same call is sent otherwise now.</summary>
    internal bool IsLearned { get; set; }

    /// <summary>How many texts a request for embeddings may hold, when there were too many and the server says so; null otherwise.</summary>
    internal int? MaxBatchSize { get; init; }

    /// <summary>Whether no request was sent: this process held it back.</summary>
    internal bool IsUnsent { get; init; }

    /// <summary>Whether a stream came to its end in order, without an error or a lost connection, and only the finish reason was missing:
    /// the answer may be whole.</summary>
    internal bool EndedCleanly { get; init; }

    /// <summary>The tokens of an answer that cannot be used, as far as the server reported them. Loosely typed, because this layer does not know
    /// the type that the mapping makes of them.</summary>
    internal object? ReportedUsage { get; set; }

    /// <summary>What came of a whole answer that came in part, as <c>Microsoft.Extensions.AI.ChatResponse</c>; null otherwise.</summary>
    internal object? Part { get; init; }

    /// <summary>Copies what is known of <paramref name="cause"/>.</summary>
    private protected QwenException(
        QwenException cause,
        Exception? innerException,
        string message,
        int attempts,
        string? partialText
    )
        : this(cause.Kind, message, innerException, cause.StatusCode)
    {
        ErrorCode = cause.ErrorCode;
        ServerMessage = cause.ServerMessage;
        Parameter = cause.Parameter;
        RequestId = cause.RequestId;
        RetryAfter = cause.RetryAfter;
        QuotaResetsAt = cause.QuotaResetsAt;
        MaxInputTokens = cause.MaxInputTokens;
        EstimatedPromptTokens = cause.EstimatedPromptTokens;
        Waited = cause.Waited;
        Attempts = attempts;
        PartialText = partialText ?? cause.PartialText;
        MalformedData = cause.MalformedData;
        Endpoint = cause.Endpoint;
        CredentialHandle = cause.CredentialHandle;
        IsPermanent = cause.IsPermanent;
        IsOfRenewal = cause.IsOfRenewal;
        NeedsStream = cause.NeedsStream;
        Refusal = cause.Refusal;
        IsLearned = cause.IsLearned;
        MaxBatchSize = cause.MaxBatchSize;
        IsUnsent = cause.IsUnsent;
        EndedCleanly = cause.EndedCleanly;
        ReportedUsage = cause.ReportedUsage;
        Part = cause.Part;
    }

    /// <summary>Adds what only the whole call knows. On an object of this call's own: a shared one belongs to others too.</summary>
    internal QwenException WithCall(TimeSpan waited, long promptTokens)
    {
        Waited = waited;
        EstimatedPromptTokens = promptTokens;
        return this;
    }

    /// <summary>This failure as the end of a whole call; itself the inner exception. A new object each time: one shared failure may end many calls.</summary>
    internal virtual QwenException AsOutcome(string message, int attempts, string? partialText = null)
    {
        return new QwenException(this, this, message, attempts, partialText);
    }
}
