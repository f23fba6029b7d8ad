using System.Net;
using System.Net.Sockets;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.IntegrationTests.Testing.Clocks;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Qwen.IntegrationTests.Faults.Tokens;

/// <summary>What the token server does while a call needs it.</summary>
public sealed class TokenServerTests
{
    [Theory]
    [InlineData(true, 503, "temporarily_unavailable"), InlineData(false, 503, "temporarily_unavailable")]
    [InlineData(true, 429, "slow_down"), InlineData(true, 500, "server_error"), InlineData(true, 504, "server_error")]
    public async Task A12_TokenServerIsBusyOnce_TheCallSucceeds(bool streaming, int status, string error)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.TokenScript.Enqueue(QwenBehavior.TokenError(status, error));
        var client = setup.Pipeline(credentials: setup.Login(Expired(setup), new SkippingClock()));

        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(2, setup.Qwen.Journal.TokenRequests.Count);
        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);
        Assert.Single(setup.Qwen.Journal.Chats);
        Assert.Equal((1, 0), (setup.Logs.Count(112), setup.Logs.Count(104)));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A12_ConnectionIsRefusedOnce_TheCallSucceeds(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var refused = 0;
        using var handler = new SocketsHttpHandler();
        handler.ConnectCallback = async (context, token) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            // A real refusal: the first connection goes to a port on which nobody listens.
            var port = Interlocked.Increment(ref refused) == 1 ? ClosedPort() : context.DnsEndPoint.Port;
            await socket.ConnectAsync(IPAddress.Loopback, port, token);
            return new NetworkStream(socket, ownsSocket: true);
        };
        using var http = new HttpClient(handler);
        using var login = Login(setup, http, new InMemoryCredentialStore(Expired(setup)), new SkippingClock());

        var response = await Ask.Async(setup.Pipeline(credentials: login), streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(2, refused);
        Assert.Single(setup.Qwen.Journal.TokenRequests);
        Assert.Equal((1, 0), (setup.Logs.Count(112), setup.Logs.Count(104)));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A12_ConnectionIsAlwaysRefused_TheErrorSaysSo(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var closed = new Uri($"http://127.0.0.1:{ClosedPort()}/token");
        var login = setup.Login(Expired(setup), new SkippingClock(), options => options.TokenEndpoint = closed);

        var failure = await Assert.ThrowsAsync<QwenException>(() =>
            Ask.Async(setup.Pipeline(credentials: login), streaming)
        );

        Assert.Equal(QwenFailureKind.Connection, failure.Kind);
        Assert.Contains(
            "no connection to 127.0.0.1. Check the token endpoint",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(2, setup.Logs.Count(112));
        Assert.Empty(setup.Qwen.Journal.Exchanges);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A12_ConnectionIsResetBeforeItHadAnEffect_OneRetry(bool streaming)
    {
        await using var setup = await Setup.StartAsync(static options => options.DetectRefreshTokenReuse = true);
        setup.Qwen.TokenScript.Enqueue(QwenBehavior.ResetBeforeHeaders());
        var client = setup.Pipeline(credentials: setup.Login(Expired(setup), new SkippingClock()));

        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);

        Assert.Equal(2, setup.Qwen.Journal.TokenRequests.Count);
        Assert.Equal(0, setup.Qwen.Tokens.RefreshTokenReuses);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A12_TheAnswerIsLostAndTheTokenBurned_OneRetryAndAnErrorThatSaysSo(bool streaming)
    {
        await using var setup = await Setup.StartAsync(static options => options.DetectRefreshTokenReuse = true);
        setup.Qwen.TokenScript.Enqueue(QwenBehavior.LoseAnswer());
        var client = setup.Pipeline(credentials: setup.Login(Expired(setup), new SkippingClock()));

        var failure = await Assert.ThrowsAsync<QwenAuthenticationException>(() => Ask.Async(client, streaming));

        Assert.Contains("answer of the token endpoint was lost", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Log in again", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, setup.Qwen.Journal.TokenRequests.Count);
        Assert.Equal(1, setup.Qwen.Tokens.RefreshTokenReuses);
        Assert.Empty(setup.Qwen.Journal.Chats);

        // And it is not sent a third time.
        await Assert.ThrowsAsync<QwenAuthenticationException>(() => Ask.Async(client, streaming));
        Assert.Equal(2, setup.Qwen.Journal.TokenRequests.Count);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A12_EveryAnswerIsLost_TheRefreshTokenIsNotSentAgainAndAgain(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.TokenScript.Always(QwenBehavior.LoseAnswer());
        var client = setup.Pipeline(credentials: setup.Login(Expired(setup), new SkippingClock()));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));

        Assert.Contains("outcome of the renewal is unknown", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, setup.Qwen.Journal.TokenRequests.Count);
        Assert.Empty(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A12_TheAnswerIsLostAndAnotherProcessHasSaved_ItsLoginIsAdopted(bool streaming)
    {
        // Its clock stands, so the retry waits until the other process has saved.
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(static options => options.DetectRefreshTokenReuse = true);
        setup.Qwen.TokenScript.Enqueue(QwenBehavior.LoseAnswer());
        var store = new InMemoryCredentialStore(Expired(setup));
        var client = setup.Pipeline(credentials: setup.Login(store, time));
        var other = setup.Qwen.Tokens.Issue();

        var call = Ask.Async(client, streaming);
        await setup.Logs.WaitForAsync(112);
        await store.SaveAsync(Setup.Credential(other), TestContext.Current.CancellationToken);
        while (!call.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TestContext.Current.CancellationToken);
        }

        Assert.Equal(Setup.Text, (await call).Text);
        Assert.Single(setup.Qwen.Journal.TokenRequests);
        Assert.Equal(0, setup.Qwen.Tokens.RefreshTokenReuses);
        Assert.Equal(other.AccessToken, Assert.Single(setup.Qwen.Journal.Chats).Token);
        Assert.Equal((1, 0), (setup.Logs.Count(111), setup.Logs.Count(103)));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A12_TokenServerIsSilent_OneRetryAndAnErrorThatSaysSo(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.TokenScript.Always(QwenBehavior.Silence());
        var client = setup.Pipeline(credentials: setup.Login(Expired(setup), setup.StartClock()));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));

        Assert.Equal(QwenFailureKind.ServerTimeout, failure.Kind);
        Assert.Contains("outcome of the renewal is unknown", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, setup.Qwen.Journal.TokenRequests.Count);
        Assert.Empty(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task A12_CallersHttpClientGivesUp_OneRetry()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.TokenScript.Always(QwenBehavior.Silence());
        using var http = new HttpClient(new ImpatientHandler(setup.Qwen.Journal));
        using var login = Login(setup, http, new InMemoryCredentialStore(Expired(setup)), new SkippingClock());

        await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(credentials: login), streaming: true));

        Assert.Equal(2, setup.Qwen.Journal.TokenRequests.Count);
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

    [Theory, InlineData(true, 400), InlineData(false, 400), InlineData(true, 401), InlineData(false, 200)]
    public async Task A14_RefreshTokenIsDead_NotAskedAgainUntilTheFileChanges(bool streaming, int status)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var setup = await Setup.StartAsync(options => options.TimeProvider = time);
        using var file = new LoginFile();
        file.Write(setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));
        setup.Qwen.TokenScript.Enqueue(QwenBehavior.TokenError(status, "invalid_grant", "a description"));
        var client = setup.FilePipeline(file.FilePath, time);

        for (var i = 0; i < 101; i++)
        {
            var failure = await Assert.ThrowsAsync<QwenAuthenticationException>(() => Ask.Async(client, streaming));
            Assert.Contains("Log in again", failure.Message, StringComparison.Ordinal);
            Assert.Equal("invalid_grant", failure.ErrorCode);
        }

        Assert.Single(setup.Qwen.Journal.TokenRequests);
        Assert.Empty(setup.Qwen.Journal.Chats);
        Assert.Single(setup.Logs.Entries, static entry => entry is { Id: 104, Level: LogLevel.Error });

        // Someone has logged in: a login that works, then one that has to be renewed first.
        var login = setup.Qwen.Tokens.Issue(TimeSpan.FromMinutes(30));
        file.Write(login);
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        Assert.Equal(login.AccessToken, Assert.Single(setup.Qwen.Journal.Chats).Token);
        Assert.Single(setup.Qwen.Journal.TokenRequests);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A14_ANewLoginThatHasEnded_IsRenewed(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        using var file = new LoginFile();
        var dead = setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1));
        setup.Qwen.Tokens.RevokeRefreshToken(dead.RefreshToken);
        file.Write(dead);
        var client = setup.FilePipeline(file.FilePath);
        await Assert.ThrowsAsync<QwenAuthenticationException>(() => Ask.Async(client, streaming));

        file.Write(setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));

        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        Assert.Equal(2, setup.Qwen.Journal.TokenRequests.Count);
        Assert.Equal(1, setup.Qwen.Tokens.Refreshes);
    }

    internal static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static OAuthCredentialProvider Login(
        Setup setup,
        HttpClient http,
        IQwenCredentialStore store,
        TimeProvider time
    )
    {
        var options = new QwenOAuthOptions
        {
            TokenEndpoint = setup.Qwen.TokenEndpoint,
            RefreshTimeout = TimeSpan.FromSeconds(20),
        };
        return new OAuthCredentialProvider(options, store, http, setup.Logs, time);
    }

    private static QwenCredential Expired(Setup setup)
    {
        return Setup.Credential(setup.Qwen.Tokens.Issue(TimeSpan.FromSeconds(-1)));
    }

    /// <summary>Does what <see cref="HttpClient.Timeout"/> does, but not before the server has the request.</summary>
    private sealed class ImpatientHandler(QwenJournal journal) : DelegatingHandler(new SocketsHttpHandler())
    {
        private int _requests;

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            var number = Interlocked.Increment(ref _requests);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var answer = base.SendAsync(request, limit.Token);
            await journal.WaitForAsync(
                _ => journal.TokenRequests.Count(static one => one.State >= QwenExchangeState.Silent) >= number,
                cancellationToken
            );
            await limit.CancelAsync();
            await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new TaskCanceledException("The request was canceled.", new TimeoutException());
        }
    }
}
