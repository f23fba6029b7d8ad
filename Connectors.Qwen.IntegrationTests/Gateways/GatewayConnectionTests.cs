using Connectors.Qwen.IntegrationTests.Testing;

namespace Connectors.Qwen.IntegrationTests.Gateways;

/// <summary>A real gateway that closes connections which the client keeps.</summary>
public sealed class GatewayConnectionTests
{
    [Theory]
    [InlineData("keepalive_timeout 1ms;", true), InlineData("keepalive_timeout 1ms;", false)]
    [InlineData("keepalive_requests 1;", true), InlineData("keepalive_timeout 0;", false)]
    public async Task T45_GatewayClosesIdleConnections_NobodyNotices(string settings, bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        await using var nginx = await Nginx.StartAsync(setup.Qwen.BaseAddress, settings);
        var client = setup.Through(nginx);

        // Each but the first meets a connection that is just being closed, or was.
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        }

        Assert.Equal(50, setup.Qwen.Journal.Chats.Count);
        Assert.False(setup.Logs.Has(201));
    }

    [Theory, InlineData(true, true), InlineData(true, false), InlineData(false, true), InlineData(false, false)]
    public async Task T45_GatewayIsReloadedOrRestartedBetweenTwoCalls_NobodyNotices(bool reload, bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        await using var nginx = await Nginx.StartAsync(setup.Qwen.BaseAddress);
        var client = setup.Through(nginx);
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);

        await (reload ? nginx.ReloadAsync() : nginx.RestartAsync());
        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.False(response.AdditionalProperties!.ContainsKey(QwenResponseProperties.RecoveredBy));
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
        Assert.False(setup.Logs.Has(201));
    }
}
