using System.Runtime.CompilerServices;

namespace Connectors.Qwen.Transport;

/// <summary>
/// A response body that cannot grow without end: counted after decompression, per event and in total, because the event
/// parser itself would buffer a line of any length. At the end it adds a blank line, so that a last event without one (the
/// native API writes errors so) is parsed instead of dropped.
/// </summary>
internal sealed class BoundedStream : Stream
{
    private readonly Stream _inner;
    private readonly long _maxEventBytes;
    private readonly long _maxTotalBytes;
    private readonly StatusComment? _comment;
    private long _eventBytes;
    private long _totalBytes;
    private int _newLinesAdded;

    public BoundedStream(Stream inner, long maxTotalBytes, long maxEventBytes = long.MaxValue, bool endsEvents = false)
    {
        _inner = inner;
        _maxTotalBytes = maxTotalBytes;
        _maxEventBytes = maxEventBytes;
        _comment = endsEvents ? new StatusComment() : null;
    }

    /// <summary>The same body before decompression, where it is compressed.</summary>
    public BoundedStream? Compressed { get; init; }

    /// <summary>How many bytes have come over the network.</summary>
    public long Arrived => Compressed?.Arrived ?? _totalBytes;

    /// <summary>The HTTP status that the last event says it has; null where events say none.</summary>
    public int? EventStatus => _comment?.Status;

    /// <summary>Whether the server's bytes are all read: an event parsed from now on was not finished by the server.</summary>
    public bool Ended { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Starts the count of the next event.</summary>
    public void BeginEvent()
    {
        _eventBytes = 0;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Ended)
        {
            return new(End(buffer.Span));
        }

        var pending = _inner.ReadAsync(buffer, cancellationToken);
        return pending.IsCompletedSuccessfully ? new(Count(pending.Result, buffer.Span)) : CountAsync(pending, buffer);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        return Ended
            ? End(buffer.AsSpan(offset, count))
            : Count(_inner.Read(buffer, offset, count), buffer.AsSpan(offset, count));
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin)
    {
        throw new NotSupportedException();
    }

    public override void SetLength(long value)
    {
        throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        throw new NotSupportedException();
    }

    public override async ValueTask DisposeAsync()
    {
        await _inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> CountAsync(ValueTask<int> pending, Memory<byte> buffer)
    {
        return Count(await pending.ConfigureAwait(false), buffer.Span);
    }

    private int Count(int read, Span<byte> buffer)
    {
        if (read == 0)
        {
            return buffer.IsEmpty ? 0 : End(buffer);
        }

        _totalBytes += read;
        _eventBytes += read;
        _comment?.Read(buffer[..read]);
        return _totalBytes > _maxTotalBytes ? throw TooLarge("The answer", _maxTotalBytes, "MaxResponseBytes")
            : _eventBytes > _maxEventBytes ? throw TooLarge("One event of the stream", _maxEventBytes, "MaxEventBytes")
            : read;
    }

    private int End(Span<byte> buffer)
    {
        Ended = true;
        var missing = _comment is null ? 0 : 2 - _newLinesAdded;
        var added = Math.Min(missing, buffer.Length);
        buffer[..added].Fill((byte)'\n');
        _newLinesAdded += added;
        return added;
    }

    private static AnswerTooLargeException TooLarge(string what, long limit, string option)
    {
        return new AnswerTooLargeException($"{what} is larger than {limit} bytes. Raise {option} if that is expected.");
    }
}

/// <summary>A body that was longer than allowed; what reads it adds whose it is.</summary>
internal sealed class AnswerTooLargeException(string message) : IOException(message);
