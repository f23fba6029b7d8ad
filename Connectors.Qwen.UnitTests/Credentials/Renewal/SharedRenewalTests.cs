using Connectors.Qwen.Credentials;
using Connectors.Qwen.UnitTests.Testing.Tokens;

namespace Connectors.Qwen.UnitTests.Credentials.Renewal;

/// <summary>One renewal for all who wait, with a lifetime of its own.</summary>
public class SharedRenewalTests
{
    private const int Waiters = 1000;
    private const int Renewed = 103;
    private const int ServedUnrenewed = 105;

    private static readonly AsyncLocal<string?> Ambient = new();

    private readonly Cached _cached = new();

    [Fact]
    public async Task A9_GetAsync_ThousandWaiters_ShareOneRenewal()
    {
        var calls = Enumerable.Range(0, Waiters).Select(i => Task.Run(() => _cached.GetAsync())).ToArray();
        var renewal = await _cached.Source.BegunAsync();
        var renewed = _cached.Minted("t1");
        renewal.Brings(renewed);

        Assert.All(await Task.WhenAll(calls), c => Assert.Same(renewed, c));
        Assert.Equal(1, _cached.Source.Renewals);
    }

    [Fact]
    public async Task A10_ReplaceAsync_ThousandRejectionsOfOneToken_ShareOneRenewal()
    {
        var rejected = await _cached.ServingAsync(_cached.Minted("t1"));

        var calls = Enumerable.Range(0, Waiters).Select(i => Task.Run(() => _cached.ReplaceAsync(rejected))).ToArray();
        var renewal = await _cached.Source.BegunAsync();
        var renewed = _cached.Minted("t2");
        renewal.Brings(renewed);

        Assert.All(await Task.WhenAll(calls), c => Assert.Same(renewed, c));
        Assert.Equal(1, _cached.Source.Renewals);
    }

    [Fact]
    public async Task A11_GetAsync_FirstWaiterCancels_TheOthersGoOn()
    {
        using var source = new CancellationTokenSource();
        var first = _cached.GetAsync(source.Token);
        var second = _cached.GetAsync();
        var renewal = await _cached.Source.BegunAsync();

        await source.CancelAsync();
        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(second.IsCompleted);
        var renewed = _cached.Minted("t1");
        renewal.Brings(renewed);

        Assert.Equal(source.Token, e.CancellationToken);
        Assert.Same(renewed, await second);
        Assert.Equal(1, _cached.Source.Renewals);
    }

    [Fact]
    public async Task A11_ReplaceAsync_OnlyWaiterCancels_TheRenewalIsKept()
    {
        var token = await _cached.ServingAsync(_cached.Minted("t1"));
        using var source = new CancellationTokenSource();
        var call = _cached.ReplaceAsync(token, source.Token);
        var renewal = await _cached.Source.BegunAsync();

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        var renewed = _cached.Minted("t2");
        renewal.Brings(renewed);

        Assert.Same(renewed, await _cached.ReplaceAsync(token));
        Assert.Equal(1, _cached.Source.Renewals);
    }

