using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults;

/// <summary>What the token server does while a call needs it.</summary>
public sealed class RenewalFaultTests
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task A12_TheAnswerOfARenewalIsLost_TheRefreshTokenIsNotSentAgainAndAgain(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.TokenScript.Always(QwenBehavior.LoseAnswer());
        var client = setup.Pipeline(credentials: setup.Login(Expired(setup)));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));

        Assert.Contains("outcome of the renewal is unknown", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, setup.Qwen.Journal.TokenRequests.Count);
        Assert.Empty(setup.Qwen.Journal.Chats);
    }

    [Theory]
    [InlineData(503, "temporarily_unavailable"), InlineData(429, "slow_down"), InlineData(500, "server_error")]
    public async Task A12_TokenServerIsBusyOnce_TheCallSucceeds(int status, string error)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.TokenScript.Enqueue(QwenBehavior.TokenError(status, error));
        var client = setup.Pipeline(credentials: setup.Login(Expired(setup)));

        var response = await Ask.Async(client, streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);
    }

    [Fact]
    public async Task A5_RenewalFailsOnceAfterARejection_TheNextAttemptRenewsAgain()
    {
        await using var setup = await Setup.StartAsync();
        var issued = setup.Qwen.Tokens.Issue();
        setup.Qwen.Tokens.Expire(issued.AccessToken);
        setup.Qwen.TokenScript.Enqueue(QwenBehavior.Status(500, "down"));
        var client = setup.Pipeline(
            credentials: setup.Login(new QwenCredential(issued.AccessToken, issued.ExpiresAt, issued.RefreshToken))
        );

        var response = await Ask.Async(client, streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);
    }

    [Theory, InlineData("<html>no</html>"), InlineData("{\"access_token\":\"a token with spaces\"}")]
    public async Task A12_SuccessWithoutAUsableToken_TheRefreshTokenIsNotSentAgain(string body)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.TokenScript.Always(QwenBehavior.Body("application/json", body));
        var client = setup.Pipeline(credentials: setup.Login(Expired(setup)));

        await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming: true));

        Assert.Single(setup.Qwen.Journal.TokenRequests);
        Assert.Empty(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task A12_CallersHttpClientGivesUp_TheRefreshTokenIsNotSentAgain()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.TokenScript.Always(QwenBehavior.Silence());
        // A real clock that cannot be replaced: it must not fire before the simulator has read the request.
        using var http = new HttpClient(new SocketsHttpHandler()) { Timeout = TimeSpan.FromSeconds(5) };
        using var login = new OAuthCredentialProvider(
            new QwenOAuthOptions
            {
                TokenEndpoint = setup.Qwen.TokenEndpoint,
                RefreshTimeout = TimeSpan.FromSeconds(20),
            },
            new InMemoryCredentialStore(Expired(setup)),
            http
        );

        await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(credentials: login), streaming: true));

        Assert.Equal(2, setup.Qwen.Journal.TokenRequests.Count);
    }

    [Theory, InlineData("\"\""), InlineData("\"soon\""), InlineData("null"), InlineData("-1"), InlineData("[]")]
    public async Task A21_LifeThatCannotBeRead_DoesNotCostTheToken(string expiresIn)
    {
        await using var setup = await Setup.StartAsync(static options => options.ApiKeys.Add("renewed-token"));
        setup.Qwen.TokenScript.Always(
            QwenBehavior.TokenResponse($$"""{"access_token":"renewed-token","expires_in":{{expiresIn}}}""")
        );
        setup.Qwen.Script.Always(QwenBehavior.Answer().Unchecked());

        var response = await Ask.Async(setup.Pipeline(credentials: setup.Login(Expired(setup))), streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal("renewed-token", Assert.Single(setup.Qwen.Journal.Chats).Token);
    }

    [Fact]
    public async Task A13_TokenServerTimesOut_TheFormOfTheCallIsNotChanged()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.TokenScript.Always(QwenBehavior.StreamTimeout());
        var client = setup.Pipeline(credentials: setup.Login(Expired(setup)));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming: true));

        Assert.Equal(3, setup.Qwen.Journal.TokenRequests.Count);
        Assert.Empty(setup.Qwen.Journal.Chats);
        Assert.Contains("2 x renewal ServerTimeout", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A22_StoreHangsWhenTheRenewedTokenIsSaved_TheTokenIsUsed()
    {
        await using var setup = await Setup.StartAsync();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var store = new HangingStore(Expired(setup));
        using var login = new OAuthCredentialProvider(
            new QwenOAuthOptions
            {
                TokenEndpoint = setup.Qwen.TokenEndpoint,
                RefreshTimeout = TimeSpan.FromSeconds(30),
            },
            store,
            null,
            setup.Logs,
            time
        );

        var call = Ask.Async(setup.Pipeline(credentials: login), streaming: true);
        // Time goes only while the store hangs: the renewal before it has the same limit.
        await Task.WhenAny(store.Saving, call);
        while (!call.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TestContext.Current.CancellationToken);
        }

        var response = await call;

        Assert.Equal(Setup.Text, response.Text);
        Assert.True(setup.Logs.Has(110), "An operator must learn that the login is only in memory.");
    }

    private sealed class HangingStore(QwenCredential login) : IQwenCredentialStore
    {
        private readonly TaskCompletionSource _saving = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Saving => _saving.Task;

        public ValueTask<QwenCredential?> LoadAsync(CancellationToken cancellationToken = default)
        {
            return new(login);
        }

        public ValueTask SaveAsync(QwenCredential credential, CancellationToken cancellationToken = default)
        {
            throw new NotSupportedException();
        }

        public ValueTask<IQwenCredentialLease> AcquireAsync(CancellationToken cancellationToken = default)
        {
            return new(new Lease(_saving));
        }

        private sealed class Lease(TaskCompletionSource saving) : IQwenCredentialLease
        {
            public TimeSpan Duration => Timeout.InfiniteTimeSpan;

            public QwenException? Obstacle => null;

            public ValueTask<bool> TryReplaceAsync(
                QwenCredential used,
                QwenCredential renewed,
                CancellationToken cancellationToken = default
            )
            {
                saving.TrySetResult();
                return new(new TaskCompletionSource<bool>().Task);
            }

            public ValueTask DisposeAsync()
            {
                return default;
            }
        }
    }

    private static QwenCredential Expired(Setup setup)
    {
        var issued = setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1));
        return new QwenCredential(issued.AccessToken, issued.ExpiresAt, issued.RefreshToken);
    }
}
