using Connectors.Qwen.IntegrationTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Gateways;

/// <summary>Pipelines that reach the simulator through a gateway.</summary>
internal static class SetupThroughGateway
{
    public static IChatClient Through(this Setup setup, Nginx nginx, Action<QwenOptions>? configure = null)
    {
        return setup.Pipeline(options =>
        {
            options.Endpoint = nginx.Endpoint;
            configure?.Invoke(options);
        });
    }
}
