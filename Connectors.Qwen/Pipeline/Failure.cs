using System.Net.Sockets;
using System.Security.Authentication;
using Connectors.Qwen.Errors;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>What an exception means to the pipeline; no value for what is not a failure of the service.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="RetryAfter">How long the server asks to wait.</param>
/// <param name="IsPermanent">Whether the same request would fail the same way although the kind is a passing one.</param>
/// <param name="RequestId">The server's id of the request.</param>
internal readonly record struct Failure(QwenFailureKind Kind, TimeSpan? RetryAfter, bool IsPermanent, string? RequestId)
{
    /// <summary>Whether a token could not be renewed: the form of the chat request has nothing to do with it.</summary>
    public bool IsOfRenewal { get; init; }

    /// <summary>Whether no request was sent: this process held it back.</summary>
    public bool IsUnsent { get; init; }

    /// <summary>Whether the model answers only as a stream.</summary>
    public bool NeedsStream { get; init; }

    /// <summary>Whether the client has learned from the refusal, so that the same call is sent otherwise now.</summary>
    public bool IsLearned { get; init; }

    /// <summary>Whether a stream ended in order and only did not say that the answer is finished.</summary>
    public bool EndedCleanly { get; init; }

    /// <summary>What the server reported of the request's cost although it failed; null as a rule.</summary>
    public UsageDetails? Usage { get; init; }

    /// <summary>
    /// Reads an exception: ours, the base class library's, or a foreign client's by the caller's own classifier. Null when
    /// nobody knows it: it is then passed on as it is.
    /// </summary>
    public static Failure? Of(Exception exception, Func<Exception, QwenFailureKind?>? classify)
    {
        return exception switch
        {
            QwenException e => new Failure(e.Kind, e.RetryAfter, e.IsPermanent, e.RequestId)
            {
                IsOfRenewal = e.IsOfRenewal,
                IsUnsent = e.IsUnsent,
                NeedsStream = e.NeedsStream,
                IsLearned = e.IsLearned,
                EndedCleanly = e.EndedCleanly,
                Usage = e.ReportedUsage as UsageDetails,
            },
            _ when classify?.Invoke(exception) is { } kind => new Failure(kind, null, false, null),
            HttpRequestException { StatusCode: { } status } => new Failure(
                FailureClassifier.Classify((int)status, null, null, null),
                null,
                false,
                null
            ),
            HttpRequestException e => new Failure(QwenFailureKind.Connection, null, IsCertificate(e), null),
            // The plain class only: a missing file of a foreign client is no lost connection.
            _ when exception.GetType() == typeof(IOException) => new Failure(
                QwenFailureKind.Connection,
                null,
                false,
                null
            ),
            HttpIOException or EndOfStreamException or SocketException => new Failure(
                QwenFailureKind.Connection,
                null,
                false,
                null
            ),
            TimeoutException or OperationCanceledException { InnerException: TimeoutException } => new Failure(
                QwenFailureKind.RequestTimeout,
                null,
                false,
                null
            ),
            _ => null,
        };
    }

    // A certificate that is refused now is refused in a second; a handshake that was cut is a connection.
    private static bool IsCertificate(HttpRequestException exception)
    {
        return exception
            is { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: AuthenticationException };
    }
}
