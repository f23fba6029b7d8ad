using System.Net;
using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.UnitTests.Testing.Tokens;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace Connectors.Qwen.UnitTests.Credentials.TemporaryKeys;

public class TemporaryKeySourceTests
{
    private readonly FakeTimeProvider _time = Logins.Clock();
    private readonly TemporaryKeyOptions _options = new();
    private IQwenCredentialProvider _parent = new ApiKeyCredentialProvider(RawClient.Secret);

    [Fact]
    public async Task A28_GetCredentialAsync_Key_IsMintedFor1800Seconds()
    {
        var handler = new ScriptedHandler(() => Minted("st-1", 1800));

        var key = await GetAsync(Provider(handler));

        Assert.Equal(("st-1", null), (key.AccessToken, key.RefreshToken));
        Assert.Equal((Logins.Now, Logins.Now.AddSeconds(1800)), (key.ObtainedAt, key.ExpiresAt));
        Assert.Null(key.Endpoint);
        var request = handler.Request;
        Assert.Equal("POST https://dashscope.aliyuncs.com/api/v1/tokens?expire_in_seconds=1800", request.Line);
        Assert.Equal("Bearer " + RawClient.Secret, request.Headers["Authorization"]);
        Assert.Equal("", request.Body);
    }

    [Fact]
    public async Task Endpoint_Region_IsWhereKeysAreMinted()
    {
        _options.Endpoint = QwenEndpoints.Singapore;
        _options.Lifetime = TimeSpan.FromSeconds(60);
        var handler = new ScriptedHandler(() => Minted("st-1", 60));

        await GetAsync(Provider(handler));

        Assert.Equal(
            "POST https://dashscope-intl.aliyuncs.com/api/v1/tokens?expire_in_seconds=60",
            handler.Request.Line
        );
    }

    // What the server says of its end, in Unix seconds from now; the life we count with.
    public static TheoryData<string, double> Ends =>
        new()
        {
            { "600", 600 },
            { "1800", 1800 },
            // By a clock that differs from ours.
            { "3600", 1800 },
            { "-5", 1800 },
            { "null", 1800 },
            { "\"soon\"", 1800 },
            { "0.5", 1800 },
            { "999999999999999", 1800 },
        };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task A28_GetCredentialAsync_End_IsNeverLaterThanAskedFor(string end, double expected)
    {
        var at =
            long.TryParse(end, out var seconds) && seconds < 1e9 ? $"{Logins.Now.ToUnixTimeSeconds() + seconds}" : end;
        var handler = new ScriptedHandler(() => Answers.Json($$"""{"token":"st-1","expires_at":{{at}}}"""));

        Assert.Equal(Logins.Now.AddSeconds(expected), (await GetAsync(Provider(handler))).ExpiresAt);
    }

