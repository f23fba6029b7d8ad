using System.Buffers;
using System.Net.Sockets;
using Connectors.Qwen.Testing.Answers;
using Connectors.Qwen.Testing.Checks;
using Connectors.Qwen.Testing.Serving;
using Connectors.Qwen.Testing.Wire;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Connectors.Qwen.Testing.Replies;

/// <summary>The answer to one request in the making: what behaviours can do to the wire.</summary>
internal abstract class Reply(ReplyContext context)
{
    private bool _hasSentEvent;

    public QwenSimulatedRequest Request => context.Exchange.Request;

    public string RequestId => context.Exchange.RequestId;

    public ChatEnvelope Envelope { get; } =
        new(
            context.Exchange.RequestId,
            context.Exchange.Request.Model ?? "",
            context.State.TimeProvider.GetUtcNow().ToUnixTimeSeconds()
        );

    /// <summary>Gets a value indicating whether a stream is asked for and this endpoint has streams.</summary>
    public abstract bool IsStream { get; }

    protected SimulatorState State => context.State;

    private HttpResponse Response => context.Http.Response;

    private Socket Socket => context.Http.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;

    /// <summary>What the endpoint answers when nothing is wrong; a scripted answer, if any, takes the model's place.</summary>
    public abstract PreparedAnswer Prepare(QwenSimulatedAnswer? scripted = null);

    public async Task ServeAsync(QwenBehavior behavior)
    {
        await DelayAsync(behavior.Delay).ConfigureAwait(false);
        if (!behavior.IsUnchecked && FindRefusal() is { } refusal)
        {
            SendBody(refusal.Status, ContentTypes.Json, refusal.ToBody(RequestId));
            return;
        }

        if (behavior.ClosesAfter)
        {
            Response.OnCompleted(CloseAsync);
        }

        if (behavior.ContentCoding is not { } encoding)
        {
            await behavior.RunAsync(this).ConfigureAwait(false);
            return;
        }

        var encoded = new EncodedOutput(context.Http, encoding);
        await using (encoded.ConfigureAwait(false))
        {
            await behavior.RunAsync(this).ConfigureAwait(false);
        }
    }

    /// <summary>Writes status and headers and hands them to the network.</summary>
    public async Task StartAsync(int status, string contentType)
    {
        WriteHead(status, contentType, []);
        await Response.BodyWriter.FlushAsync(context.Ended).ConfigureAwait(false);
        context.Ended.ThrowIfCancellationRequested();
    }

    /// <summary>Writes status and headers of an event stream.</summary>
    public Task StartStreamAsync() => StartAsync(StatusCodes.Status200OK, ContentTypes.EventStream);

    /// <summary>Writes a whole answer of known length, which leaves when the reply ends.</summary>
    /// <remarks>Not flushed here: the client must not see the end of an exchange before the journal does.</remarks>
    public void SendBody(
        int status,
        string contentType,
        ReadOnlyMemory<byte> body,
        IReadOnlyList<(string Name, string Value)>? headers = null
    )
    {
        WriteHead(status, contentType, headers ?? []);
        if (status is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified))
        {
            Response.ContentLength = body.Length;
            // Asked for by size: before the head is written, Kestrel answers an unsized request with no room at all.
            body.CopyTo(Response.BodyWriter.GetMemory(Math.Max(body.Length, 1)));
            Response.BodyWriter.Advance(body.Length);
        }
    }

    /// <summary>Writes bytes and hands them to the network.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await Response.BodyWriter.WriteAsync(bytes, context.Ended).ConfigureAwait(false);
        context.Ended.ThrowIfCancellationRequested();
    }

    /// <summary>Writes one event of a stream, after the pause between chunks.</summary>
    public async Task SendAsync(StreamEvent @event)
    {
        await PauseAsync().ConfigureAwait(false);
        await SendAsync(@event.Bytes).ConfigureAwait(false);
        if (@event.Kind == StreamEventKind.Content)
        {
            context.Exchange.CountChunk();
        }
    }

    public async Task SendAsync(IEnumerable<StreamEvent> events)
    {
        foreach (var @event in events)
        {
            if (@event.Kind == StreamEventKind.Done)
            {
                await SendLastAsync(@event.Bytes).ConfigureAwait(false);
            }
            else
            {
                await SendAsync(@event).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Writes the last bytes of a body, which leave together with its end (see <see cref="SendBody"/>).</summary>
    public async Task SendLastAsync(ReadOnlyMemory<byte> bytes)
    {
        await PauseAsync().ConfigureAwait(false);
        Response.BodyWriter.Write(bytes.Span);
    }

    /// <summary>Sends an answer in the form that was asked for.</summary>
    public async Task SendAsync(PreparedAnswer answer)
    {
        if (IsStream)
        {
            await StartStreamAsync().ConfigureAwait(false);
            await SendAsync(answer.Events).ConfigureAwait(false);
        }
        else
        {
            SendBody(answer.Status, ContentTypes.Json, answer.Body);
        }
    }

    /// <summary>Sends the beginning of an answer: so many chunks of a stream, or the first half of a body.</summary>
    public async Task SendHeadAsync(PreparedAnswer answer, int chunks)
    {
        if (IsStream)
        {
            await StartStreamAsync().ConfigureAwait(false);
            await SendAsync(answer.Head(chunks)).ConfigureAwait(false);
        }
        else
        {
            await StartAsync(answer.Status, ContentTypes.Json).ConfigureAwait(false);
            await SendAsync(answer.Body[..(answer.Body.Length / 2)]).ConfigureAwait(false);
        }
    }

    public Task DelayAsync(TimeSpan delay) =>
        delay <= TimeSpan.Zero ? Task.CompletedTask : Task.Delay(delay, State.TimeProvider, context.Ended);

    /// <summary>Holds the connection open until the client leaves or the simulator stops; never returns normally.</summary>
    public Task StaySilentAsync()
    {
        context.Exchange.MoveTo(QwenExchangeState.Silent);
        return Task.Delay(Timeout.InfiniteTimeSpan, State.TimeProvider, context.Ended);
    }

    /// <summary>Resets the TCP connection.</summary>
    public void Reset()
    {
        context.Exchange.MoveTo(QwenExchangeState.Aborted);

        // No lingering makes the close a reset instead of an orderly end.
        var socket = Socket;
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        context.Http.Abort();
    }

    protected abstract Refusal? FindRefusal();

    protected abstract void WriteStandardHeaders(IHeaderDictionary headers);

    private Task PauseAsync()
    {
        var isFirst = !_hasSentEvent;
        _hasSentEvent = true;
        return isFirst ? Task.CompletedTask : DelayAsync(State.ChunkDelay);
    }

    private Task CloseAsync()
    {
        Socket.Shutdown(SocketShutdown.Both);
        return Task.CompletedTask;
    }

    private void WriteHead(int status, string contentType, IReadOnlyList<(string Name, string Value)> headers)
    {
        Response.StatusCode = status;
        WriteStandardHeaders(Response.Headers);
        if (contentType.Length > 0)
        {
            Response.ContentType = contentType;
        }

        foreach (var (name, value) in headers)
        {
            if (value.Length == 0)
            {
                Response.Headers.Remove(name);
            }
            else
            {
                Response.Headers[name] = value;
            }
        }

        context.Exchange.Respond(status);
    }
}
