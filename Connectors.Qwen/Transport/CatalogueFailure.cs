using System.Text.Json;
using Connectors.Qwen.Errors;

namespace Connectors.Qwen.Transport;

/// <summary>What an exception on the way to the catalogue of models was.</summary>
internal static class CatalogueFailure
{
    /// <summary>The failure; null for an exception that is one already, or that somebody else's code threw.</summary>
    public static QwenException? Of(Exception exception, RequestFacts facts, TimeSpan patience)
    {
        var host = facts.Endpoint.Host;
        return exception switch
        {
            QwenException => null,
            HttpRequestException e => QwenTransport.NoAnswer(e, facts),
            OperationCanceledException e => facts.Failure(
                QwenFailureKind.RequestTimeout,
                FormattableString.Invariant(
                    $"The catalogue of models at {host} did not come within {patience.TotalSeconds} s. Try again later; calls do not need it."
                ),
                e
            ),
            JsonException e => NoCatalogue(facts, ServerFailure.WithoutKey(e, facts.Secret)),
            AnswerTooLargeException e => NoCatalogue(facts, e),
            InvalidDataException e => ServerFailure.Unreadable(e, facts),
            IOException e => facts.Failure(
                QwenFailureKind.Connection,
                $"The connection to {host} broke while the catalogue of models came. {FailureTable.Of(QwenFailureKind.Connection).Advice}",
                e
            ),
            _ => null,
        };
    }

    /// <summary>What came is something else.</summary>
    public static QwenException NoCatalogue(RequestFacts facts, Exception? cause = null)
    {
        return facts.Failure(
            QwenFailureKind.Protocol,
            $"What {facts.Endpoint.Host} sent is no catalogue of models. {FailureTable.Of(QwenFailureKind.Protocol).Advice}",
            cause,
            isPermanent: true
        );
    }
}
