using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Transport;

/// <summary>How connections to Qwen are made, whoever makes them: a client of its own or a host's factory.</summary>
internal static class HttpHandlerSpecification
{
    /// <summary>
    /// No redirects: a redirect would carry the prompt to another host. No cookies: the gateway's would tie a process to one
    /// node. Connections end after some minutes so that DNS changes are seen by a client that lives for months.
    /// </summary>
    public static HttpMessageHandler Create()
    {
        return new StaleConnectionHandler(CreateSockets());
    }

    /// <summary>A client with no clock of its own: ours are the only ones.</summary>
    public static HttpClient CreateClient()
    {
        return new HttpClient(Create()) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Says so when a client that was handed in has a clock of its own.</summary>
    public static void Inspect(HttpClient client, ILogger logger)
    {
        if (client.Timeout != Timeout.InfiniteTimeSpan)
        {
            logger.FiniteHttpClientTimeout(client.Timeout);
        }
    }

    /// <summary>
    /// Takes out the resilience handlers that a host adds to every client (as the defaults of .NET Aspire do): they end an
    /// answer after ten seconds and send its request again. Told apart by name, because their package is not ours.
    /// </summary>
    public static void RemoveResilience(IList<DelegatingHandler> handlers)
    {
        for (var i = handlers.Count - 1; i >= 0; i--)
        {
            var type = handlers[i].GetType();
            if (
                type.Namespace?.StartsWith("Microsoft.Extensions.Http.Resilience", StringComparison.Ordinal) == true
                || type.FullName == "Microsoft.Extensions.Http.PolicyHttpMessageHandler"
            )
            {
                handlers.RemoveAt(i);
            }
        }
    }

    private static SocketsHttpHandler CreateSockets()
    {
        return new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            EnableMultipleHttp2Connections = true,
        };
    }
}
