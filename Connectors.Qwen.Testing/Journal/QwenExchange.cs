namespace Connectors.Qwen.Testing;

/// <summary>One request that the simulator received and what became of it.</summary>
/// <remarks>
/// Live: <see cref="Status"/>, <see cref="ChunksSent"/> and <see cref="State"/> change while the request is served. Thread-safe.
/// </remarks>
public sealed class QwenExchange
{
    private readonly object _gate = new();
    private readonly Action<QwenExchange> _changed;
    private int? _status;
    private int _chunksSent;
    private QwenExchangeState _state;

    internal QwenExchange(
        int number,
        string method,
        string path,
        ReceivedRequest received,
        Action<QwenExchange> changed
    )
    {
        Number = number;
        Method = method;
        Path = path;
        Kind = received.Kind;
        Request = received.Request;
        RequestId = Answers.MadeUpId.Uuid($"request {number}");
        _changed = changed;
    }

    /// <summary>Gets the place of the request in the order of arrival over all paths, from 1.</summary>
    public int Number { get; }

    /// <summary>Gets the HTTP method.</summary>
    public string Method { get; }

    /// <summary>Gets the path, without the query.</summary>
    public string Path { get; }

    /// <summary>Gets the headers; names are compared without case. They include <c>Authorization</c>.</summary>
    public IReadOnlyDictionary<string, string> Headers => Request.Headers;

    /// <summary>Gets the bearer token or API key; <see langword="null"/> when there was none.</summary>
    public string? Token => Request.Token;

    /// <summary>Gets the body as received.</summary>
    public string Body => Request.Text;

    /// <summary>Gets a value indicating whether a stream was asked for.</summary>
    public bool IsStream => Request.IsStream;

    /// <summary>Gets the parsed view of the request.</summary>
    public QwenSimulatedRequest Request { get; }

    /// <summary>Gets the id in <c>x-request-id</c> and in the body of the answer: a made-up UUID.</summary>
    public string RequestId { get; }

    /// <summary>Gets the HTTP status of the answer; <see langword="null"/> while none has been sent.</summary>
    public int? Status
    {
        get
        {
            lock (_gate)
            {
                return _status;
            }
        }
    }

    /// <summary>Gets how many data events with text, reasoning or a tool call have been handed to the network.</summary>
    public int ChunksSent => Volatile.Read(ref _chunksSent);

    /// <summary>Gets how far the exchange has come.</summary>
    public QwenExchangeState State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    internal ExchangeKind Kind { get; }

    /// <summary>Describes the exchange in one line, without headers, credentials and bodies.</summary>
    /// <returns>Number, method, path, status, chunks and state.</returns>
    public override string ToString() => $"#{Number} {Method} {Path}: {Status}, {ChunksSent} chunks, {State}";

    internal void Respond(int status)
    {
        lock (_gate)
        {
            _status = status;
        }

        MoveTo(QwenExchangeState.Responding);
    }

    internal void CountChunk()
    {
        Interlocked.Increment(ref _chunksSent);
        _changed(this);
    }

    internal void MoveTo(QwenExchangeState state)
    {
        lock (_gate)
        {
            // The first end stands: an abort also looks like a client that left.
            if (_state >= QwenExchangeState.Completed)
            {
                return;
            }

            _state = state;
        }

        _changed(this);
    }
}
