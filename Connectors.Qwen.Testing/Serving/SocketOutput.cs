using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Connectors.Qwen.Testing.Serving;

/// <summary>Lets the server write straight to the socket.</summary>
/// <remarks>
/// Kestrel's own output is a pipe that another task empties: a flush ends before the bytes have left, and a reset right after it
/// would take back what the journal says was sent.
/// </remarks>
internal sealed class SocketOutput(PipeReader input, PipeWriter output) : IDuplexPipe
{
    public PipeReader Input { get; } = input;

    public PipeWriter Output { get; } = output;

    public static async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var original = connection.Transport;
        var socket = connection.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
        var stream = new NetworkStream(socket, ownsSocket: false);
        await using (stream.ConfigureAwait(false))
        {
            connection.Transport = new SocketOutput(original.Input, PipeWriter.Create(stream));
            try
            {
                await next(connection).ConfigureAwait(false);
            }
            finally
            {
                connection.Transport = original;
            }
        }
    }
}
