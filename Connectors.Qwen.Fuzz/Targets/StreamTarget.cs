using System.Net;
using System.Net.Http.Headers;

namespace Connectors.Qwen.Fuzz.Targets;

/// <summary>
/// A whole event stream through the raw client, byte for byte: bounded stream, event parser, chunk reader, mapper. It ends with a finish
/// reason or with a <see cref="QwenException"/> that holds the text so far, and in the same way however the network cuts it.
/// </summary>
/// <remarks>The first byte says how long the pieces are in which it comes the second time.</remarks>
internal static class StreamTarget
{
    public static void Run(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }

        var whole = Call.Stream(Answer(input, int.MaxValue));
        var pieces = Call.Stream(Answer(input, 1 + (input[0] % 64)));
        Guard.Check(whole == pieces, $"in one piece '{whole}', in several '{pieces}'");
    }

    private static HttpResponseMessage Answer(byte[] input, int size)
    {
        var content = new StreamContent(new PieceStream(input.AsMemory(1), size));
        content.Headers.ContentType = new MediaTypeHeaderValue("text/event-stream");
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
    }

    private sealed class PieceStream(ReadOnlyMemory<byte> bytes, int size) : Stream
    {
        private int _position;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            return Read(buffer.AsSpan(offset, count));
        }

        public override int Read(Span<byte> buffer)
        {
            var read = Math.Min(Math.Min(buffer.Length, size), bytes.Length - _position);
            bytes.Span.Slice(_position, read).CopyTo(buffer);
            _position += read;
            return read;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            return new(Read(buffer.Span));
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
    }
}
