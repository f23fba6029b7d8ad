using System.Net;
using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.UnitTests.Testing.Tokens;

namespace Connectors.Qwen.UnitTests.Credentials.DeviceLogin;

public sealed class DeviceCodeLoginTests : IDisposable
{
    private const string Code = """
        {"device_code":"device-s3cret","user_code":"ABCD-1234","verification_uri":"https://login.example/device",
         "verification_uri_complete":"https://login.example/device?user_code=ABCD-1234","expires_in":600}
        """;

    private static readonly TimeSpan Five = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Ten = TimeSpan.FromSeconds(10);

    private readonly ManualTime _time = new();
    private readonly RecordingLogger _log = new();
    private readonly ScriptedHandler _handler = new(() => Answers.Json(Code));
    private DeviceCodePrompt? _shown;

    [Fact]
    public async Task A26_LoginAsync_PersonLogsIn_IsALogin()
    {
        _handler.Then(() => Logins.Refused("authorization_pending")).Then(() => Logins.Renewed());

        var pending = LoginAsync();
        await _time.PassAsync(Five);
        await _time.PassAsync(Five);
        var login = await pending;

        Assert.Equal(("a2", "r2"), (login.AccessToken, login.RefreshToken));
        Assert.Equal((_time.GetUtcNow(), _time.GetUtcNow().AddHours(1)), (login.ObtainedAt, login.ExpiresAt));
        Assert.Equal("ABCD-1234", _shown!.UserCode);
        Assert.Equal(new Uri("https://login.example/device"), _shown.VerificationUri);
        Assert.Equal(new Uri("https://login.example/device?user_code=ABCD-1234"), _shown.VerificationUriComplete);
        Assert.Equal(ManualTime.Begin.AddSeconds(600), _shown.ExpiresAt);
        Assert.Equal([121, 123], _log.Ids());
    }

    [Fact]
    public async Task LoginAsync_Requests_AreThoseOfTheRfcs()
    {
        _handler.Then(() => Logins.Renewed());

        var pending = LoginAsync();
        await _time.PassAsync(Five);
        await pending;

        var (begin, poll) = (_handler.Requests[0], _handler.Requests[1]);
        Assert.Equal("POST https://chat.qwen.ai/api/v1/oauth2/device/code", begin.Line);
        Assert.Matches(
            "^client_id=f0304373b74a44d2b584a3fb70ca9e56&scope=openid\\+profile\\+email\\+model\\.completion"
                + "&code_challenge=[A-Za-z0-9_-]{43}&code_challenge_method=S256$",
            begin.Body
        );
        Assert.Equal("POST https://chat.qwen.ai/api/v1/oauth2/token", poll.Line);
        Assert.Matches(
            "^grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"
                + "&client_id=f0304373b74a44d2b584a3fb70ca9e56&device_code=device-s3cret&code_verifier=[A-Za-z0-9_-]{43}$",
            poll.Body
        );
    }

