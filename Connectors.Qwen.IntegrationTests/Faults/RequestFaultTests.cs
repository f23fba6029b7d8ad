using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Connectors.Qwen.IntegrationTests.Faults;

/// <summary>Rows T42, T46 and T51: what the request, the network in between and the host do.</summary>
public sealed class RequestFaultTests
{
    public static TheoryData<int, QwenFailureKind, bool> Refusals
    {
        get
        {
            var data = new TheoryData<int, QwenFailureKind, bool>();
            foreach (var streaming in new[] { true, false })
            {
                data.Add(400, QwenFailureKind.InvalidRequest, streaming);
                data.Add(404, QwenFailureKind.NotFound, streaming);
                data.Add(413, QwenFailureKind.InvalidRequest, streaming);
                data.Add(422, QwenFailureKind.InvalidRequest, streaming);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Refusals))]
    public async Task T42_RefusedRequest_IsNotRetriedAndKeepsTheServersWords(
        int status,
        QwenFailureKind kind,
        bool streaming
    )
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(
            QwenBehavior.Status(
                status,
                """{"error":{"message":"Range of top_p should be (0.0, 1.0]","type":"invalid_request_error","param":"top_p","code":"some_code"},"request_id":"r-1"}""",
                "application/json"
            )
        );

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming));

        Assert.Equal(kind, failure.Kind);
        Assert.Equal(status, (int)failure.StatusCode!);
        Assert.Equal("some_code", failure.ErrorCode);
        Assert.Equal("top_p", failure.Parameter);
        Assert.Equal("r-1", failure.RequestId);
        Assert.Equal("Range of top_p should be (0.0, 1.0]", failure.ServerMessage);
        Assert.Contains("r-1", failure.Message, StringComparison.Ordinal);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T42_RefusedByTheServicesOwnChecks_IsATypedError(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var options = new ChatOptions
        {
            Tools = [AIFunctionFactory.Create(static () => "", "f")],
            ToolMode = ChatToolMode.RequireAny,
            AdditionalProperties = new() { ["enable_thinking"] = true },
        };

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming, options));

        Assert.Equal(QwenFailureKind.InvalidRequest, failure.Kind);
        Assert.Contains("in thinking mode", failure.ServerMessage, StringComparison.Ordinal);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory]
    [InlineData(301, true), InlineData(302, true), InlineData(303, true), InlineData(307, true), InlineData(308, true)]
    [
        InlineData(301, false),
        InlineData(302, false),
        InlineData(303, false),
        InlineData(307, false),
        InlineData(308, false)
    ]
    public async Task T46_Redirect_CarriesNeitherKeyNorPromptAway(int status, bool streaming)
    {
        await using var elsewhere = await Setup.StartAsync();
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(
            QwenBehavior.Redirect(
                new Uri(elsewhere.Qwen.Endpoint, "/compatible-mode/v1/chat/completions?token=secret"),
                status
            )
        );

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming));

        Assert.Equal(QwenFailureKind.Protocol, failure.Kind);
        Assert.Equal(status, (int)failure.StatusCode!);
        // The same request would be sent away again: neither a retry nor the other form helps.
        Assert.Single(setup.Qwen.Journal.Chats);
        Assert.Contains(elsewhere.Qwen.Endpoint.Authority, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
        Assert.Empty(elsewhere.Qwen.Journal.Exchanges);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T46_CallersOwnClientFollowedTheRedirect_IsNamed(bool streaming)
    {
        await using var elsewhere = await Setup.StartAsync();
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(
            QwenBehavior.Redirect(new Uri(elsewhere.Qwen.Endpoint, "/compatible-mode/v1/chat/completions"))
        );
        elsewhere.Qwen.Script.Always(QwenBehavior.Answer().Unchecked());
        using var http = new HttpClient(new SocketsHttpHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        using var client = new QwenChatClient(setup.Options(), null, http);

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));

        Assert.Equal(QwenFailureKind.Protocol, failure.Kind);
        Assert.Contains("AllowAutoRedirect", failure.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T51_HostAddsResilienceToEveryHttpClient_OursHasNone(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        var services = new ServiceCollection();
        services.ConfigureHttpClientDefaults(static http =>
            http.AddStandardResilienceHandler(static options =>
            {
                options.AttemptTimeout.Timeout = TimeSpan.FromMilliseconds(200);
                options.TotalRequestTimeout.Timeout = TimeSpan.FromMilliseconds(500);
                options.CircuitBreaker.SamplingDuration = TimeSpan.FromMilliseconds(500);
            })
        );
        services.AddQwenChatClient("qwen3-max", QwenSimulatorOptions.DefaultApiKey, setup.Qwen.Endpoint);
        await using var provider = services.BuildServiceProvider();
        setup.Qwen.Script.Enqueue(QwenBehavior.Answer().After(TimeSpan.FromSeconds(1.5)));

        var response = await Ask.Async(provider.GetRequiredService<IChatClient>(), streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T51_CallersHttpClientHasATimeout_IsWarnedAboutAndNamedWhenItFires(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Answer().After(TimeSpan.FromMinutes(1)));
        using var http = new HttpClient(new SocketsHttpHandler()) { Timeout = TimeSpan.FromMilliseconds(200) };
        var options = setup.Options(static options => options.TimeoutRetry.MaxRetries = 0);
        options.StreamingFallback.Enabled = false;
        using var client = QwenPipeline.CreateChatClient(options, null, http, setup.Logs);
        Assert.True(setup.Logs.Has(404));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));

        Assert.Equal(QwenFailureKind.RequestTimeout, failure.Kind);
        Assert.Contains("HttpClient.Timeout (0.2 s)", failure.Message, StringComparison.Ordinal);
    }
}
