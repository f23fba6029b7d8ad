using Connectors.Qwen.UnitTests.Testing.Tokens;

namespace Connectors.Qwen.UnitTests.Credentials.Stores;

public class InMemoryCredentialStoreTests
{
    private static readonly QwenCredential First = new("a1", null, "r1");
    private static readonly QwenCredential Second = new("a2", null, "r2");

    private readonly InMemoryCredentialStore _store = new(First);

    [Fact]
    public async Task TryReplaceAsync_SameRefreshToken_IsReplaced()
    {
        await using var lease = await _store.AcquireAsync();

        Assert.True(await lease.TryReplaceAsync(First, Second));
        Assert.Same(Second, await _store.LoadAsync());
        Assert.Equal((Timeout.InfiniteTimeSpan, null), (lease.Duration, lease.Obstacle));
    }

    [Fact]
    public async Task TryReplaceAsync_AnotherLoginOrNone_IsNotReplaced()
    {
        await using var lease = await _store.AcquireAsync();
        await _store.SaveAsync(Second);

        Assert.False(await lease.TryReplaceAsync(First, new QwenCredential("a3", null, "r3")));
        Assert.Same(Second, await _store.LoadAsync());

        await using var other = await new InMemoryCredentialStore().AcquireAsync();
        Assert.False(await other.TryReplaceAsync(new QwenCredential("a"), Second));
    }

    [Fact]
    public async Task AcquireAsync_SecondOwner_WaitsForTheFirst()
    {
        var first = await _store.AcquireAsync();
        using var source = new CancellationTokenSource();
        var cancelled = _store.AcquireAsync(source.Token).AsTask();
        var second = _store.AcquireAsync().AsTask();

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Guard.WaitAsync(cancelled));
        Assert.False(second.IsCompleted);
        await first.DisposeAsync();
        await first.DisposeAsync();

        await using var lease = await Guard.WaitAsync(second);
        Assert.False(_store.AcquireAsync().AsTask().IsCompleted);
    }
}
