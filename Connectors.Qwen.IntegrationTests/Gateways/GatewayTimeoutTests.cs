using System.Net;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Gateways;

/// <summary>A real gateway that gets nothing from behind: its 502, 504 and 413 pages.</summary>
public sealed class GatewayTimeoutTests
{
    // The shortest nginx knows. Nothing here depends on being faster than it.
    private const string Impatient = "proxy_read_timeout 1s;";

    private static readonly QwenBehavior Late = QwenBehavior.Answer().After(TimeSpan.FromMinutes(10));

    [Theory, InlineData(true), InlineData(false)]
    public async Task T1_UpstreamSilentOnce_IsRetriedAfterTheGateways504(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        await using var nginx = await Nginx.StartAsync(setup.Qwen.BaseAddress, Impatient);
        setup.Qwen.Script.Enqueue(Late);

        var response = await Ask.Async(setup.Through(nginx), streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal("retry", response.AdditionalProperties![QwenResponseProperties.RecoveredBy]);
        Assert.Equal([streaming, streaming], setup.Qwen.Journal.Chats.Select(static chat => chat.IsStream));
        Assert.StartsWith("504 ", (await nginx.LogAsync(2))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task T2_StreamsAlwaysTimeOutAtTheGateway_TheAnswerComesWithoutStreaming()
    {
        await using var setup = await Setup.StartAsync();
        await using var nginx = await Nginx.StartAsync(setup.Qwen.BaseAddress, Impatient);
        setup.Qwen.Script.Always(Late, static request => request.IsStream);

        var response = await Ask.Async(setup.Through(nginx), streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal("non-streaming", response.AdditionalProperties![QwenResponseProperties.RecoveredBy]);
        Assert.Equal([true, true, false], setup.Qwen.Journal.Chats.Select(static chat => chat.IsStream));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T3_UpstreamSilentForEverything_IsAClearErrorWithAdvice(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        await using var nginx = await Nginx.StartAsync(setup.Qwen.BaseAddress, Impatient);
        setup.Qwen.Script.Always(Late);

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Through(nginx), streaming));

        Assert.Equal(QwenFailureKind.ServerTimeout, failure.Kind);
        Assert.Equal(HttpStatusCode.GatewayTimeout, failure.StatusCode);
        // Of the page only the title.
        Assert.Equal("504 Gateway Time-out", failure.ServerMessage);
        Assert.DoesNotContain("<", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Shorten the prompt", failure.Message, StringComparison.Ordinal);
        Assert.Equal(setup.Qwen.Journal.Chats.Count, failure.Attempts);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T4_UpstreamDropsTheConnectionOnce_IsRetriedAfterTheGateways502(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        await using var nginx = await Nginx.StartAsync(setup.Qwen.BaseAddress);
        setup.Qwen.Script.Enqueue(QwenBehavior.ResetBeforeHeaders());

        var response = await Ask.Async(setup.Through(nginx), streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.StartsWith("502 ", (await nginx.LogAsync(2))[0], StringComparison.Ordinal);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T4_T8_UpstreamIsDown_IsTheGateways502(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        await using var nginx = await Nginx.StartAsync(new Uri($"http://127.0.0.1:{Nginx.FreePort()}"));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Through(nginx), streaming));

        Assert.Equal(QwenFailureKind.ServerError, failure.Kind);
        Assert.Equal(HttpStatusCode.BadGateway, failure.StatusCode);
        Assert.Equal("502 Bad Gateway", failure.ServerMessage);
        Assert.InRange(failure.Attempts, 2, 10);
        var log = await nginx.LogAsync(failure.Attempts);
        Assert.Equal(failure.Attempts, log.Length);
        Assert.All(log, static line => Assert.StartsWith("502 ", line, StringComparison.Ordinal));
    }

    // What just is too much, and what is refused while it is still being sent.
    [
        Theory,
        InlineData(2000, true),
        InlineData(2000, false),
        InlineData(8_000_000, true),
        InlineData(8_000_000, false)
    ]
    public async Task T42_RequestLargerThanTheGatewayAllows_IsNotRetried(int size, bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        await using var nginx = await Nginx.StartAsync(setup.Qwen.BaseAddress, "client_max_body_size 1k;");
        var options = new Microsoft.Extensions.AI.ChatOptions { Instructions = new string('x', size) };

        var failure = await Assert.ThrowsAsync<QwenException>(() =>
            Ask.Async(setup.Through(nginx), streaming, options)
        );

        Assert.Equal(QwenFailureKind.InvalidRequest, failure.Kind);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, failure.StatusCode);
        Assert.Equal("413 Request Entity Too Large", failure.ServerMessage);
        Assert.Equal(1, failure.Attempts);
        Assert.Empty(setup.Qwen.Journal.Chats);
    }
}
