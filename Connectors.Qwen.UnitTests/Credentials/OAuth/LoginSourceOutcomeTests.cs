using System.Net;
using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.UnitTests.Testing.Tokens;

namespace Connectors.Qwen.UnitTests.Credentials.OAuth;

/// <summary>A store that changes during the exchange, refusals that are remembered, and answers that are lost.</summary>
public class LoginSourceOutcomeTests : LoginSourceTest
{
    private static readonly QwenCredential OtherEnded = new("b1", ManualTime.Begin.AddSeconds(-1), "rb");

    [Fact]
    public async Task A16_RenewAsync_StoreChangedDuringTheExchange_TheOtherLoginIsAdopted()
    {
        var renewal = await RenewAsync(Source(Meanwhile(Other)));

        Assert.Equal((Other, true), (renewal.Credential, renewal.IsAdopted));
        Assert.Same(Other, _store.Held);
        Assert.Equal([113], _log.Ids());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A16_RenewAsync_StoreHoldsNothingUsableSince_TheRenewedOneIsUsedAndNothingWritten(bool isDeleted)
    {
        var since = isDeleted ? null : OtherEnded;
        var source = Source(Meanwhile(since));

        var renewal = await RenewAsync(source);
        await source.SaveAgainAsync(default);

        Assert.Equal(("a2", false), (renewal.Credential.AccessToken, renewal.IsAdopted));
        Assert.Same(since, _store.Held);
        Assert.Single(_store.Writes);
        Assert.Equal(0, _store.OpenLeases);
    }

    [Fact]
    public async Task RenewAsync_StoreCannotBeReadAfterTheExchange_TheRenewedOneIsUsed()
    {
        _store.Loading = load =>
            load == 3 ? throw new QwenException(QwenFailureKind.CredentialStore, "gone") : Task.CompletedTask;

        var renewal = await RenewAsync(Source(Meanwhile(Other)));

        Assert.Equal(("a2", false), (renewal.Credential.AccessToken, renewal.IsAdopted));
        Assert.Same(Other, _store.Held);
    }

    [Theory]
    [InlineData("<html>400</html>", HttpStatusCode.BadRequest)]
    [InlineData("<html>401</html>", HttpStatusCode.Unauthorized)]
    [InlineData("""{"error":"invalid_client"}""", HttpStatusCode.Unauthorized)]
    public async Task A14_RenewAsync_RefusalThatIsNotOfTheLogin_IsRememberedFor30Seconds(
        string body,
        HttpStatusCode status
    )
    {
        var handler = new ScriptedHandler(() => Answers.Text(body, "text/html", status), () => Logins.Renewed());
        var source = Source(handler);

        await Assert.ThrowsAsync<QwenAuthenticationException>(() => RenewAsync(source));
        _time.Advance(TimeSpan.FromSeconds(29.9));
        await Assert.ThrowsAsync<QwenAuthenticationException>(() => RenewAsync(source));
        Assert.Single(handler.Requests);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal("a2", (await RenewAsync(source)).Credential.AccessToken);
    }

    [Fact]
    public async Task A14_RenewAsync_InvalidGrant_IsRememberedForGood()
    {
        var handler = new ScriptedHandler(() => Logins.Refused("invalid_grant"), () => Logins.Renewed());
        var source = Source(handler);

        await Assert.ThrowsAsync<QwenAuthenticationException>(() => RenewAsync(source));
        _time.Advance(TimeSpan.FromDays(30));

        await Assert.ThrowsAsync<QwenAuthenticationException>(() => RenewAsync(source));
        Assert.Single(handler.Requests);
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("no connection")]
    [InlineData("timeout")]
    [InlineData("503")]
    [InlineData("429")]
    [InlineData("html")]
    public async Task A12_RenewAsync_AnswerLost_OneMoreRequestWhateverComesAndThenNoneFor30Seconds(string second)
    {
        var handler = Second(new ScriptedHandler().Then(Lost()), second).Then(() => Logins.Renewed());
        var source = Source(handler);

        var pending = RenewAsync(source);
        await _time.PassAsync(FirstDelay);
        var e = await Assert.ThrowsAsync<QwenException>(() => pending);

        Assert.True(e.IsPermanent);
        Assert.StartsWith("The outcome of the renewal is unknown: the answer of chat.qwen.ai was lost.", e.Message);
        Assert.Equal(2, handler.Requests.Count);

        _time.Advance(TimeSpan.FromSeconds(29.9));
        var again = await Assert.ThrowsAsync<QwenException>(() => RenewAsync(source));
        Assert.NotSame(e, again);
        Assert.Equal((e.Message, e.Kind, true), (again.Message, again.Kind, again.IsPermanent));
        Assert.Equal((2, 2), (handler.Requests.Count, _store.Acquired));

        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal("a2", (await RenewAsync(source)).Credential.AccessToken);
        Assert.Equal(3, handler.Requests.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A12_RenewAsync_AnswersLostAndStoreChangedSince_IsPickedUpAtOnce(bool isUsable)
    {
        var handler = new ScriptedHandler().Then(Lost()).Then(Lost()).Then(() => Logins.Renewed());
        var source = Source(handler);
        var pending = RenewAsync(source);
        await _time.PassAsync(FirstDelay);
        await Assert.ThrowsAsync<QwenException>(() => pending);

        _store.Held = isUsable ? Other : OtherEnded;
        var renewal = await RenewAsync(source);

        Assert.Equal((isUsable ? "b1" : "a2", isUsable), (renewal.Credential.AccessToken, renewal.IsAdopted));
        Assert.Equal(isUsable ? 2 : 3, handler.Requests.Count);
        Assert.Equal(isUsable ? 0 : 1, handler.Requests.Count(r => r.Body.Contains("refresh_token=rb")));
    }

    private static HttpRequestException Lost()
    {
        return new HttpRequestException(HttpRequestError.ResponseEnded);
    }

    private static ScriptedHandler Second(ScriptedHandler handler, string what)
    {
        return what switch
        {
            "reset" => handler.Then(Lost()),
            "no connection" => handler.Then(new HttpRequestException(HttpRequestError.ConnectionError)),
            "timeout" => handler.Then(new TaskCanceledException()),
            "503" => handler.Then(() => Answers.Json("{}", HttpStatusCode.ServiceUnavailable)),
            "429" => handler.Then(() => Answers.Json("{}", HttpStatusCode.TooManyRequests)),
            _ => handler.Then(() => Answers.Text("<html>", "text/html", HttpStatusCode.OK)),
        };
    }

    /// <summary>Someone changes the store while the server renews.</summary>
    private ScriptedHandler Meanwhile(QwenCredential? since)
    {
        return new ScriptedHandler(() =>
        {
            _store.Held = since;
            return Logins.Renewed();
        });
    }
}
