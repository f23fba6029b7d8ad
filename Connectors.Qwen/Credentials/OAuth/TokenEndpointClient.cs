using System.Net;
using Connectors.Qwen.Errors;

namespace Connectors.Qwen.Credentials;

/// <summary>Exchanges a refresh token for a new login: one call, one request (RFC 6749, section 6).</summary>
internal sealed class TokenEndpointClient(QwenOAuthOptions options, HttpClient http, TimeProvider time)
{
    private readonly CredentialHttp _http = new(http, time);

    private string Host => options.TokenEndpoint.Host;

    /// <summary>Exchanges; what the answer leaves out is kept from the old login.</summary>
    /// <param name="login">A login with a refresh token.</param>
    /// <param name="timeout">The longest to wait.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="NoAnswerException">No answer came.</exception>
    /// <exception cref="QwenAuthenticationException">The refresh token is refused.</exception>
    /// <exception cref="QwenException">Another failure.</exception>
    public async Task<QwenCredential> RefreshAsync(
        QwenCredential login,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, options.TokenEndpoint)
        {
            Content = new FormUrlEncodedContent([
                new("grant_type", "refresh_token"),
                new("refresh_token", login.RefreshToken!),
                new("client_id", options.ClientId),
            ]),
        };
        var (status, answer) = await _http
            .SendAsync(request, TokenJsonContext.Default.TokenAnswer, timeout, cancellationToken)
            .ConfigureAwait(false);
        if ((int)status is < 200 or >= 300 || string.IsNullOrEmpty(answer?.AccessToken))
        {
            throw Refused(status, answer, login);
        }

        try
        {
            return answer.ToCredential(time.GetUtcNow(), login);
        }
        catch (ArgumentException)
        {
            throw Unusable(status, "a token that no header can carry");
        }
    }

    /// <summary>The failure when no answer came.</summary>
    public QwenException NoAnswer(NoAnswerException failure)
    {
        var cause = failure.InnerException!;
        return failure.WasSent
            ? new QwenException(
                cause is OperationCanceledException ? QwenFailureKind.ServerTimeout : QwenFailureKind.Connection,
                $"The outcome of the renewal is unknown: the answer of {Host} was lost. The refresh token may be used up; "
                    + "if the next renewal is refused, log in again.",
                cause
            )
            {
                // A refresh token that may be used up is not sent again and again: reuse revokes the whole login.
                IsPermanent = true,
            }
            : new QwenException(
                QwenFailureKind.Connection,
                $"The token could not be renewed: no connection to {Host}. Check the token endpoint and the network.",
                cause
            );
    }

    // A success that holds an error has been seen too. Codes of passing trouble are no reason to send a person away.
    private static bool IsLostLogin(HttpStatusCode status, string? error)
    {
        return error is not ("server_error" or "temporarily_unavailable" or "slow_down")
            && (
                status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized
                || ((int)status < 300 && !string.IsNullOrEmpty(error))
            );
    }

    // Only the fields of RFC 6749 reach a message: the body may hold anything.
    private QwenException Refused(HttpStatusCode status, TokenAnswer? answer, QwenCredential login)
    {
        var error = ServerWords.Code(answer?.ErrorCode, login.RefreshToken, login.AccessToken);
        var said = ServerWords.Said(status, error);
        if (IsLostLogin(status, error))
        {
            return new QwenAuthenticationException(
                $"The login at {Host} has ended or was revoked ({said}). Log in again. "
                    + QwenOAuthOptions.EndOfTheFreeTier,
                statusCode: status
            )
            {
                ErrorCode = error,
            };
        }

        return (int)status < 300
            ? Unusable(status, $"{said} without a token")
            : new QwenException(
                FailureClassifier.Classify((int)status < 400 ? 502 : (int)status, null, null, null),
                $"The token could not be renewed: {Host} answered {said}. Try again later.",
                statusCode: status
            );
    }

    private QwenException Unusable(HttpStatusCode status, string what)
    {
        return new QwenException(
            QwenFailureKind.Protocol,
            $"The token could not be renewed: {Host} answered {what}. The refresh token may be used up; "
                + "if the next renewal is refused, log in again.",
            statusCode: status
        )
        {
            IsPermanent = true,
        };
    }
}
