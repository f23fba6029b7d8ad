using Connectors.Qwen.IntegrationTests.Gateways;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Connectors.Qwen.Transport;

namespace Connectors.Qwen.IntegrationTests.Faults.Transport;

/// <summary>Rows T8, T9 and T45: connections that are not made, not trusted, or closed by the other side.</summary>
public sealed class ConnectionFaultTests
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task T8_ConnectionRefused_IsRetriedAndThenNamed(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var endpoint = new Uri($"http://127.0.0.1:{Nginx.FreePort()}/compatible-mode/v1");
        var client = setup.Pipeline(options => options.Endpoint = endpoint);

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));

        Assert.Equal(QwenFailureKind.Connection, failure.Kind);
        Assert.Equal(HttpRequestError.ConnectionError, failure.HttpRequestError);
        Assert.Contains("the connection was refused or lost", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Check the endpoint", failure.Message, StringComparison.Ordinal);
        Assert.InRange(failure.Attempts, 2, 10);
        Assert.Equal(failure.Attempts - 1, setup.Logs.Count(201));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T8_NameThatDoesNotExist_IsRetriedAndThenNamed(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var client = setup.Pipeline(static options =>
        {
            // Reserved for names that never exist (RFC 2606). One retry: a resolver that is away takes its time.
            options.Endpoint = new Uri("https://qwen.invalid/compatible-mode/v1");
            options.TimeoutRetry.MaxRetries = 1;
        });

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));

        Assert.Equal(QwenFailureKind.Connection, failure.Kind);
        Assert.Contains("the name cannot be resolved", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, failure.Attempts);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T8_CertificateThatNobodyTrusts_IsNotRetriedAndGetsNothing(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        await using var server = new UntrustedServer();
        var client = setup.Pipeline(options => options.Endpoint = server.Endpoint);

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));

        Assert.Equal(QwenFailureKind.Connection, failure.Kind);
        Assert.Equal(HttpRequestError.SecureConnectionError, failure.HttpRequestError);
        Assert.Contains("certificate", failure.Message, StringComparison.Ordinal);
        Assert.Contains("UntrustedRoot", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, failure.Attempts);
        Assert.Equal((1, 0), (server.Connections, server.Requests));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T9_EveryConnectionReset_IsRetriedAndThenNamed(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.ResetBeforeHeaders());

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming));

        Assert.Equal(QwenFailureKind.Connection, failure.Kind);
        Assert.InRange(failure.Attempts, 2, 10);
        // On new connections nothing is sent twice behind the policy's back.
        Assert.Equal(failure.Attempts, setup.Qwen.Journal.Chats.Count);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T45_ServerClosesTheKeptConnection_NobodyNotices(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Answer().ThenClose());
        var client = setup.Pipeline();

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        }

        // The server may have read a request that came while it was closing: then it was sent again.
        Assert.InRange(setup.Qwen.Journal.Chats.Count, 20, 40);
        Assert.False(setup.Logs.Has(201));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T45_KeptConnectionIsClosedUnderTheRequest_ItIsSentOnceMoreInSilence(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Answer(), QwenBehavior.ResetBeforeHeaders());
        var client = setup.Pipeline();
        await Ask.Async(client, streaming);

        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.False(response.AdditionalProperties!.ContainsKey(QwenResponseProperties.RecoveredBy));
        Assert.False(setup.Logs.Has(201));
        Assert.Equal([200, 0, 200], setup.ChatStatuses());
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T45_TheConnectionAfterItIsResetToo_IsAFailureForThePolicyToSee(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var reset = QwenBehavior.ResetBeforeHeaders();
        setup.Qwen.Script.Enqueue(QwenBehavior.Answer(), reset, reset);
        var client = setup.Pipeline();
        await Ask.Async(client, streaming);

        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal("retry", response.AdditionalProperties![QwenResponseProperties.RecoveredBy]);
        Assert.Equal(1, setup.Logs.Count(201));
        Assert.Equal([200, 0, 0, 200], setup.ChatStatuses());
    }

    [Fact]
    public async Task T45_ServerWorksForLongAndThenHangsUp_IsNotTakenForAStaleConnection()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Answer(), QwenBehavior.ResetBeforeHeaders());
        using var handler = new StaleConnectionHandler(new SocketsHttpHandler(), new HastyClock());
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        using var client = new QwenChatClient(setup.Options(), null, http);
        await Ask.Async(client, streaming: false);

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming: false));

        Assert.Equal(QwenFailureKind.Connection, failure.Kind);
        Assert.Equal([200, 0], setup.ChatStatuses());
    }

    // A minute passes between any two looks at it.
    private sealed class HastyClock : TimeProvider
    {
        private long _seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp()
        {
            return Interlocked.Add(ref _seconds, 60);
        }
    }
}
