using System.Net;
using Connectors.Qwen.Credentials;
using Connectors.Qwen.Diagnostics;
using Connectors.Qwen.Errors;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Qwen;

/// <summary>Logs a person in from a device without a browser of its own (RFC 8628, with PKCE). Thread-safe.</summary>
/// <remarks>
/// The vendor's free OAuth tier ended on 2026-04-15: against its own server a login leads to tokens that are refused. It is for
/// servers that still speak the protocol. It shows nothing by itself: the prompt comes as data.
/// </remarks>
/// <example>
/// <code>
/// using var login = new DeviceCodeLogin(options);
/// var credential = await login.LoginAsync((prompt, _) =>
/// {
///     Console.WriteLine($"Open {prompt.VerificationUri} and enter {prompt.UserCode}");
///     return ValueTask.CompletedTask;
/// });
/// await new FileCredentialStore("~/.qwen/oauth_creds.json").SaveAsync(credential);
/// </code>
/// </example>
public sealed class DeviceCodeLogin : IDisposable
{
    private const string Grant = "urn:ietf:params:oauth:grant-type:device_code";

    private readonly QwenOAuthOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HttpClient? _ownHttp;
    private readonly CredentialHttp _http;

    /// <summary>Creates the login; nothing is sent.</summary>
    /// <param name="options">The endpoints and the client id; null for the vendor's. Read now.</param>
    /// <param name="httpClient">What sends the requests, not disposed; it must not follow redirects. Null for one of its own.</param>
    /// <param name="loggerFactory">Where the steps of a login are logged.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    public DeviceCodeLogin(
        QwenOAuthOptions? options = null,
        HttpClient? httpClient = null,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null
    )
    {
        _options = (options ?? new QwenOAuthOptions()).Freeze<QwenOAuthOptions>();
        _time = timeProvider ?? TimeProvider.System;
        _logger = (ILogger?)loggerFactory?.CreateLogger<DeviceCodeLogin>() ?? NullLogger.Instance;
        _ownHttp = httpClient is null ? CredentialHttp.CreateClient() : null;
        _http = new CredentialHttp(httpClient ?? _ownHttp!, _time);
    }

    private string Host => _options.TokenEndpoint.Host;

    /// <summary>Asks for a code, has it shown, and waits until the person is done.</summary>
    /// <param name="prompt">Shows the code. The login waits for it, so it should not wait for the person.</param>
    /// <param name="cancellationToken">Gives the login up.</param>
    /// <returns>The login; save it in an <see cref="IQwenCredentialStore"/>.</returns>
    /// <exception cref="QwenAuthenticationException">The person refused, the code ended, or the server refuses the login.</exception>
    /// <exception cref="QwenException">The login could not be begun.</exception>
    public async Task<QwenCredential> LoginAsync(
        Func<DeviceCodePrompt, CancellationToken, ValueTask> prompt,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(prompt);
        var proof = Pkce.Create();
        var answer = await BeginAsync(proof, cancellationToken).ConfigureAwait(false);
        var interval = TokenAnswer.Seconds(answer.Interval, DevicePollPlan.Step);
        var end = _time.GetUtcNow() + TokenAnswer.Seconds(answer.ExpiresIn, TimeSpan.FromMinutes(15));
        var shown = new DeviceCodePrompt(
            answer.UserCode!,
            Page(answer.VerificationUri),
            string.IsNullOrEmpty(answer.VerificationUriComplete) ? null : Page(answer.VerificationUriComplete),
            end
        );
        _logger.DeviceLoginStarted(Host, end);
        await prompt(shown, cancellationToken).ConfigureAwait(false);
        return await PollAsync(answer.DeviceCode!, proof, interval, end, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Disposes the HTTP client, if it is its own.</summary>
    public void Dispose()
    {
        _ownHttp?.Dispose();
    }

    private async Task<TokenAnswer> BeginAsync(Pkce proof, CancellationToken cancellationToken)
    {
        try
        {
            var (status, answer) = await PostAsync(
                    _options.DeviceCodeEndpoint,
                    [
                        new("client_id", _options.ClientId),
                        new("scope", _options.Scope),
                        new("code_challenge", proof.Challenge),
                        new("code_challenge_method", Pkce.Method),
                    ],
                    cancellationToken
                )
                .ConfigureAwait(false);
            // A refusal has been seen with a 200; a login is there when there is a code.
            return answer is { DeviceCode.Length: > 0, UserCode.Length: > 0, VerificationUri.Length: > 0 }
                ? answer
                : throw NotBegun(status, answer);
        }
        catch (NoAnswerException e)
        {
            throw new QwenException(
                QwenFailureKind.Connection,
                $"The login could not be begun: no answer from {_options.DeviceCodeEndpoint.Host}. Check the endpoint and the network.",
                e.InnerException
            );
        }
    }

    private async Task<QwenCredential> PollAsync(
        string deviceCode,
        Pkce proof,
        TimeSpan interval,
        DateTimeOffset end,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            await Task.Delay(interval, _time, cancellationToken).ConfigureAwait(false);
            if (_time.GetUtcNow() >= end)
            {
                throw Ended(DevicePoll.Expired, null);
            }

            var (poll, answer) = await AskAsync(deviceCode, proof, cancellationToken).ConfigureAwait(false);
            switch (poll)
            {
                case DevicePoll.Done:
                    var credential = ToCredential(answer!);
                    _logger.DeviceLoginSucceeded(Host, credential.Fingerprint, credential.ExpiresAt);
                    return credential;
                case DevicePoll.Pending or DevicePoll.SlowDown or DevicePoll.Trouble:
                    var next = DevicePollPlan.Next(interval, poll);
                    _logger.DeviceLoginPending(poll.ToString(), next.TotalSeconds);
                    interval = next;
                    break;
                default:
                    throw Ended(poll, ServerWords.Code(answer?.ErrorCode, deviceCode, proof.Verifier));
            }
        }
    }

    private async Task<(DevicePoll, TokenAnswer?)> AskAsync(
        string deviceCode,
        Pkce proof,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var (status, answer) = await PostAsync(
                    _options.TokenEndpoint,
                    [
                        new("grant_type", Grant),
                        new("client_id", _options.ClientId),
                        new("device_code", deviceCode),
                        new("code_verifier", proof.Verifier),
                    ],
                    cancellationToken
                )
                .ConfigureAwait(false);
            return (DevicePollPlan.Read(status, answer), answer);
        }
        catch (NoAnswerException)
        {
            return (DevicePoll.Trouble, null);
        }
    }

    private async Task<(HttpStatusCode, TokenAnswer?)> PostAsync(
        Uri endpoint,
        KeyValuePair<string, string>[] fields,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint)
        {
            Content = new FormUrlEncodedContent(fields),
        };
        return await _http
            .SendAsync(request, TokenJsonContext.Default.TokenAnswer, _options.RefreshTimeout, cancellationToken)
            .ConfigureAwait(false);
    }

    private QwenCredential ToCredential(TokenAnswer answer)
    {
        try
        {
            return answer.ToCredential(_time.GetUtcNow(), old: null);
        }
        catch (ArgumentException)
        {
            throw new QwenException(
                QwenFailureKind.Protocol,
                $"The login at {Host} ended with a token that no header can carry. Check the token endpoint."
            );
        }
    }

    // People open it, so it must be where it says it is.
    private Uri Page(string? address)
    {
        return
            Uri.TryCreate(address, UriKind.Absolute, out var page)
            && (page.Scheme == Uri.UriSchemeHttps || (page.Scheme == Uri.UriSchemeHttp && page.IsLoopback))
            ? page
            : throw new QwenException(
                QwenFailureKind.Protocol,
                $"{_options.DeviceCodeEndpoint.Host} names a login page that is not https. The login was not begun."
            );
    }

    private QwenException NotBegun(HttpStatusCode status, TokenAnswer? answer)
    {
        var error = ServerWords.Code(answer?.ErrorCode);
        var said = ServerWords.Said(status, error);
        return new QwenException(
            (int)status < 300 ? QwenFailureKind.Protocol : FailureClassifier.Classify((int)status, null, null, null),
            $"The login could not be begun: {_options.DeviceCodeEndpoint.Host} answered {said} without a code. "
                + QwenOAuthOptions.EndOfTheFreeTier,
            statusCode: status
        )
        {
            ErrorCode = error,
        };
    }

    private QwenAuthenticationException Ended(DevicePoll poll, string? error)
    {
        var why = poll switch
        {
            DevicePoll.Denied => "the request was denied. Start again if that was a mistake.",
            DevicePoll.Expired => "the code ended before anyone entered it. Start again.",
            _ => $"{Host} refused it{(error is null ? "" : $" ({error})")}. " + QwenOAuthOptions.EndOfTheFreeTier,
        };
        return new QwenAuthenticationException("Not logged in: " + why) { ErrorCode = error };
    }
}
