using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.UnitTests.Testing.Tokens;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.UnitTests.Credentials.Renewal;

/// <summary>What a call that needs a credential gets, and what it costs.</summary>
public class CachedCredentialTests
{
    private static readonly QwenException Down = new(QwenFailureKind.ServerError, "down");

    private readonly Cached _cached = new();

    [Fact]
    public async Task GetAsync_Fresh_IsSynchronousAndAllocatesNothing()
    {
        var token = await _cached.ServingAsync(_cached.Minted("t1"));
        await _cached.GetAsync();
        var cache = _cached.Cache;

        Assert.Equal(0, Allocated.ByAsking(() => cache.GetAsync(default), token));
    }

    [Fact]
    public async Task GetAsync_StoredAndFresh_IsUsedWithoutARenewal()
    {
        await _cached.ServingAsync(_cached.Minted("t1"));
        _cached.Pass(60);
        await _cached.GetAsync();

        Assert.Equal((1, 0), (_cached.Source.Loads, _cached.Source.Renewals));
        Assert.Empty(_cached.Log.Entries);
    }

    [Fact]
    public async Task GetAsync_NothingStored_IsObtained()
    {
        var token = _cached.Minted("t1");
        _cached.Source.Then(token);

        Assert.Same(token, await _cached.GetAsync());

        Assert.Equal([102, 103], _cached.Log.Ids());
        Assert.StartsWith("Token (none) needs a refresh (first use)", _cached.Log.Entries[0].Text);
    }

    [Theory]
    [InlineData("expired", 0)]
    [InlineData("about to end", 20)]
    public async Task A1_A2_GetAsync_EndedOrAboutTo_IsRenewedBeforeUse(string reason, double left)
    {
        await _cached.ServingAsync(_cached.Left("t1", 1000));
        _cached.Pass(1000 - left);
        var renewed = _cached.Minted("t2");
        _cached.Source.Then(renewed);

        Assert.Same(renewed, await _cached.GetAsync());

        Assert.Contains($"({reason})", _cached.Log.Entries[0].Text);
        Assert.Same(renewed, await _cached.GetAsync());
        Assert.Equal(1, _cached.Source.Renewals);
    }

    [Fact]
    public async Task A2_GetAsync_RenewalInTheBufferFails_TokenIsUsedAndTheNextTryIsIn30Seconds()
    {
        var token = await _cached.ServingAsync(_cached.Left("t1", 129));
        _cached.Pass(100);
        _cached.Source.Then(Down);

        Assert.Same(token, await _cached.GetAsync());
        for (var i = 0; i < 28; i++)
        {
            _cached.Pass(1);
            Assert.Same(token, await _cached.GetAsync());
        }

        Assert.Equal(1, _cached.Source.Renewals);
        Assert.Equal([102, 104, 105], _cached.Log.Ids());
    }

    [Fact]
    public async Task A2_GetAsync_TokenEndsDuringThePause_IsRenewedAllTheSame()
    {
        await _cached.ServingAsync(_cached.Left("t1", 110));
        _cached.Pass(100);
        var renewed = _cached.Minted("t2");
        _cached.Source.Then(Down, renewed);

        await _cached.GetAsync();
        _cached.Pass(10);

        Assert.Same(renewed, await _cached.GetAsync());
    }

    [Fact]
    public async Task A3_GetAsync_Ahead_IsRenewedBehindAndNobodyWaits()
    {
        var token = await _cached.ServingAsync(_cached.Left("t1", 400));
        _cached.Pass(150);

        var pending = _cached.Cache.GetAsync(default);
        Assert.True(pending.IsCompletedSuccessfully);
        Assert.Same(token, await pending);
        var renewal = await _cached.Source.BegunAsync();
        Assert.True(renewal.IsAhead);
        _cached.Pass(1);
        // One at a time, and still nobody waits.
        Assert.Same(token, await _cached.GetAsync());

        var renewed = _cached.Minted("t2");
        renewal.Brings(renewed);
        await EventuallyServesAsync(renewed);
        Assert.Equal(1, _cached.Source.Renewals);
    }

    [Fact]
    public async Task A4_GetAsync_RenewalBehindFails_TokenServesToItsEndWithOneWarningPerPause()
    {
        var token = await _cached.ServingAsync(_cached.Left("t1", 330));
        _cached.Pass(35);
        for (var pause = 1; pause <= 8; pause++)
        {
            Assert.Same(token, await _cached.GetAsync());
            var renewal = await _cached.Source.BegunAsync();
            renewal.Fails(Down);
            await Guard.UntilAsync(() => _cached.Log.Count(105) == pause);
            for (var second = 0; second < 30; second++)
            {
                _cached.Pass(1);
                if (second < 29)
                {
                    Assert.Same(token, await _cached.GetAsync());
                }
            }

            Assert.Equal((pause, pause), (_cached.Source.Renewals, _cached.Log.Count(105)));
        }

        // A13: at its real end there is a clear error that names the cause.
        _cached.Pass(60);
        _cached.Source.Then(Down);
        var e = await Assert.ThrowsAsync<QwenException>(() => _cached.GetAsync());
        Assert.Equal((QwenFailureKind.ServerError, "down"), (e.Kind, e.Message));
    }

