using System.Net;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Wire;

namespace Connectors.Qwen.Transport;

/// <summary>Makes the exception for what a server said, in an HTTP answer or inside a stream.</summary>
internal static class ServerFailure
{
    private const int MaxMessage = 1000;
    private const int MaxWord = 200;

    public static QwenException Create(
        WireError error,
        HttpStatusCode? status,
        RequestFacts facts,
        TimeSpan? retryAfter = null,
        string? partialText = null
    )
    {
        var said = (int?)status ?? (error.EventStatus >= 400 ? error.EventStatus : null);
        var kind = FailureClassifier.Classify(said, error.Code, error.Type, error.Message);
        error = new WireError(
            Word(error.Code, facts.Secret),
            Word(error.Type, facts.Secret),
            Bound(error.Message, MaxMessage, facts.Secret),
            Word(error.Parameter, facts.Secret),
            Word(error.RequestId, facts.Secret) ?? facts.RequestId
        );
        var refusal =
            kind == QwenFailureKind.InvalidRequest
                ? ModelRefusals.Find(error.Code, error.Message, error.Parameter)
                : null;
        var failure = new QwenException(kind, Compose(kind, status, error, facts, refusal), statusCode: status)
        {
            ErrorCode = error.Code,
            ServerMessage = error.Message,
            Parameter = error.Parameter,
            RequestId = error.RequestId,
            RetryAfter = retryAfter,
            QuotaResetsAt =
                kind == QwenFailureKind.QuotaExhausted ? ResetsAt(error.Message, retryAfter, facts.ServerDate) : null,
            MaxInputTokens = kind == QwenFailureKind.ContextTooLong ? ServerHints.MaxInputTokens(error.Message) : null,
            NeedsStream = kind == QwenFailureKind.InvalidRequest && ServerHints.NeedsStream(error.Message),
            Refusal = refusal,
            MaxBatchSize = kind == QwenFailureKind.InvalidRequest ? ServerHints.MaxBatchSize(error.Message) : null,
            PartialText = partialText,
            Endpoint = facts.Endpoint,
            CredentialHandle = facts.CredentialHandle,
        };
        return kind == QwenFailureKind.Authentication ? new QwenAuthenticationException(failure) : failure;
    }

    private static DateTimeOffset? ResetsAt(string? said, TimeSpan? retryAfter, DateTimeOffset? serverDate)
    {
        var now = serverDate ?? TimeProvider.System.GetUtcNow();
        return ServerHints.QuotaResetsAt(said, now) ?? (retryAfter is { } wait ? now + wait : null);
    }

    /// <summary>Takes the key out of what a server says: some repeat the one they refuse.</summary>
    public static string Redact(string said, string secret)
    {
        return said.Replace(secret, "[key]", StringComparison.Ordinal);
    }

    /// <summary>A code, a name or an id of the server: a word or two, without the key.</summary>
    public static string? Word(string? said, string secret)
    {
        return Bound(said, MaxWord, secret);
    }

    /// <summary>A cause that may be shown: the JSON reader quotes what it refuses, which may be the key.</summary>
    public static Exception? WithoutKey(Exception cause, string secret)
    {
        for (var e = cause; e is not null; e = e.InnerException)
        {
            if (e.Message.Contains(secret, StringComparison.Ordinal))
            {
                return null;
            }
        }

        return cause;
    }

    /// <summary>The failure of a body that is compressed with something unknown, whose name the server chose.</summary>
    public static QwenException Unreadable(InvalidDataException cause, RequestFacts facts)
    {
        var what = Bound(cause.Message, MaxMessage, facts.Secret)!;
        return facts.Failure(QwenFailureKind.Protocol, what, WithoutKey(cause, facts.Secret));
    }

    private static string Compose(
        QwenFailureKind kind,
        HttpStatusCode? status,
        WireError error,
        RequestFacts facts,
        ModelRefusal? refusal
    )
    {
        var where = status is null ? "inside the stream" : $"HTTP {(int)status}";
        var what = string.Join(
            ", ",
            new[] { where, error.Code ?? error.Type }.Where(static part => !string.IsNullOrEmpty(part))
        );
        var words = string.IsNullOrEmpty(error.Message) ? "" : $": {error.Message.TrimEnd().TrimEnd('.')}";
        var request = error.RequestId is null ? "" : $" (request {error.RequestId})";
        var advice =
            KeyDiagnosis.Explain(kind, (int?)status, error, facts.Endpoint, EndpointCatalogue.KindOf(facts.Secret))
            ?? refusal?.Advice
            ?? FailureTable.Of(kind).Advice;
        return $"Qwen at {facts.Endpoint.Host} failed with {kind} ({what}){words}{request}. {advice}";
    }

    // Servers repeat what they refuse: enough to understand, not enough to hold a prompt.
    private static string? Bound(string? said, int length, string secret)
    {
        said = said is null ? null : Redact(said, secret);
        return said?.Length > length ? said[..length] + "..." : said;
    }
}
