using System.Net;
using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.UnitTests.Testing.Tokens;

namespace Connectors.Qwen.UnitTests.Credentials.OAuth;

public class LoginSourceTests : LoginSourceTest
{
    private static readonly TimeSpan SecondDelay = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task RenewAsync_RefreshToken_IsExchangedAndSavedInPlaceOfTheOneUsed()
    {
        var handler = new ScriptedHandler(() => Logins.Renewed());

        var renewal = await RenewAsync(Source(handler));

        Assert.False(renewal.IsAdopted);
        Assert.Equal(("a2", "r2"), (renewal.Credential.AccessToken, renewal.Credential.RefreshToken));
        Assert.Same(renewal.Credential, _store.Held);
        Assert.Equal([("r1", "r2")], _store.Writes);
        Assert.Equal(0, _store.OpenLeases);
    }

    [Fact]
    public async Task A16_RenewAsync_StoreHoldsAnother_IsAdoptedWithoutTheLock()
    {
        _store.Held = Other;
        var handler = new ScriptedHandler();

        var renewal = await RenewAsync(Source(handler));

        Assert.Equal((Other, true), (renewal.Credential, renewal.IsAdopted));
        Assert.Equal(0, _store.Acquired);
        Assert.Empty(handler.Requests);
    }

    [Fact]
    public async Task A15_RenewAsync_RenewedByAnotherWhileWaiting_IsAdoptedUnderTheLock()
    {
        _store.Acquiring = () =>
        {
            _store.Held = Other;
            return Task.CompletedTask;
        };
        var handler = new ScriptedHandler();

        var renewal = await RenewAsync(Source(handler));

        Assert.Equal((Other, true), (renewal.Credential, renewal.IsAdopted));
        Assert.Empty(handler.Requests);
        Assert.Equal(0, _store.OpenLeases);
    }