    [Fact]
    public async Task A4_GetAsync_OutageOverSeveralPauses_IsAWarningForEach()
    {
        await _cached.ServingAsync(_cached.Left("t1", 330));
        _cached.Pass(35);
        await _cached.GetAsync();
        (await _cached.Source.BegunAsync()).Fails(Down);
        await Guard.UntilAsync(() => _cached.Log.Count(105) == 1);

        Assert.Equal([105], _cached.Log.Ids(LogLevel.Warning));
    }

    [Fact]
    public async Task GetAsync_EndedAndTheRenewalFails_ThrowsAndEchoesForASecond()
    {
        await _cached.ServingAsync(_cached.Left("t1", 100));
        _cached.Pass(100);
        _cached.Source.Then(Down);

        var first = await Assert.ThrowsAsync<QwenException>(() => _cached.GetAsync());
        _cached.Pass(0.9);
        var echo = await Assert.ThrowsAsync<QwenException>(() => _cached.GetAsync());

        Assert.NotSame(first, echo);
        Assert.Equal((first.Kind, first.Message), (echo.Kind, echo.Message));
        Assert.Equal(1, _cached.Source.Renewals);

        _cached.Pass(0.1);
        var renewed = _cached.Minted("t2");
        _cached.Source.Then(renewed);
        Assert.Same(renewed, await _cached.GetAsync());
    }

    [Fact]
    public async Task GetAsync_LoginLost_IsNotEchoed()
    {
        var renewed = _cached.Minted("t2");
        _cached.Source.Then(new QwenAuthenticationException("log in"), renewed);

        await Assert.ThrowsAsync<QwenAuthenticationException>(() => _cached.GetAsync());

        // Somebody has just logged in.
        Assert.Same(renewed, await _cached.GetAsync());
    }

    [Fact]
    public async Task GetAsync_StoreCannotBeRead_ThrowsWhyAndTriesAgain()
    {
        _cached.Source.LoadFailure = new QwenException(QwenFailureKind.CredentialStore, "corrupt");

        var e = await Assert.ThrowsAsync<QwenException>(() => _cached.GetAsync());

        Assert.Equal("corrupt", e.Message);
        _cached.Source.LoadFailure = null;
        await _cached.ServingAsync(_cached.Minted("t1"));
    }

    [Fact]
    public async Task GetAsync_NotRenewable_IsUsedToItsEnd()
    {
        _cached.Source.IsRenewable = false;
        var token = await _cached.ServingAsync(_cached.Left("t1", 200));

        _cached.Pass(199);
        Assert.Same(token, await _cached.GetAsync());
        Assert.Equal(0, _cached.Source.Renewals);
    }

    [Fact]
    public async Task GetAsync_SaveIsDue_IsTriedBehindTheCall()
    {
        var token = await _cached.ServingAsync(_cached.Minted("t1"));
        _cached.Source.IsSaveDue = true;
        _cached.Pass(2);

        var pending = _cached.Cache.GetAsync(default);

        Assert.True(pending.IsCompletedSuccessfully);
        Assert.Same(token, await pending);
        await Guard.UntilAsync(() => _cached.Source.Saves == 1);
    }

    [Theory]
    [InlineData(typeof(HttpRequestException), QwenFailureKind.Connection, false)]
    [InlineData(typeof(IOException), QwenFailureKind.Connection, false)]
    [InlineData(typeof(TimeoutException), QwenFailureKind.Connection, false)]
    [InlineData(typeof(InvalidOperationException), QwenFailureKind.ServerError, true)]
    [InlineData(typeof(OperationCanceledException), QwenFailureKind.ServerError, true)]
    public async Task GetAsync_StrangersException_IsAFailureOfTheRenewal(
        Type type,
        QwenFailureKind kind,
        bool isPermanent
    )
    {
        var cause = (Exception)Activator.CreateInstance(type, "secret of a stranger")!;
        _cached.Source.Then(cause);

        var e = await Assert.ThrowsAsync<QwenException>(() => _cached.GetAsync());

        Assert.Equal((kind, isPermanent), (e.Kind, e.IsPermanent));
        Assert.Same(cause, e.GetBaseException());
        Assert.Contains(type.Name, e.Message);
        Assert.DoesNotContain("secret of a stranger", e.Message);
    }

    private async Task EventuallyServesAsync(QwenCredential expected)
    {
        await Guard.UntilAsync(() =>
        {
            var pending = _cached.Cache.GetAsync(default);
            return pending.IsCompletedSuccessfully && ReferenceEquals(pending.GetAwaiter().GetResult(), expected);
        });
    }
}
