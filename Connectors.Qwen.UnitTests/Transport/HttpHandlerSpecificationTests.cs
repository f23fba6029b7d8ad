using Connectors.Qwen.Transport;
using Microsoft.Extensions.Http.Resilience.Fakes;

namespace Connectors.Qwen.UnitTests.Transport;

public class HttpHandlerSpecificationTests
{
    [Fact]
    public void Create_Handler_FollowsNothingAndKeepsNothing()
    {
        using var created = HttpHandlerSpecification.Create();

        var stale = Assert.IsType<StaleConnectionHandler>(created);
        var handler = Assert.IsType<SocketsHttpHandler>(stale.InnerHandler);
        Assert.False(handler.AllowAutoRedirect);
        Assert.False(handler.UseCookies);
        Assert.NotEqual(Timeout.InfiniteTimeSpan, handler.PooledConnectionLifetime);
    }

    [Fact]
    public void CreateClient_Client_HasNoClock()
    {
        using var client = HttpHandlerSpecification.CreateClient();

        Assert.Equal(Timeout.InfiniteTimeSpan, client.Timeout);
    }

    [Fact]
    public void RemoveResilience_HandlersOfAHost_AreTakenOutAndOthersStay()
    {
        using var first = new Other();
        using var resilience = new FakeResilienceHandler();
        using var last = new Other();
        List<DelegatingHandler> handlers = [resilience, first, resilience, last];

        HttpHandlerSpecification.RemoveResilience(handlers);

        Assert.Equal([first, last], handlers);
    }

    private sealed class Other : DelegatingHandler;
}
