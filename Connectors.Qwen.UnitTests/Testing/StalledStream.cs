namespace Connectors.Qwen.UnitTests.Testing;

/// <summary>Hands out bytes and then nothing more, until the reader gives up.</summary>
internal sealed class StalledStream(byte[] bytes) : MemoryStream(bytes, false)
{
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when everything was read and more is waited for.</summary>
    public Task Stalled => _stalled.Task;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        var read = Read(buffer.Span);
        if (read == 0 && !buffer.IsEmpty)
        {
            _stalled.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }
}
