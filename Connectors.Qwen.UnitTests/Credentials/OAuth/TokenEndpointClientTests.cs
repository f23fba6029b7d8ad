using System.Net;
using Connectors.Qwen.Credentials;
using Connectors.Qwen.UnitTests.Testing;

namespace Connectors.Qwen.UnitTests.Credentials.OAuth;

public class TokenEndpointClientTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task RefreshAsync_Request_IsExactlyThis()
    {
        var handler = new ScriptedHandler(() => Logins.Renewed());
        var options = new QwenOAuthOptions { ClientId = "client" };

        await Client(handler, options).RefreshAsync(Logins.Ended(), Limit, default);

        var request = handler.Request;
        Assert.Equal("POST https://chat.qwen.ai/api/v1/oauth2/token", request.Line);
        Assert.Equal("grant_type=refresh_token&refresh_token=r1&client_id=client", request.Body);
        Assert.Equal("application/x-www-form-urlencoded", request.ContentType);
        Assert.Equal("application/json", request.Headers["Accept"]);
        Assert.StartsWith("Connectors.Qwen/", request.Headers["User-Agent"]);
        Assert.False(request.Headers.ContainsKey("Authorization"));
    }

    [Fact]
    public async Task RefreshAsync_AnswerWithTheAccessTokenAlone_KeepsTheRest()
    {
        var handler = new ScriptedHandler(() => Answers.Json("""{"access_token":"a2"}"""));

        var renewed = await Client(handler).RefreshAsync(Logins.Ended(), Limit, default);

        Assert.Equal(("a2", "r1"), (renewed.AccessToken, renewed.RefreshToken));
        Assert.Equal(new Uri("https://old.example/v1"), renewed.Endpoint);
        Assert.Equal((Logins.Now, Logins.Now.AddSeconds(3600)), (renewed.ObtainedAt!.Value, renewed.ExpiresAt!.Value));
    }

    [Theory]
    [InlineData("120", 120)]
    [InlineData("\"120\"", 120)]
    [InlineData("120.5", 120.5)]
    [InlineData("0", 3600)]
    [InlineData("-5", 3600)]
    [InlineData("null", 3600)]
    [InlineData("1e12", 3600)]
    public async Task RefreshAsync_Life_IsWhatTheServerSaysWhereThatMakesSense(string expiresIn, double seconds)
    {
        var handler = new ScriptedHandler(() => Answers.Json($$"""{"access_token":"a2","expires_in":{{expiresIn}}}"""));

        var renewed = await Client(handler).RefreshAsync(Logins.Ended(), Limit, default);

        Assert.Equal(Logins.Now.AddSeconds(seconds), renewed.ExpiresAt);
    }

    [Theory]
    [InlineData("""{"access_token":"a2","refresh_token":""}""")]
    [InlineData("""{"access_token":"a2","refresh_token":null,"resource_url":"not an address"}""")]
    [InlineData("""{"access_token":"a2","refresh_token":5,"resource_url":{"a":1},"expires_in":[1]}""")]
    [InlineData("""{"access_token":"a2","refresh_token":{},"resource_url":7,"expires_in":{}}""")]
    [InlineData("""{"access_token":"a2","refresh_token":true,"resource_url":[],"interval":[],"status":1,"error":{}}""")]
    public async Task RefreshAsync_EmptyOrUnreadableField_KeepsTheOldOne(string answer)
    {
        var renewed = await Client(new ScriptedHandler(() => Answers.Json(answer)))
            .RefreshAsync(Logins.Ended(), Limit, default);

        Assert.Equal(("a2", Logins.Now.AddHours(1)), (renewed.AccessToken, renewed.ExpiresAt));
        Assert.Equal(("r1", new Uri("https://old.example/v1")), (renewed.RefreshToken, renewed.Endpoint));
    }

    [Theory]
    [InlineData("invalid_grant", HttpStatusCode.BadRequest)]
    [InlineData("invalid_client", HttpStatusCode.Unauthorized)]
    [InlineData("invalid_grant", HttpStatusCode.OK)]
    public async Task RefreshAsync_LoginRefused_SaysToLogInAgain(string error, HttpStatusCode status)
    {
        var handler = new ScriptedHandler(() => Logins.Refused(error, status));

        var e = await Assert.ThrowsAsync<QwenAuthenticationException>(() =>
            Client(handler).RefreshAsync(Logins.Ended(), Limit, default)
        );

        Assert.Equal((error, status), (e.ErrorCode, e.StatusCode!.Value));
        Assert.StartsWith(
            $"The login at chat.qwen.ai has ended or was revoked (HTTP {(int)status}, {error}). Log in again.",
            e.Message
        );
        Assert.DoesNotContain("r1", e.Message);
    }

    [Theory]
    [InlineData("refresh-s3cret", HttpStatusCode.BadRequest)]
    [InlineData("unknown.refresh-s3cret", HttpStatusCode.Unauthorized)]
    [InlineData("access-s3cret_", HttpStatusCode.BadRequest)]
    [InlineData("two words", HttpStatusCode.BadRequest)]
    [InlineData("x1234567890123456789012345678901234567890123456789012345678901234567890", HttpStatusCode.BadRequest)]
    [InlineData("refresh-s3cret", HttpStatusCode.InternalServerError)]
    [InlineData("refresh-s3cret", HttpStatusCode.OK)]
    public async Task A24_RefreshAsync_ErrorThatIsNoCode_IsNotRepeated(string error, HttpStatusCode status)
    {
        var client = Client(new ScriptedHandler(() => Logins.Refused(error, status)));
        var login = new QwenCredential("access-s3cret", Logins.Now, "refresh-s3cret");

        var e = await Assert.ThrowsAnyAsync<QwenException>(() => client.RefreshAsync(login, Limit, default));

        Assert.Equal((null, status), (e.ErrorCode, e.StatusCode!.Value));
        Assert.Contains($"HTTP {(int)status}", e.Message);
        Assert.DoesNotContain(error, e.ToString());
    }

    [Theory]
    [InlineData("server_error", HttpStatusCode.InternalServerError, QwenFailureKind.ServerError)]
    [InlineData("temporarily_unavailable", HttpStatusCode.ServiceUnavailable, QwenFailureKind.ServerError)]
    [InlineData("slow_down", HttpStatusCode.TooManyRequests, QwenFailureKind.RateLimited)]
    public async Task RefreshAsync_PassingTroubleNamedInTheBody_IsNotALostLogin(
        string error,
        HttpStatusCode status,
        QwenFailureKind expected
    )
    {
        var handler = new ScriptedHandler(() => Logins.Refused(error, status));

        var e = await Assert.ThrowsAnyAsync<QwenException>(() =>
            Client(handler).RefreshAsync(Logins.Ended(), Limit, default)
        );

        Assert.Equal(expected, e.Kind);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError, "", QwenFailureKind.ServerError)]
    [InlineData(HttpStatusCode.GatewayTimeout, "stream timeout", QwenFailureKind.ServerTimeout)]
    [InlineData(HttpStatusCode.TooManyRequests, "{}", QwenFailureKind.RateLimited)]
    [InlineData(HttpStatusCode.OK, "<html>", QwenFailureKind.Protocol)]
    [InlineData(HttpStatusCode.OK, "{}", QwenFailureKind.Protocol)]
    [InlineData(HttpStatusCode.OK, "null", QwenFailureKind.Protocol)]
    public async Task RefreshAsync_NoToken_IsAPassingFailure(HttpStatusCode status, string body, QwenFailureKind kind)
    {
        var handler = new ScriptedHandler(() => Answers.Json(body, status));

        var e = await Assert.ThrowsAsync<QwenException>(() =>
            Client(handler).RefreshAsync(Logins.Ended(), Limit, default)
        );

        Assert.Equal((kind, status), (e.Kind, e.StatusCode!.Value));
        Assert.StartsWith($"The token could not be renewed: chat.qwen.ai answered HTTP {(int)status}", e.Message);
    }

    [Fact]
    public async Task RefreshAsync_AnswerOfAnySize_IsReadInPart()
    {
        var handler = new ScriptedHandler(() => Answers.Json("""{"access_token":"a2"}""".PadRight(1 << 20)));

        var e = await Assert.ThrowsAsync<QwenException>(() =>
            Client(handler).RefreshAsync(Logins.Ended(), Limit, default)
        );

        Assert.Equal(QwenFailureKind.Protocol, e.Kind);
    }

    [Fact]
    public async Task RefreshAsync_PlainAddressOfTheAnswer_IsKeptForTheClientToRefuse()
    {
        var answer = """{"access_token":"a2","resource_url":"http://evil.example"}""";

        var renewed = await Client(new ScriptedHandler(() => Answers.Json(answer)))
            .RefreshAsync(Logins.Ended(), Limit, default);

        Assert.Equal(new Uri("http://evil.example/v1"), renewed.Endpoint);
    }

    [Fact]
    public async Task RefreshAsync_TokenThatNoHeaderCanCarry_IsNotRetried()
    {
        var handler = new ScriptedHandler(() => Answers.Json("""{"access_token":"a b"}"""));

        var e = await Assert.ThrowsAsync<QwenException>(() =>
            Client(handler).RefreshAsync(Logins.Ended(), Limit, default)
        );

        Assert.Equal((QwenFailureKind.Protocol, true), (e.Kind, e.IsPermanent));
        Assert.DoesNotContain("a b", e.ToString());
    }

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, false)]
    [InlineData(HttpRequestError.ConnectionError, false)]
    [InlineData(HttpRequestError.SecureConnectionError, false)]
    [InlineData(HttpRequestError.ResponseEnded, true)]
    [InlineData(HttpRequestError.Unknown, true)]
    public async Task RefreshAsync_NoAnswer_SaysWhetherTheRequestMayHaveArrived(HttpRequestError error, bool wasSent)
    {
        var client = Client(new ScriptedHandler().Then(new HttpRequestException(error)));

        var e = await Assert.ThrowsAsync<NoAnswerException>(() => client.RefreshAsync(Logins.Ended(), Limit, default));

        Assert.Equal(wasSent, e.WasSent);
        var failure = client.NoAnswer(e);
        Assert.Equal((QwenFailureKind.Connection, wasSent), (failure.Kind, failure.IsPermanent));
        Assert.StartsWith(
            wasSent
                ? "The outcome of the renewal is unknown: the answer of chat.qwen.ai was lost."
                : "The token could not be renewed: no connection to chat.qwen.ai.",
            failure.Message
        );
    }

    private static TokenEndpointClient Client(ScriptedHandler handler, QwenOAuthOptions? options = null)
    {
        return new TokenEndpointClient(options ?? new QwenOAuthOptions(), handler.CreateClient(), Logins.Clock());
    }
}
