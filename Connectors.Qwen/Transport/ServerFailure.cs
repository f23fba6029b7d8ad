using System.Net;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Wire;

namespace Connectors.Qwen.Transport;

/// <summary>Makes the exception for what a server said, in an HTTP answer or inside a stream.</summary>
internal static class ServerFailure
{
    private const int MaxMessage = 1000;

    public static QwenException Create(
        WireError error,
        HttpStatusCode? status,
        RequestFacts facts,
        TimeSpan? retryAfter = null,
        string? partialText = null
    )
    {
        var kind = FailureClassifier.Classify((int?)status, error.Code, error.Type, error.Message);
        var said = Bound(error.Message, facts.Secret);
        var requestId = error.RequestId ?? facts.RequestId;
        var failure = new QwenException(kind, Compose(kind, status, error, said, requestId, facts), statusCode: status)
        {
            ErrorCode = error.Code,
            ServerMessage = said,
            Parameter = error.Parameter,
            RequestId = requestId,
            RetryAfter = retryAfter,
            QuotaResetsAt =
                kind == QwenFailureKind.QuotaExhausted ? ResetsAt(error.Message, retryAfter, facts.ServerDate) : null,
            MaxInputTokens = kind == QwenFailureKind.ContextTooLong ? ServerHints.MaxInputTokens(error.Message) : null,
            NeedsStream = kind == QwenFailureKind.InvalidRequest && ServerHints.NeedsStream(error.Message),
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

    private static string Compose(
        QwenFailureKind kind,
        HttpStatusCode? status,
        WireError error,
        string? said,
        string? requestId,
        RequestFacts facts
    )
    {
        var where = status is null ? "inside the stream" : $"HTTP {(int)status}";
        var what = string.Join(
            ", ",
            new[] { where, error.Code ?? error.Type }.Where(static part => !string.IsNullOrEmpty(part))
        );
        var words = string.IsNullOrEmpty(said) ? "" : $": {said.TrimEnd().TrimEnd('.')}";
        var request = requestId is null ? "" : $" (request {requestId})";
        var advice =
            KeyDiagnosis.Explain(kind, (int?)status, error, facts.Endpoint, EndpointCatalogue.KindOf(facts.Secret))
            ?? FailureTable.Of(kind).Advice;
        return $"Qwen at {facts.Endpoint.Host} failed with {kind} ({what}){words}{request}. {advice}";
    }

    // Servers repeat what they refuse: enough to understand, not enough to hold a prompt.
    private static string? Bound(string? said, string secret)
    {
        said = said is null ? null : Redact(said, secret);
        return said?.Length > MaxMessage ? said[..MaxMessage] + "..." : said;
    }
}
