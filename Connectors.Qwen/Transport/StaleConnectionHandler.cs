using System.Net.Sockets;

namespace Connectors.Qwen.Transport;

/// <summary>
/// Sends a request once more when the kept connection that it was given turns out to be closed by the other side. The pool
/// looks before it hands a connection out, but a gateway may close it in that moment, and the pool sends no request twice that
/// has a body. Thread-safe.
/// </summary>
/// <remarks>
/// Never on a new connection, so an outage is not multiplied: a connection that fails leaves the pool, and what follows is a
/// failure for the retry policy to see.
/// </remarks>
internal sealed class StaleConnectionHandler : DelegatingHandler
{
    // A closed connection shows at once; a server that hangs up after working for longer has probably read the request.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private int _opened;

    public StaleConnectionHandler(SocketsHttpHandler sockets, TimeProvider? time = null)
        : base(sockets)
    {
        _time = time ?? TimeProvider.System;
        // The only place that sees every new connection, over TLS too, without changing how it is made.
        sockets.PlaintextStreamFilter = (context, _) =>
        {
            Interlocked.Increment(ref _opened);
            return new(context.PlaintextStream);
        };
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var opened = Volatile.Read(ref _opened);
        var startedAt = _time.GetTimestamp();
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
            when (IsClosed(e)
                // Nobody has opened one since, so this one is from before.
                && Volatile.Read(ref _opened) == opened
                && _time.GetElapsedTime(startedAt) < Limit
                && !cancellationToken.IsCancellationRequested
            )
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool IsClosed(HttpRequestException e)
    {
        return e.HttpRequestError == HttpRequestError.ResponseEnded
            || e.InnerException
                is IOException
                {
                    InnerException: SocketException
                    {
                        SocketErrorCode: SocketError.ConnectionReset
                            or SocketError.ConnectionAborted
                            or SocketError.Shutdown
                    }
                };
    }
}
