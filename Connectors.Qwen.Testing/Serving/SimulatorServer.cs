using System.Net;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Connectors.Qwen.Testing.Serving;

/// <summary>Kestrel on a free port of loopback.</summary>
/// <remarks>
/// Kestrel without a host: a host would read the environment and the settings files of the program under test, and take over its
/// Ctrl+C.
/// </remarks>
internal sealed class SimulatorServer : IAsyncDisposable
{
    private static readonly TimeSpan GracefulStop = TimeSpan.FromMilliseconds(500);

    private readonly KestrelServer _kestrel;
    private readonly CancellationTokenSource _stopping = new();
    private int _isDisposed;

    private SimulatorServer(SimulatorState state)
    {
        State = state;
        _kestrel = new KestrelServer(
            Options.Create(CreateOptions(state)),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance),
            NullLoggerFactory.Instance
        );
    }

    public SimulatorState State { get; }

    public Uri BaseAddress { get; private set; } = null!;

    public static async Task<SimulatorServer> StartAsync(SimulatorState state, CancellationToken cancellationToken)
    {
        var server = new SimulatorServer(state);
        try
        {
            var application = new SimulatorApplication(state, server._stopping.Token);
            await server._kestrel.StartAsync(application, cancellationToken).ConfigureAwait(false);
            var addresses = server._kestrel.Features.Get<IServerAddressesFeature>()!.Addresses;
            server.BaseAddress = new Uri(addresses.First().TrimEnd('/') + "/");
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        // First those who wait on the simulator's clock, which may stand still; what then is left is cut off by the real one.
        await _stopping.CancelAsync().ConfigureAwait(false);
        using (var deadline = new CancellationTokenSource(GracefulStop, TimeProvider.System))
        {
            await _kestrel.StopAsync(deadline.Token).ConfigureAwait(false);
        }

        _kestrel.Dispose();
        State.Journal.Close();
    }

    private static KestrelServerOptions CreateOptions(SimulatorState state)
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Listen(
            IPAddress.Loopback,
            0,
            listen =>
            {
                listen.Protocols = state.UsesHttp2 ? HttpProtocols.Http2 : HttpProtocols.Http1;
                listen.Use(next => connection => SocketOutput.RunAsync(connection, next));
            }
        );
        return options;
    }
}
