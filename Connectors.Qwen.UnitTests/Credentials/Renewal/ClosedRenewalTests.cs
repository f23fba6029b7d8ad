using Connectors.Qwen.UnitTests.Testing.Tokens;

namespace Connectors.Qwen.UnitTests.Credentials.Renewal;

/// <summary>After the end no renewal begins; what is still good is served.</summary>
public class ClosedRenewalTests
{
    private readonly Cached _cached = new();

    [Fact]
    public async Task GetAsync_FreshAfterTheEnd_IsServed()
    {
        var token = await _cached.ServingAsync(_cached.Minted("t1"));

        await _cached.Cache.FinishAsync(default);
        _cached.Pass(60);

        Assert.Same(token, await _cached.GetAsync());
    }

    [Fact]
    public async Task GetAsync_AheadAfterTheEnd_IsServedAndNotRenewed()
    {
        var token = await _cached.ServingAsync(_cached.Left("t1", 400));
        await _cached.Cache.FinishAsync(default);
        _cached.Pass(150);

        Assert.Same(token, await _cached.GetAsync());

        Assert.Null(await _cached.SuspectAsync(_cached.Minted("another")));
        Assert.Equal(0, _cached.Source.Renewals);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetAsync_EndedOrNeverHadAfterTheEnd_IsDisposed(bool wasServed)
    {
        if (wasServed)
        {
            await _cached.ServingAsync(_cached.Minted("t1"));
        }

        await _cached.Cache.FinishAsync(default);
        _cached.Pass(3600);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => _cached.GetAsync());
        Assert.Equal(0, _cached.Source.Renewals);
    }

    [Fact]
    public async Task ReplaceAsync_AfterTheEnd_IsDisposed()
    {
        var token = await _cached.ServingAsync(_cached.Minted("t1"));
        await _cached.Cache.FinishAsync(default);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => _cached.ReplaceAsync(token));
        Assert.Equal(0, _cached.Source.Renewals);
    }

    [Fact]
    public async Task FinishAsync_RenewalRuns_IsJoinedStillAndTheLast()
    {
        var token = await _cached.ServingAsync(_cached.Minted("t1"));
        var first = _cached.ReplaceAsync(token);
        var renewal = await _cached.Source.BegunAsync();

        var finish = _cached.Cache.FinishAsync(default);
        var second = _cached.ReplaceAsync(token);
        Assert.False(finish.IsCompleted);
        var renewed = _cached.Minted("t2");
        renewal.Brings(renewed);

        await Guard.WaitAsync(finish);
        Assert.Same(renewed, await first);
        Assert.Same(renewed, await second);
        _cached.Pass(60);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _cached.ReplaceAsync(renewed));
        Assert.Equal(1, _cached.Source.Renewals);
    }

    [Fact]
    public async Task Dispose_Provider_EndedTokenIsNotAskedForAgain()
    {
        var calls = 0;
        var provider = new DelegateCredentialProvider(
            _ => new(_cached.Minted($"t{++calls}")),
            null,
            null,
            _cached.Time
        );
        var token = await Guard.WaitAsync(provider.GetCredentialAsync().AsTask());

        await provider.DisposeAsync();
        Assert.Same(token, await Guard.WaitAsync(provider.GetCredentialAsync().AsTask()));
        _cached.Pass(3600);

        await Assert.ThrowsAsync<ObjectDisposedException>(() =>
            Guard.WaitAsync(provider.GetCredentialAsync().AsTask())
        );
        Assert.Equal(1, calls);
    }
}