    [Fact]
    public async Task GetAsync_RenewalFails_EachWaiterHasAnExceptionOfItsOwn()
    {
        var calls = Enumerable.Range(0, 20).Select(i => _cached.GetAsync()).ToArray();
        var renewal = await _cached.Source.BegunAsync();
        renewal.Fails(new QwenAuthenticationException("log in") { ErrorCode = "invalid_grant", RequestId = "r" });

        var thrown = new List<QwenException>();
        foreach (var call in calls)
        {
            thrown.Add(await Assert.ThrowsAsync<QwenAuthenticationException>(() => call));
        }

        Assert.Equal(thrown.Count, thrown.Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.All(thrown, e => Assert.Equal(("log in", "invalid_grant"), (e.Message, e.ErrorCode)));
        Assert.Equal(1, _cached.Source.Renewals);
    }

    [Fact]
    public async Task GetAsync_AmbientStateOfTheCaller_IsNotTaken()
    {
        string? seen = "not set";
        _cached.Source.Inside = () => seen = Ambient.Value;
        Ambient.Value = "of the first caller";
        _cached.Source.Then(_cached.Minted("t1"));

        await _cached.GetAsync();

        Assert.Null(seen);
    }

    [Fact]
    public async Task RenewBehind_AmbientStateOfTheCaller_IsNotTaken()
    {
        string? seen = "not set";
        await _cached.ServingAsync(_cached.Left("t1", 400));
        _cached.Pass(150);
        _cached.Source.Inside = () => seen = Ambient.Value;
        Ambient.Value = "of the first caller";

        await _cached.GetAsync();
        await _cached.Source.BegunAsync();

        Assert.Null(seen);
    }

    [Fact]
    public async Task GetAsync_WhoHearsThatItWasRenewed_FindsItRenewed()
    {
        await _cached.ServingAsync(_cached.Left("t1", 400));
        _cached.Pass(380);
        Task<QwenCredential>? heard = null;
        _cached.Log.Heard = id => heard = id == Renewed ? _cached.GetAsync() : heard;
        _cached.Source.Then(_cached.Minted("t2"));

        await _cached.GetAsync();

        Assert.Equal("t2", (await heard!).AccessToken);
        Assert.Equal(1, _cached.Source.Renewals);
    }

    [Fact]
    public async Task GetAsync_WhoHearsThatItWasNotRenewed_MayAskForAnother()
    {
        await _cached.ServingAsync(_cached.Left("t1", 100));
        Task<QwenCredential>? heard = null;
        _cached.Log.Heard = id =>
        {
            if (id == ServedUnrenewed && heard is null)
            {
                _cached.Pass(75);
                _cached.Source.Then(_cached.Minted("t2"));
                heard = _cached.GetAsync();
            }
        };
        _cached.Source.Then(new QwenException(QwenFailureKind.ServerError, "down"));

        await _cached.GetAsync();

        await Guard.UntilAsync(() => heard is not null);
        Assert.Equal("t2", (await heard!).AccessToken);
    }

    [Fact]
    public async Task GetAsync_SourceThrowsAtOnce_IsAFailureLikeAnyOther()
    {
        _cached.Source.Inside = () => throw new InvalidOperationException("no");

        var e = await Assert.ThrowsAsync<QwenException>(() => _cached.GetAsync());

        Assert.IsType<InvalidOperationException>(e.GetBaseException());
        _cached.Source.Inside = null;
        _cached.Pass(1);
        _cached.Source.Then(_cached.Minted("t1"));
        Assert.Equal("t1", (await _cached.GetAsync()).AccessToken);
    }

    [Fact]
    public async Task A10_ReplaceAsync_WhoLookedBeforeARenewalThatBroughtTheSame_DoesNotRenewAgain()
    {
        var source = _cached.Source;
        var memory = new RenewalMemory(_cached.Time);
        var renewal = new SharedRenewal(source, Cached.Windows, memory, _cached.Time, _cached.Log, () => 0);
        source.Stored = _cached.Minted("t1");
        var rejected = await renewal.RenewAsync(null, RenewalReason.FirstUse, default);
        var stale = renewal.Current;
        memory.Reject(rejected);
        source.Then(_cached.Minted("t1"));

        for (var i = 0; i < 2; i++)
        {
            Assert.Null(await Guard.WaitAsync(renewal.ReplaceAsync(stale, RenewalReason.Rejected, rejected, default)));
        }

        Assert.Equal(1, source.Renewals);
    }

    [Fact]
    public async Task FinishAsync_RenewalRuns_IsWaitedForAndThenSaved()
    {
        var call = _cached.GetAsync();
        var renewal = await _cached.Source.BegunAsync();

        var finish = _cached.Cache.FinishAsync(default);
        Assert.False(finish.IsCompleted);
        Assert.Equal(0, _cached.Source.Saves);
        renewal.Brings(_cached.Minted("t1"));
        await Guard.WaitAsync(finish);

        Assert.Equal(1, _cached.Source.Saves);
        Assert.Equal("t1", (await call).AccessToken);
    }

    [Fact]
    public async Task FinishAsync_SavingRuns_IsWaitedFor()
    {
        _cached.Source.Then(_cached.Minted("t1"));
        await _cached.GetAsync();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var saved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _cached.Source.Saving = () =>
        {
            begun.TrySetResult();
            return saved.Task;
        };
        _cached.Source.IsSaveDue = true;
        await _cached.GetAsync();
        await Guard.WaitAsync(begun.Task);

        var finish = _cached.Cache.FinishAsync(default);
        _cached.Source.Saving = null;
        Assert.False(finish.IsCompleted);
        Assert.Equal(0, _cached.Source.Saves);
        saved.SetResult();
        await Guard.WaitAsync(finish);

        // The one that ran, and the last try.
        Assert.Equal(2, _cached.Source.Saves);
    }

    [Fact]
    public async Task FinishAsync_RenewalFails_IsNoFailureOfTheEnd()
    {
        var call = _cached.GetAsync();
        var renewal = await _cached.Source.BegunAsync();

        var finish = _cached.Cache.FinishAsync(default);
        renewal.Fails(new QwenException(QwenFailureKind.ServerError, "down"));
        await Guard.WaitAsync(finish);

        Assert.Equal(1, _cached.Source.Saves);
        await Assert.ThrowsAsync<QwenException>(() => call);
    }

    [Fact]
    public async Task FinishAsync_RenewalHangs_IsNotWaitedForBeyondTheLimit()
    {
        _ = _cached.GetAsync().ContinueWith(static t => t.Exception, TaskScheduler.Default);
        await _cached.Source.BegunAsync();
        using var limit = new CancellationTokenSource();

        var finish = _cached.Cache.FinishAsync(limit.Token);
        Assert.False(finish.IsCompleted);
        await limit.CancelAsync();

        await Guard.WaitAsync(finish);
    }
}