    [Theory]
    [InlineData("", 5)]
    [InlineData(",\"interval\":7", 7)]
    [InlineData(",\"interval\":\"7\"", 7)]
    [InlineData(",\"interval\":0", 5)]
    [InlineData(",\"interval\":null", 5)]
    public async Task LoginAsync_Interval_IsTheServersElseFiveSeconds(string interval, int seconds)
    {
        var handler = new ScriptedHandler(() => Answers.Json(Code.TrimEnd()[..^1] + interval + "}")).Then(() =>
            Logins.Renewed()
        );

        var pending = LoginAsync(handler);
        await _time.Scheduled(TimeSpan.FromSeconds(seconds));
        _time.Advance(TimeSpan.FromSeconds(seconds - 0.001));
        Assert.Single(handler.Requests);
        _time.Advance(TimeSpan.FromSeconds(0.001));

        await pending;
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public async Task A26_LoginAsync_SlowDown_AddsFiveSecondsForGood(HttpStatusCode status)
    {
        _handler
            .Then(() => Logins.Refused("slow_down", status))
            .Then(() => Logins.Refused("authorization_pending"))
            .Then(() => Logins.Refused("slow_down", status))
            .Then(() => Logins.Renewed());

        var pending = LoginAsync();
        foreach (var seconds in new[] { 5, 10, 10, 15 })
        {
            // Not the clock of a request, which may be as long.
            await Guard.UntilAsync(() => _log.Count(121) == 1);
            await _time.PassAsync(TimeSpan.FromSeconds(seconds));
        }

        await pending;
        Assert.Equal(ManualTime.Begin.AddSeconds(40), _time.GetUtcNow());
        Assert.Equal(5, _handler.Requests.Count);
    }

    [Fact]
    public async Task A26_LoginAsync_NetworkBlip_IsAskedAgainMoreSlowly()
    {
        _handler
            .Then(new HttpRequestException(HttpRequestError.ConnectionError))
            .Then(() => Answers.Text("<html>", "text/html", HttpStatusCode.BadGateway))
            .Then(() => Logins.Renewed());

        var pending = LoginAsync();
        await _time.PassAsync(Five);
        await _time.PassAsync(Ten);
        await _time.PassAsync(TimeSpan.FromSeconds(20));

        Assert.Equal("a2", (await pending).AccessToken);
    }

    [Theory]
    [InlineData("access_denied", HttpStatusCode.BadRequest, "the request was denied.")]
    [InlineData("expired_token", HttpStatusCode.BadRequest, "the code ended before anyone entered it.")]
    [InlineData("invalid_client", HttpStatusCode.Unauthorized, "chat.qwen.ai refused it (invalid_client).")]
    public async Task A26_LoginAsync_NoLogin_SaysWhy(string error, HttpStatusCode status, string expected)
    {
        _handler.Then(() => Logins.Refused(error, status));

        var pending = LoginAsync();
        await _time.PassAsync(Five);
        var e = await Assert.ThrowsAsync<QwenAuthenticationException>(() => pending);

        Assert.StartsWith("Not logged in: " + expected, e.Message);
        Assert.Equal(error, e.ErrorCode);
        Assert.DoesNotContain("s3cret", e.ToString());
    }

    [Fact]
    public async Task A26_LoginAsync_NobodyEntersTheCode_EndsWithIt()
    {
        var code = Code.Replace("600", "12", StringComparison.Ordinal);
        var handler = new ScriptedHandler(() => Answers.Json(code)).Then(() => Logins.Refused("authorization_pending"));

        var pending = LoginAsync(handler);
        await _time.PassAsync(Five);
        await Guard.UntilAsync(() => _log.Count(122) == 1);
        _time.Advance(Five);
        await Guard.UntilAsync(() => _log.Count(122) == 2);
        _time.Advance(Five);
        var e = await Assert.ThrowsAsync<QwenAuthenticationException>(() => pending);

        Assert.StartsWith("Not logged in: the code ended before anyone entered it.", e.Message);
        Assert.Equal(3, handler.Requests.Count);
    }

    [Theory]
    [InlineData("http://login.example/device")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/device")]
    public async Task LoginAsync_PageThatIsNotHttps_IsNotShown(string page)
    {
        foreach (
            var field in new[]
            {
                "https://login.example/device\"",
                "https://login.example/device?user_code=ABCD-1234\"",
            }
        )
        {
            var handler = new ScriptedHandler(() =>
                Answers.Json(Code.Replace(field, page + "\"", StringComparison.Ordinal))
            );

            var e = await Assert.ThrowsAsync<QwenException>(() => LoginAsync(handler));

            Assert.Equal("chat.qwen.ai names a login page that is not https. The login was not begun.", e.Message);
            Assert.Null(_shown);
            Assert.Single(handler.Requests);
        }
    }

    [Fact]
    public async Task LoginAsync_PageOnThisMachine_IsShown()
    {
        var code = Code.Replace("https://login.example", "http://localhost:5000", StringComparison.Ordinal);
        var handler = new ScriptedHandler(() => Answers.Json(code)).Then(() => Logins.Renewed());

        var pending = LoginAsync(handler);
        await _time.PassAsync(Five);
        await pending;

        Assert.Equal(new Uri("http://localhost:5000/device"), _shown!.VerificationUri);
    }

    [Theory]
    [InlineData("{}", HttpStatusCode.OK, QwenFailureKind.Protocol, "HTTP 200 without a code")]
    [InlineData("""{"device_code":"d"}""", HttpStatusCode.OK, QwenFailureKind.Protocol, "HTTP 200 without a code")]
    [InlineData("""{"error":"invalid_client"}""", HttpStatusCode.OK, QwenFailureKind.Protocol, "200, invalid_client")]
    [InlineData("<html>", HttpStatusCode.NotFound, QwenFailureKind.NotFound, "HTTP 404 without a code")]
    [InlineData("", HttpStatusCode.ServiceUnavailable, QwenFailureKind.ServerError, "HTTP 503 without a code")]
    public async Task LoginAsync_NoCode_SaysWhatTheServerAnswered(
        string body,
        HttpStatusCode status,
        QwenFailureKind kind,
        string expected
    )
    {
        var handler = new ScriptedHandler(() => Answers.Json(body, status));

        var e = await Assert.ThrowsAnyAsync<QwenException>(() => LoginAsync(handler));

        Assert.Equal((kind, status), (e.Kind, e.StatusCode));
        Assert.Contains(expected, e.Message);
        Assert.Contains("free OAuth tier ended", e.Message);
    }

    [Fact]
    public async Task LoginAsync_NoAnswer_IsAConnectionFailure()
    {
        var handler = new ScriptedHandler().Then(new HttpRequestException(HttpRequestError.ConnectionError));

        var e = await Assert.ThrowsAsync<QwenException>(() => LoginAsync(handler));

        Assert.Equal(QwenFailureKind.Connection, e.Kind);
        Assert.StartsWith("The login could not be begun: no answer from chat.qwen.ai.", e.Message);
    }

    [Fact]
    public async Task A26_LoginAsync_Cancelled_StopsAtOnce()
    {
        using var source = new CancellationTokenSource();
        var pending = LoginAsync(cancellationToken: source.Token);
        await _time.Scheduled(Five);
        await Guard.UntilAsync(() => _shown is not null);

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
        Assert.Single(_handler.Requests);
    }

    [Fact]
    public async Task LoginAsync_PromptThrows_IsTheCallersException()
    {
        using var login = new DeviceCodeLogin(null, _handler.CreateClient(), null, _time);
        var failure = new InvalidOperationException("no terminal");

        var e = await Record.ExceptionAsync(() => login.LoginAsync((_, _) => throw failure));

        Assert.Same(failure, e);
    }

    [Fact]
    public async Task A24_LoginAsync_Secrets_AreNotLogged()
    {
        _handler.Then(() => Logins.Refused("authorization_pending")).Then(() => Logins.Renewed("token-s3cret"));

        var pending = LoginAsync();
        await _time.PassAsync(Five);
        await _time.PassAsync(Five);
        var login = await pending;

        Assert.All(_log.Entries, e => Assert.DoesNotContain("s3cret", e.Text));
        Assert.DoesNotContain("s3cret", login.ToString());
        Assert.DoesNotContain("ABCD", _shown!.ToString());
    }

    public void Dispose()
    {
        _handler.Dispose();
    }

    private Task<QwenCredential> LoginAsync(
        ScriptedHandler? handler = null,
        CancellationToken cancellationToken = default
    )
    {
        // Requests have a clock of their own, of another length than all intervals.
        var options = new QwenOAuthOptions { RefreshTimeout = TimeSpan.FromSeconds(33) };
        var login = new DeviceCodeLogin(options, (handler ?? _handler).CreateClient(), _log.AsFactory(), _time);
        return Guard.WaitAsync(
            login.LoginAsync(
                (prompt, _) =>
                {
                    _shown = prompt;
                    return ValueTask.CompletedTask;
                },
                cancellationToken
            )
        );
    }
}
