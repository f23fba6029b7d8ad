using Connectors.Qwen.UnitTests.Testing.Tokens;

namespace Connectors.Qwen.UnitTests.Credentials.Renewal;

/// <summary>How far a rejection or a suspicion reaches: not into other calls, not for ever, and not again and again.</summary>
public class RejectionLimitsTests
{
    private static readonly QwenException Down = new(QwenFailureKind.ServerError, "down");

    private readonly Cached _cached = new();

    [Fact]
    public async Task A6_ReplaceAsync_RenewalFailedAMomentAgo_IsEchoedForASecond()
    {
        var token = await _cached.ServingAsync(_cached.Minted("t1"));
        _cached.Source.Then(Down, _cached.Minted("t2"));
        var first = await Assert.ThrowsAsync<QwenException>(() => _cached.ReplaceAsync(token));

        _cached.Pass(0.999);
        for (var i = 0; i < 10; i++)
        {
            var echo = await Assert.ThrowsAsync<QwenException>(() => _cached.ReplaceAsync(token));
            Assert.NotSame(first, echo);
            Assert.Equal("down", echo.Message);
        }

        Assert.Equal(1, _cached.Source.Renewals);
        _cached.Pass(0.001);
        Assert.Equal("t2", (await _cached.ReplaceAsync(token))?.AccessToken);
    }

    [Fact]
    public async Task GetAsync_InTheBufferAndTheSuspicionJoinedFails_IsServed()
    {
        var token = await InTheBufferAsync();
        var suspicion = _cached.SuspectAsync(token);
        var renewal = await _cached.Source.BegunAsync();

        var call = _cached.GetAsync();
        Assert.False(call.IsCompleted);
        renewal.Fails(Down);

        Assert.Null(await suspicion);
        Assert.Same(token, await call);
        Assert.Equal(1, _cached.Source.Renewals);
    }

    [Fact]
    public async Task GetAsync_InTheBufferAndTheRejectionJoinedFails_IsServedIfTheServerTookItSince()
    {
        var token = await InTheBufferAsync();
        var rejection = _cached.ReplaceAsync(token);
        var renewal = await _cached.Source.BegunAsync();

        var call = _cached.GetAsync();
        Assert.False(call.IsCompleted);
        _cached.Cache.Accept(token);
        renewal.Fails(Down);

        await Assert.ThrowsAsync<QwenException>(() => rejection);
        Assert.Same(token, await call);
    }

    [Fact]
    public async Task GetAsync_InTheBufferAndTheRejectionJoinedFails_IsNotServedWhatWasRejected()
    {
        var token = await InTheBufferAsync();
        var rejection = _cached.ReplaceAsync(token);
        var renewal = await _cached.Source.BegunAsync();

        var call = _cached.GetAsync();
        renewal.Fails(Down);

        await Assert.ThrowsAsync<QwenException>(() => rejection);
        await Assert.ThrowsAsync<QwenException>(() => call);
    }

    // Whether the server took the token, seconds since it was rejected, whether it will do.
    [Theory]
    [InlineData(false, 29.9, false)]
    [InlineData(false, 30, true)]
    [InlineData(true, 0, true)]
    public async Task ReplaceAsync_RejectedBefore_WillDoAgain(bool isAccepted, double seconds, bool expected)
    {
        var first = await _cached.ServingAsync(_cached.Minted("t1"));
        _cached.Source.Then(_cached.Minted("t2"));
        await _cached.ReplaceAsync(first);

        if (isAccepted)
        {
            _cached.Cache.Accept(first);
        }

        _cached.Pass(seconds);
        // What is in the store counts where nothing may be renewed.
        _cached.Source.IsRenewable = false;
        _cached.Source.Stored = first;

        var other = await _cached.ReplaceAsync(await _cached.GetAsync());
        Assert.Equal(expected ? "t1" : null, other?.AccessToken);
    }

    [Fact]
    public async Task A7_ReplaceSuspectAsync_ManyAtOnce_IsOneRenewal()
    {
        for (var round = 0; round < 50; round++)
        {
            var cached = new Cached();
            var token = await cached.ServingAsync(cached.Minted("t1"));
            cached.Pass(61);
            var renewed = cached.Minted("t2");
            cached.Source.Then(renewed);

            var calls = Enumerable.Range(0, 32).Select(i => Task.Run(() => cached.SuspectAsync(token)));

            Assert.All(await Task.WhenAll(calls), other => Assert.Same(renewed, other));
            Assert.Equal(1, cached.Source.Renewals);
        }
    }

    private async Task<QwenCredential> InTheBufferAsync()
    {
        var token = await _cached.ServingAsync(_cached.Left("t1", 400));
        _cached.Pass(375);
        return token;
    }
}