    [Fact]
    public async Task A28_GetCredentialAsync_KeyOf60Seconds_IsNotRenewedForEver()
    {
        _options.Lifetime = TimeSpan.FromSeconds(60);
        _options.RefreshAhead = TimeSpan.Zero;
        var minted = 0;
        var handler = new ScriptedHandler(() =>
            Answers.Json(
                $$"""{"token":"st-{{++minted}}","expires_at":{{_time.GetUtcNow().ToUnixTimeSeconds() + 60}}}"""
            )
        );
        var provider = Provider(handler);

        for (var second = 0; second < 600; second++)
        {
            await GetAsync(provider);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        // One each 45 seconds: its life without its buffer.
        Assert.Equal(14, minted);
    }

    [Fact]
    public async Task RenewCredentialAsync_RejectedKey_IsMintedAgain()
    {
        var provider = Provider(new ScriptedHandler(() => Minted("st-1", 1800), () => Minted("st-2", 1800)));

        var rejected = await GetAsync(provider);

        // A6: one minted a moment ago is not the cure for one minted a moment ago.
        Assert.Null(await Guard.WaitAsync(provider.RenewCredentialAsync(rejected).AsTask()));
        _time.Advance(TimeSpan.FromSeconds(30));
        var renewed = await Guard.WaitAsync(provider.RenewCredentialAsync(rejected).AsTask());

        Assert.Equal("st-2", renewed?.AccessToken);
    }

    [Fact]
    public async Task GetCredentialAsync_ParentRotated_IsMintedFromTheNewOne()
    {
        var keys = new Queue<string>(["old-parent", "new-parent"]);
        _parent = new ApiKeyCredentialProvider(() => keys.Count > 1 ? keys.Dequeue() : keys.Peek());
        var handler = new ScriptedHandler(
            () => Answers.Json("""{"code":"InvalidApiKey"}""", HttpStatusCode.Unauthorized),
            () => Minted("st-1", 1800)
        );

        Assert.Equal("st-1", (await GetAsync(Provider(handler))).AccessToken);

        Assert.Equal(
            ["Bearer old-parent", "Bearer new-parent"],
            handler.Requests.Select(r => r.Headers["Authorization"])
        );
    }

    [Fact]
    public async Task GetCredentialAsync_ParentRefused_NamesItByItsFingerprint()
    {
        var handler = new ScriptedHandler(() =>
            Answers.Json(
                $$"""{"code":"InvalidApiKey","message":"{{RawClient.Secret}}","request_id":"req-1"}""",
                HttpStatusCode.Unauthorized
            )
        );

        var e = await Assert.ThrowsAsync<QwenAuthenticationException>(() => GetAsync(Provider(handler)));

        var fingerprint = new QwenCredential(RawClient.Secret).Fingerprint;
        Assert.StartsWith(
            $"No temporary key: dashscope.aliyuncs.com refuses the parent key {fingerprint} (HTTP 401, InvalidApiKey).",
            e.Message
        );
        Assert.Equal(("InvalidApiKey", "req-1", _options.Endpoint), (e.ErrorCode, e.RequestId, e.Endpoint));
        Assert.DoesNotContain(RawClient.Secret, e.ToString());
        Assert.Single(handler.Requests);
    }

    [Theory]
    [InlineData("{}", HttpStatusCode.OK, QwenFailureKind.Protocol)]
    [InlineData("<html>", HttpStatusCode.OK, QwenFailureKind.Protocol)]
    [InlineData("""{"token":""}""", HttpStatusCode.OK, QwenFailureKind.Protocol)]
    [InlineData("""{"token":"st 1"}""", HttpStatusCode.OK, QwenFailureKind.Protocol)]
    [InlineData("", HttpStatusCode.Found, QwenFailureKind.Protocol)]
    [InlineData("{}", HttpStatusCode.InternalServerError, QwenFailureKind.ServerError)]
    [InlineData("""{"code":"Throttling"}""", HttpStatusCode.TooManyRequests, QwenFailureKind.RateLimited)]
    [InlineData("""{"code":"InvalidParameter"}""", HttpStatusCode.BadRequest, QwenFailureKind.InvalidRequest)]
    public async Task GetCredentialAsync_NoKey_IsAFailureOfItsKind(
        string body,
        HttpStatusCode status,
        QwenFailureKind kind
    )
    {
        var e = await Assert.ThrowsAnyAsync<QwenException>(() =>
            GetInTheEndAsync(
                new ScriptedHandler(
                    () => Answers.Json(body, status),
                    () => Answers.Json(body, status),
                    () => Answers.Json(body, status)
                )
            )
        );

        Assert.Equal(kind, e.Kind);
        Assert.StartsWith("No temporary key: dashscope.aliyuncs.com answered", e.Message);
    }

    [Fact]
    public async Task GetCredentialAsync_NoAnswer_IsAConnectionFailure()
    {
        var refused = new HttpRequestException(HttpRequestError.ConnectionError);
        var handler = new ScriptedHandler().Then(refused).Then(refused).Then(refused);

        var e = await Assert.ThrowsAsync<QwenException>(() => GetInTheEndAsync(handler));

        Assert.Equal(3, handler.Requests.Count);

        Assert.Equal(QwenFailureKind.Connection, e.Kind);
        Assert.StartsWith("No temporary key: no answer from dashscope.aliyuncs.com.", e.Message);
    }

    [Fact]
    public async Task A12_GetCredentialAsync_BusyOnce_IsAskedAgain()
    {
        var handler = new ScriptedHandler(
            () => Answers.Json("{}", HttpStatusCode.ServiceUnavailable),
            () => Minted("st-2", 1800)
        );

        Assert.Equal("st-2", (await GetInTheEndAsync(handler)).AccessToken);
        Assert.Equal(2, handler.Requests.Count);
    }

    [Fact]
    public async Task A28_GetCredentialAsync_ParentRefused_IsNotMintedWithAgainAtOnce()
    {
        var handler = new ScriptedHandler(
            () => Answers.Json("""{"code":"InvalidApiKey"}""", HttpStatusCode.Unauthorized),
            () => Minted("st-2", 1800)
        );
        using var provider = Provider(handler);

        await Assert.ThrowsAsync<QwenAuthenticationException>(() => GetAsync(provider));
        await Assert.ThrowsAsync<QwenAuthenticationException>(() => GetAsync(provider));
        Assert.Single(handler.Requests);

        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("st-2", (await GetAsync(provider)).AccessToken);
    }

    [Fact]
    public async Task GetCredentialAsync_ParentHasNone_SaysWhatItSays()
    {
        var parent = new Mock<IQwenCredentialProvider>();
        parent
            .Setup(p => p.GetCredentialAsync(It.IsAny<CancellationToken>()))
            .ThrowsAsync(new QwenAuthenticationException("no key"));
        _parent = parent.Object;

        var e = await Assert.ThrowsAsync<QwenAuthenticationException>(() => GetAsync(Provider(new ScriptedHandler())));

        Assert.Equal("no key", e.Message);
    }

    private TemporaryKeyCredentialProvider Provider(ScriptedHandler handler)
    {
        return new TemporaryKeyCredentialProvider(_parent, _options, handler.CreateClient(), null, _time);
    }

    private static Task<QwenCredential> GetAsync(TemporaryKeyCredentialProvider provider)
    {
        return Guard.WaitAsync(provider.GetCredentialAsync().AsTask());
    }

    /// <summary>The same where it tries several times: time passes, and the limit of one try is far away.</summary>
    private async Task<QwenCredential> GetInTheEndAsync(ScriptedHandler handler)
    {
        _options.RefreshTimeout = TimeSpan.FromHours(1);
        var pending = Provider(handler).GetCredentialAsync().AsTask();
        await Guard.UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(0.1));
            return pending.IsCompleted;
        });
        return await pending;
    }

    private static HttpResponseMessage Minted(string key, int seconds)
    {
        var end = Logins.Now.ToUnixTimeSeconds() + seconds;
        return Answers.Json($$"""{"token":"{{key}}","expires_at":{{end}}}""");
    }
}
