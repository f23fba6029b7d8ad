namespace Connectors.Qwen.UnitTests.Testing;

/// <summary>Hands out bytes in small pieces, as a network does, and may break off at the end.</summary>
internal sealed class PiecewiseStream(byte[] bytes, int size, Exception? end = null) : MemoryStream(bytes, false)
{
    public override int Read(byte[] buffer, int offset, int count)
    {
        return Next(base.Read(buffer, offset, Math.Min(count, size)));
    }

    public override int Read(Span<byte> buffer)
    {
        return Next(base.Read(buffer[..Math.Min(buffer.Length, size)]));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        return Read(buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    private int Next(int read)
    {
        return read == 0 && end is not null ? throw end : read;
    }
}
