using Connectors.Qwen.Credentials;
using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.UnitTests.Testing.Tokens;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.UnitTests.Credentials.OAuth;

/// <summary>A22: what cannot be saved is used, kept in mind, and saved at the next chance.</summary>
public class LoginKeeperTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private static readonly QwenCredential First = new("a1", null, "r1");
    private static readonly QwenCredential Second = new("a2", null, "r2");
    private static readonly QwenCredential Third = new("a3", null, "r3");

    private readonly ManualTime _time = new();
    private readonly RecordingLogger _log = new();
    private readonly ScriptedStore _store = new(First);
    private readonly LoginKeeper _keeper;

    public LoginKeeperTests()
    {
        _keeper = new LoginKeeper(_store, Limit, _time, _log);
    }

    [Fact]
    public async Task A22_SaveAsync_StoreCannotBeWritten_IsUsedAndLoggedAsAnError()
    {
        BreakTheDisk();

        await SaveAsync(First, Second);

        Assert.Same(Second, await _keeper.LoadAsync(default));
        Assert.Equal([(110, LogLevel.Error)], _log.Entries.Select(e => (e.Id, e.Level)));
        Assert.False(_keeper.IsSaveDue);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.True(_keeper.IsSaveDue);
    }

    [Fact]
    public async Task A22_SaveAsync_TwoRenewalsUnsaved_AreSavedOnceInPlaceOfWhatIsReallyStored()
    {
        BreakTheDisk();
        await SaveAsync(First, Second);
        await SaveAsync((await _keeper.LoadAsync(default))!, Third);
        Assert.Same(Third, await _keeper.LoadAsync(default));
        Assert.Same(First, _store.Held);

        _store.Writing = null;
        await _keeper.SaveAgainAsync(default);

        Assert.Same(Third, _store.Held);
        Assert.Equal([("r1", "r2"), ("r1", "r3"), ("r1", "r3")], _store.Writes);
        Assert.Equal([110, 110, 114], _log.Ids());
        Assert.False(_keeper.IsSaveDue);

        await _keeper.SaveAgainAsync(default);
        Assert.Equal(3, _store.Writes.Count);
        Assert.Equal(0, _store.OpenLeases);
    }

    [Fact]
    public async Task A22_SaveAsync_NextRenewalSucceeds_SavesTheChain()
    {
        BreakTheDisk();
        await SaveAsync(First, Second);
        _store.Writing = null;

        await SaveAsync(Second, Third);

        Assert.Same(Third, _store.Held);
        Assert.Same(Third, await _keeper.LoadAsync(default));
        Assert.Equal([110, 114], _log.Ids());
    }

    [Fact]
    public async Task LoadAsync_SomeoneLoggedInMeanwhile_TheirLoginCounts()
    {
        BreakTheDisk();
        await SaveAsync(First, Second);
        _store.Held = Third;

        Assert.Same(Third, await _keeper.LoadAsync(default));

        _store.Writing = null;
        await _keeper.SaveAgainAsync(default);
        Assert.Same(Third, _store.Held);
        Assert.Equal([110, 113], _log.Ids());
    }

    [Fact]
    public async Task A22_LoadAsync_LoggedOutMeanwhile_IsNoLogin()
    {
        BreakTheDisk();
        await SaveAsync(First, Second);
        _store.Held = null;
        _store.Writing = null;

        Assert.Null(await _keeper.LoadAsync(default));
        await _keeper.SaveAgainAsync(default);

        Assert.Null(_store.Held);
    }

    [Fact]
    public async Task SaveAgainAsync_FailsAgain_WaitsForTheNextPause()
    {
        BreakTheDisk();
        await SaveAsync(First, Second);
        _time.Advance(TimeSpan.FromSeconds(30));

        await _keeper.SaveAgainAsync(default);

        Assert.False(_keeper.IsSaveDue);
        Assert.Same(Second, await _keeper.LoadAsync(default));
        Assert.Equal(2, _log.Count(110));
    }

    [Fact]
    public async Task SaveAgainAsync_NoLease_DoesNotThrow()
    {
        BreakTheDisk();
        await SaveAsync(First, Second);
        _store.Acquiring = () => throw new QwenException(QwenFailureKind.CredentialStore, "locked");

        await _keeper.SaveAgainAsync(default);

        Assert.Equal(2, _log.Count(110));
    }

    [Fact]
    public async Task LoadAsync_StoreHangs_EndsInItsTime()
    {
        _store.Loading = _ => Forever();

        var pending = _keeper.LoadAsync(default).AsTask();
        await _time.PassAsync(Limit);
        var e = await Assert.ThrowsAsync<QwenException>(() => Guard.WaitAsync(pending));

        Assert.Equal(QwenFailureKind.CredentialStore, e.Kind);
        Assert.StartsWith("The credential store could not be read within 5 s.", e.Message);
    }

    [Fact]
    public async Task LoadAsync_Cancelled_IsCancelled()
    {
        _store.Loading = _ => Forever();
        using var source = new CancellationTokenSource();

        var pending = _keeper.LoadAsync(source.Token).AsTask();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Guard.WaitAsync(pending));
    }

    [Fact]
    public async Task AcquireAsync_LeaseComesTooLate_IsGivenBack()
    {
        var gate = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        _store.Acquiring = () =>
        {
            begun.SetResult();
            return gate.Task;
        };

        var pending = _keeper.AcquireAsync(default).AsTask();
        await Guard.WaitAsync(begun.Task);
        await _time.PassAsync(TimeSpan.FromSeconds(60));
        var e = await Assert.ThrowsAsync<QwenException>(() => Guard.WaitAsync(pending));
        Assert.StartsWith("The credential store could not be locked within 60 s.", e.Message);
        Assert.Equal(0, _store.Acquired);

        gate.SetResult();
        await Guard.UntilAsync(() => _store is { Acquired: 1, OpenLeases: 0 });
    }

    [Fact]
    public async Task AcquireAsync_Fails_ThrowsWhy()
    {
        _store.Acquiring = () => throw new QwenException(QwenFailureKind.CredentialStore, "locked");

        var e = await Assert.ThrowsAsync<QwenException>(async () => await _keeper.AcquireAsync(default));

        Assert.Equal("locked", e.Message);
    }

    [Fact]
    public async Task SaveAsync_StoreHangs_IsKeptInMemory()
    {
        _store.Writing = Forever;

        var pending = SaveAsync(First, Second);
        await _time.PassAsync(Limit);
        await Guard.WaitAsync(pending);

        Assert.Same(Second, await _keeper.LoadAsync(default));
        Assert.Equal([110], _log.Ids());
    }

    private void BreakTheDisk()
    {
        _store.Writing = () => throw new QwenException(QwenFailureKind.CredentialStore, "disk full");
    }

    private async Task SaveAsync(QwenCredential used, QwenCredential renewed)
    {
        await using var lease = await _keeper.AcquireAsync(default);
        await _keeper.SaveAsync(lease, TimeSpan.FromSeconds(5), used, renewed);
    }

    private static Task Forever()
    {
        return new TaskCompletionSource().Task;
    }
}
