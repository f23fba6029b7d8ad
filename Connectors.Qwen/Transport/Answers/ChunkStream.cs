using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Wire;

namespace Connectors.Qwen.Transport;

/// <summary>
/// The chunks of one streamed answer. Whatever goes wrong on the way comes out as a <see cref="QwenException"/> that carries
/// the text received so far; only the caller's cancellation stays what it is.
/// </summary>
internal sealed class ChunkStream : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly BoundedStream _body;
    private readonly RequestFacts _facts;
    private readonly IAsyncEnumerator<SseItem<StreamChunk>> _events;
    private readonly bool _keepsRaw;
    private readonly CancellationToken _cancellationToken;
    private bool _sawChunk;
    private readonly CancellationTokenRegistration _abandoned;
    private string? _malformed;

    private ChunkStream(
        HttpResponseMessage response,
        BoundedStream body,
        RequestFacts facts,
        bool keepsRaw,
        CancellationToken cancellationToken
    )
    {
        _keepsRaw = keepsRaw;
        _response = response;
        _body = body;
        _facts = facts;
        _cancellationToken = cancellationToken;
        // Between two reads nobody listens to the token: a stream that was abandoned would keep its connection for ever.
        _abandoned = cancellationToken.UnsafeRegister(
            static response => ((HttpResponseMessage)response!).Dispose(),
            response
        );
        _events = SseParser.Create(body, Parse).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
    }

    /// <summary>The text received so far. Whoever reads the chunks adds to it.</summary>
    public PartialText Received { get; } = new();

    public StreamChunk Current { get; private set; }

    /// <summary>Whether the stream ended with <c>[DONE]</c>.</summary>
    public bool SawDone { get; private set; }

    public static async Task<ChunkStream> OpenAsync(
        HttpResponseMessage response,
        RequestFacts facts,
        ResponseLimits limits,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var body = await ResponseBody
                .OpenAsync(response, limits, isEventStream: true, cancellationToken)
                .ConfigureAwait(false);
            return new ChunkStream(response, body, facts, limits.KeepsRaw, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw ServerFailure.Unreadable(e, facts);
        }
    }

    /// <summary>Reads the next chunk; false at <c>[DONE]</c> or at the end of the body, which proves nothing by itself.</summary>
    public ValueTask<bool> MoveNextAsync()
    {
        var pending = _events.MoveNextAsync();
        return pending.IsCompletedSuccessfully ? new(Accept(pending.Result)) : AcceptAsync(pending);
    }

    /// <summary>The failure of a stream that came to its end, but not to the end of the answer.</summary>
    /// <param name="usage">What the server has said of the tokens.</param>
    /// <param name="isText">Whether text came, and no piece of a tool call.</param>
    public QwenException Unfinished(object? usage, bool isText)
    {
        return Fail(
            QwenFailureKind.StreamInterrupted,
            $"The stream from {_facts.Endpoint.Host} ended without saying that the answer is finished",
            usage: usage,
            // A body without a length may be cut anywhere and look ended.
            endedCleanly: SawDone && isText
        );
    }

    public QwenException Fail(
        QwenFailureKind kind,
        string what,
        Exception? cause = null,
        object? usage = null,
        bool endedCleanly = false,
        bool isPermanent = false
    )
    {
        var request = _facts.RequestId is null ? "" : $" (request {_facts.RequestId})";
        return _facts.Failure(
            kind,
            $"{what} after {Received.Length} characters of text{request}. {FailureTable.Of(kind).Advice}",
            cause,
            partialText: Received.ToText(),
            malformed: _malformed,
            usage: usage,
            endedCleanly: endedCleanly,
            isPermanent: isPermanent
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _abandoned.DisposeAsync().ConfigureAwait(false);
        Received.Dispose();
        await _events.DisposeAsync().ConfigureAwait(false);
        await _body.DisposeAsync().ConfigureAwait(false);
        _response.Dispose();
    }

    private StreamChunk Parse(string eventType, ReadOnlySpan<byte> data)
    {
        try
        {
            return ChunkReader.Read(eventType, data, whole: !_sawChunk, _keepsRaw);
        }
        catch (JsonException)
        {
            _malformed = ServerFailure.Word(
                Encoding.UTF8.GetString(data[..Math.Min(data.Length, 4096)]),
                _facts.Secret
            );
            throw;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> AcceptAsync(ValueTask<bool> pending)
    {
        bool moved;
        try
        {
            moved = await pending.ConfigureAwait(false);
        }
        catch (Exception e) when (IsCancelled(e) is { } cancelled)
        {
            throw Arrival.Of(_response, _body).Interrupted(cancelled, _cancellationToken, _facts.RequestId);
        }
        catch (Exception e) when (Translate(e) is { } failure)
        {
            throw failure;
        }

        return Accept(moved);
    }

    private bool Accept(bool moved)
    {
        SawDone = moved && _events.Current.Data.IsDone;
        if (!moved || SawDone)
        {
            return false;
        }

        _body.BeginEvent();
        _sawChunk = true;
        Current = _events.Current.Data;
        return (Current.Error ?? WireError.From(Current.Rare)) is { } error
            ? throw ServerFailure.Create(
                error with
                {
                    EventStatus = _body.EventStatus,
                },
                null,
                _facts,
                partialText: Received.ToText()
            )
            : true;
    }

    // A connection that was closed by the cancellation says so in one of several ways.
    private OperationCanceledException? IsCancelled(Exception e)
    {
        return !_cancellationToken.IsCancellationRequested ? null
            : e is IOException or HttpRequestException or ObjectDisposedException
                ? new OperationCanceledException(e.Message, e, _cancellationToken)
            : e as OperationCanceledException;
    }

    private QwenException Interrupted(string how, Exception? cause)
    {
        return Fail(QwenFailureKind.StreamInterrupted, $"The stream from {_facts.Endpoint.Host} {how}", cause);
    }

    private QwenException? Translate(Exception e)
    {
        return e switch
        {
            QwenException => null,
            JsonException when _body.Ended => Interrupted(
                "broke off in the middle of an event",
                ServerFailure.WithoutKey(e, _facts.Secret)
            ),
            JsonException => Fail(
                QwenFailureKind.Protocol,
                $"{_facts.Endpoint.Host} sent an event that is not a chunk of an answer",
                ServerFailure.WithoutKey(e, _facts.Secret)
            ),
            AnswerTooLargeException => _facts.Failure(
                QwenFailureKind.Protocol,
                e.Message,
                e,
                partialText: Received.ToText(),
                isPermanent: true
            ),
            _ when ResponseBody.IsDamage(e) => Fail(
                QwenFailureKind.Protocol,
                $"{_facts.Endpoint.Host} sent damaged compressed data",
                e
            ),
            IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException => Interrupted(
                "broke off",
                e
            ),
            _ => null,
        };
    }
}