    [Fact]
    public async Task A12_RenewAsync_NoConnection_IsTriedThreeTimesWithoutTheLock()
    {
        var handler = new ScriptedHandler()
            .Then(new HttpRequestException(HttpRequestError.ConnectionError))
            .Then(new HttpRequestException(HttpRequestError.NameResolutionError))
            .Then(() => Logins.Renewed());

        var pending = RenewAsync(Source(handler));
        await _time.Scheduled(FirstDelay);
        Assert.Equal((1, 0), (_store.Acquired, _store.OpenLeases));
        _time.Advance(FirstDelay);
        await _time.Scheduled(SecondDelay);
        Assert.Equal((2, 0), (_store.Acquired, _store.OpenLeases));
        _time.Advance(SecondDelay);

        Assert.Equal("a2", (await pending).Credential.AccessToken);
        Assert.Equal((3, 3), (handler.Requests.Count, _store.Acquired));
        Assert.Equal([112, 112], _log.Ids());
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError, QwenFailureKind.ServerError)]
    [InlineData(HttpStatusCode.BadGateway, QwenFailureKind.ServerError)]
    [InlineData(HttpStatusCode.GatewayTimeout, QwenFailureKind.ServerTimeout)]
    [InlineData(HttpStatusCode.TooManyRequests, QwenFailureKind.RateLimited)]
    public async Task A12_RenewAsync_ServerInTrouble_EndsAfterThreeTries(HttpStatusCode status, QwenFailureKind kind)
    {
        var handler = new ScriptedHandler(() => Answers.Json("{}", status));

        var pending = RenewAsync(Source(handler));
        await _time.PassAsync(FirstDelay);
        await _time.PassAsync(SecondDelay);
        var e = await Assert.ThrowsAsync<QwenException>(() => pending);

        Assert.Equal((kind, status), (e.Kind, e.StatusCode));
        Assert.Equal((3, 0), (handler.Requests.Count, _store.OpenLeases));
    }

    [Fact]
    public async Task A12_RenewAsync_AnswerLostOnce_IsAskedOnceMore()
    {
        var handler = new ScriptedHandler()
            .Then(new HttpRequestException(HttpRequestError.ResponseEnded))
            .Then(() => Logins.Renewed());

        var pending = RenewAsync(Source(handler));
        await _time.PassAsync(FirstDelay);

        Assert.Equal("a2", (await pending).Credential.AccessToken);
    }

    [Fact]
    public async Task A12_RenewAsync_AnswerLostTwice_SaysThatTheOutcomeIsUnknown()
    {
        var handler = new ScriptedHandler().Then(new HttpRequestException(HttpRequestError.ResponseEnded));

        var pending = RenewAsync(Source(handler));
        await _time.PassAsync(FirstDelay);
        var e = await Assert.ThrowsAsync<QwenException>(() => pending);

        Assert.StartsWith("The outcome of the renewal is unknown: the answer of chat.qwen.ai was lost.", e.Message);
        Assert.Equal((QwenFailureKind.Connection, true), (e.Kind, e.IsPermanent));
        Assert.Equal(2, handler.Requests.Count);
    }

    [Fact]
    public async Task A12_RenewAsync_AnswerLostAndStoreChanged_IsAdopted()
    {
        var handler = new ScriptedHandler().Then(new HttpRequestException(HttpRequestError.ResponseEnded));

        var pending = RenewAsync(Source(handler));
        await _time.Scheduled(FirstDelay);
        _store.Held = Other;
        _time.Advance(FirstDelay);

        Assert.Equal((Other, true), ((await pending).Credential, (await pending).IsAdopted));
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task A12_RenewAsync_AnswerLostAndThenRefused_NamesTheCause()
    {
        var handler = new ScriptedHandler()
            .Then(new HttpRequestException(HttpRequestError.ResponseEnded))
            .Then(() => Logins.Refused("invalid_grant"));

        var pending = RenewAsync(Source(handler));
        await _time.PassAsync(FirstDelay);
        var e = await Assert.ThrowsAsync<QwenAuthenticationException>(() => pending);

        Assert.StartsWith(
            "An answer of the token endpoint was lost, and the refresh token is used up since. The login at chat.qwen.ai has ended",
            e.Message
        );
    }

    [Fact]
    public async Task A14_RenewAsync_LoginRefused_IsRememberedUntilTheStoreHoldsAnother()
    {
        var handler = new ScriptedHandler(() => Logins.Refused("invalid_grant"), () => Logins.Renewed());
        var source = Source(handler);

        var first = await Assert.ThrowsAsync<QwenAuthenticationException>(() => RenewAsync(source));
        var second = await Assert.ThrowsAsync<QwenAuthenticationException>(() => RenewAsync(source));

        Assert.NotSame(first, second);
        Assert.Equal((first.Message, first.ErrorCode), (second.Message, second.ErrorCode));
        Assert.Equal((1, 1), (handler.Requests.Count, _store.Acquired));

        _store.Held = new QwenCredential("a9", ManualTime.Begin.AddSeconds(-1), "r9");
        Assert.Equal("a2", (await RenewAsync(source)).Credential.AccessToken);
        Assert.Contains("refresh_token=r9", handler.Requests[1].Body);
    }

    [Fact]
    public async Task RenewAsync_RefusedButTheStoreHasChangedMeanwhile_IsAdopted()
    {
        // qwen-code, that does not know our lock, was faster.
        var handler = new ScriptedHandler(() =>
        {
            _store.Held = Other;
            return Logins.Refused("invalid_grant");
        });

        var renewal = await RenewAsync(Source(handler));

        Assert.Equal((Other, true), (renewal.Credential, renewal.IsAdopted));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A22_RenewAsync_Obstacle_IsOnlyRiskedWhenItIsNeeded(bool isAhead)
    {
        _store.Obstacle = new QwenException(QwenFailureKind.CredentialStore, "read-only");
        var handler = new ScriptedHandler(() => Logins.Renewed());
        var source = Source(handler);

        if (isAhead)
        {
            var e = await Assert.ThrowsAsync<QwenException>(() => RenewAsync(source, isAhead));
            Assert.Equal("read-only", e.Message);
            Assert.Empty(handler.Requests);
        }
        else
        {
            Assert.Equal("a2", (await RenewAsync(source)).Credential.AccessToken);
        }

        Assert.Equal(0, _store.OpenLeases);
    }

    [Theory]
    [InlineData(false, "There is no login in the credential store. Log in first, for example with DeviceCodeLogin.")]
    [InlineData(true, "The login has ended and holds no refresh token. Log in again.")]
    public async Task RenewAsync_NothingToRenewWith_SaysToLogIn(bool isThere, string expected)
    {
        _store.Held = isThere ? new QwenCredential("a1", ManualTime.Begin) : null;

        var e = await Assert.ThrowsAsync<QwenAuthenticationException>(() => RenewAsync(Source(new ScriptedHandler())));

        Assert.Equal(expected, e.Message);
        Assert.Equal(0, _store.Acquired);
    }

    [Fact]
    public async Task A22_RenewAsync_LoggedOutMeanwhile_TokenIsUsedAndNotSaved()
    {
        _store.Writing = () =>
        {
            _store.Held = null;
            return Task.CompletedTask;
        };

        var renewal = await RenewAsync(Source(new ScriptedHandler(() => Logins.Renewed())));

        Assert.Equal("a2", renewal.Credential.AccessToken);
        Assert.Null(_store.Held);
        Assert.Equal([113], _log.Ids());
    }
}
