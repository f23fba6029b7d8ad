using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.UnitTests.Testing.Tokens;

namespace Connectors.Qwen.UnitTests.Credentials;

public class DelegateCredentialProviderTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task GetCredentialAsync_Function_IsCalledOnceWhileItsCredentialIsFresh()
    {
        var calls = 0;
        var provider = Provider(_ => new(new QwenCredential($"t{++calls}", _time.GetUtcNow().AddHours(1))));

        var first = await GetAsync(provider);
        _time.Advance(TimeSpan.FromMinutes(30));

        Assert.Same(first, await GetAsync(provider));
        Assert.Equal((1, "t1"), (calls, first.AccessToken));
        // How long it lives decides how early it is renewed.
        Assert.Equal(ManualTime.Begin, first.ObtainedAt);
        _time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal("t2", (await GetAsync(provider)).AccessToken);
    }

    [Fact]
    public async Task GetCredentialAsync_NoEnd_IsAskedAgainOnlyAfterARejection()
    {
        var calls = 0;
        var provider = Provider(_ => new(new QwenCredential($"t{++calls}")));
        var first = await GetAsync(provider);
        _time.Advance(TimeSpan.FromDays(30));
        Assert.Same(first, await GetAsync(provider));

        var second = await Guard.WaitAsync(provider.RenewCredentialAsync(first).AsTask());

        Assert.Equal("t2", second?.AccessToken);
    }

    [Fact]
    public async Task RenewCredentialAsync_SameTokenAgain_IsNull()
    {
        var provider = Provider(_ => new(new QwenCredential("cached")));

        Assert.Null(await Guard.WaitAsync(provider.RenewCredentialAsync(await GetAsync(provider)).AsTask()));
    }

    [Fact]
    public async Task A23_GetCredentialAsync_CredentialThatAlwaysLooksEnded_IsObtainedOnceIn30Seconds()
    {
        var calls = 0;
        // Our clock is ahead of that of whoever makes them.
        var provider = Provider(_ => new(new QwenCredential($"t{++calls}", _time.GetUtcNow().AddMinutes(-10))));

        for (var second = 0; second < 60; second++)
        {
            Assert.Equal(second < 30 ? "t1" : "t2", (await GetAsync(provider)).AccessToken);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(2, calls);
    }

    [Theory]
    [InlineData(null, 30)]
    [InlineData(7.0, 7)]
    public async Task GetCredentialAsync_FunctionThatDoesNotListen_IsNotWaitedForBeyondTheTimeout(
        double? timeout,
        double expected
    )
    {
        var options = timeout is { } seconds
            ? new QwenRefreshOptions { RefreshTimeout = TimeSpan.FromSeconds(seconds) }
            : null;
        var provider = Provider(_ => new(new TaskCompletionSource<QwenCredential>().Task), options);

        var pending = GetAsync(provider);
        await _time.PassAsync(TimeSpan.FromSeconds(expected));
        var e = await Assert.ThrowsAsync<QwenException>(() => pending);

        Assert.Equal(QwenFailureKind.ServerTimeout, e.Kind);
        Assert.Equal($"No credential within {expected} s. Raise RefreshTimeout, or check what obtains it.", e.Message);
    }

    [Fact]
    public async Task GetCredentialAsync_FunctionThatListens_IsToldOfTheTimeout()
    {
        var told = new TaskCompletionSource();
        var provider = Provider(async token =>
        {
            await using var registration = token.Register(told.SetResult);
            await told.Task;
            token.ThrowIfCancellationRequested();
            return null!;
        });

        var pending = GetAsync(provider);
        await _time.PassAsync(TimeSpan.FromSeconds(30));

        await Guard.WaitAsync(told.Task);
        await Assert.ThrowsAsync<QwenException>(() => pending);
    }

    [Fact]
    public async Task GetCredentialAsync_Null_IsAFailureOfTheFunction()
    {
        var e = await Assert.ThrowsAsync<QwenException>(() => GetAsync(Provider(_ => new((QwenCredential)null!))));

        Assert.Contains("its source threw InvalidOperationException", e.Message);
        Assert.Contains("returned null", e.GetBaseException().Message);
    }

    [Fact]
    public async Task GetCredentialAsync_Throws_IsAFailureWithTheCauseInside()
    {
        var cause = new InvalidOperationException("vault-s3cret");

        var e = await Assert.ThrowsAsync<QwenException>(() => GetAsync(Provider(_ => throw cause)));

        Assert.Same(cause, e.GetBaseException());
        Assert.DoesNotContain("s3cret", e.Message);
    }

    [Fact]
    public async Task GetCredentialAsync_ThrowsAQwenException_IsTakenAtItsWord()
    {
        var cause = new QwenAuthenticationException("log in at the vault");

        var e = await Assert.ThrowsAsync<QwenAuthenticationException>(() => GetAsync(Provider(_ => throw cause)));

        Assert.Equal("log in at the vault", e.Message);
    }

    [Fact]
    public async Task Dispose_RenewalRuns_IsWaitedFor()
    {
        var gate = new TaskCompletionSource<QwenCredential>();
        var begun = new TaskCompletionSource();
        var provider = Provider(_ =>
        {
            begun.SetResult();
            return new(gate.Task);
        });
        var pending = GetAsync(provider);
        await Guard.WaitAsync(begun.Task);

        var disposal = provider.DisposeAsync().AsTask();
        Assert.False(disposal.IsCompleted);
        gate.SetResult(new QwenCredential("t1"));

        await Guard.WaitAsync(disposal);
        Assert.Equal("t1", (await pending).AccessToken);
        await provider.DisposeAsync();
    }

    [Fact]
    public void Constructor_NoFunctionOrBadOption_IsRefused()
    {
        Assert.Throws<ArgumentNullException>("obtain", () => new DelegateCredentialProvider(null!));
        Assert.Throws<ArgumentOutOfRangeException>(
            nameof(QwenRefreshOptions.RefreshBuffer),
            () => Provider(_ => default, new QwenRefreshOptions { RefreshBuffer = TimeSpan.FromTicks(-1) })
        );
    }

    private DelegateCredentialProvider Provider(
        Func<CancellationToken, ValueTask<QwenCredential>> obtain,
        QwenRefreshOptions? options = null
    )
    {
        return new DelegateCredentialProvider(obtain, options, null, _time);
    }

    private static Task<QwenCredential> GetAsync(DelegateCredentialProvider provider)
    {
        return Guard.WaitAsync(provider.GetCredentialAsync().AsTask());
    }
}
