using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.UnitTests.Testing.Tokens;

namespace Connectors.Qwen.UnitTests.Credentials.OAuth;

/// <summary>A renewal keeps within the right it holds.</summary>
public class LoginSourceLeaseTests : LoginSourceTest
{
    // Seconds: the lease, the option, what the request may take.
    [Theory]
    [InlineData(8, 5, 5)]
    [InlineData(8, 30, 5)]
    [InlineData(4, 5, 2.5)]
    [InlineData(80, 7, 7)]
    [InlineData(0, 11, 11)]
    public async Task RenewAsync_RequestLimit_LeavesTimeToSave(double lease, double timeout, double expected)
    {
        _store.Duration = lease == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(lease);
        var handler = new ScriptedHandler()
            .Then(async token =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
                return null!;
            })
            .Then(() => Logins.Renewed());
        var pending = RenewAsync(
            Source(handler, new QwenOAuthOptions { RefreshTimeout = TimeSpan.FromSeconds(timeout) })
        );
        await Guard.UntilAsync(() => handler.Requests.Count == 1);

        _time.Advance(TimeSpan.FromSeconds(expected) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, _store.OpenLeases);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await _time.PassAsync(FirstDelay);

        Assert.Equal("a2", (await pending).Credential.AccessToken);
    }

    [Fact]
    public async Task RenewAsync_StoreUsesUpTheLease_DoesNotAsk()
    {
        _store.Duration = TimeSpan.FromSeconds(8);
        _store.Loading = load =>
        {
            if (load == 2)
            {
                _time.Advance(TimeSpan.FromSeconds(5));
            }

            return Task.CompletedTask;
        };
        var handler = new ScriptedHandler();
        var options = new QwenOAuthOptions { RefreshTimeout = TimeSpan.FromSeconds(30) };

        var e = await Assert.ThrowsAsync<QwenException>(() => RenewAsync(Source(handler, options)));

        Assert.Equal(QwenFailureKind.CredentialStore, e.Kind);
        Assert.Empty(handler.Requests);
        Assert.Equal(0, _store.OpenLeases);
    }

    // Seconds: the lease, the exchange, what the save may take then.
    [Theory]
    [InlineData(8, 3, 5)]
    [InlineData(8, 4, 4)]
    [InlineData(8, 4.9, 3.1)]
    [InlineData(2, 1.2, 1)]
    [InlineData(0, 4, 5)]
    public async Task RenewAsync_SaveHangs_IsGivenUpWithTheLease(double lease, double exchange, double expected)
    {
        _store.Duration = lease == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(lease);
        var saving = new TaskCompletionSource();
        _store.Writing = () =>
        {
            saving.SetResult();
            return new TaskCompletionSource().Task;
        };
        var handler = new ScriptedHandler(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(exchange));
            return Logins.Renewed();
        });

        var pending = RenewAsync(Source(handler));
        await Guard.WaitAsync(saving.Task);
        _time.Advance(TimeSpan.FromSeconds(expected) - TimeSpan.FromMilliseconds(1));
        Assert.Equal((1, 0), (_store.OpenLeases, _log.Count(110)));
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal("a2", (await pending).Credential.AccessToken);
        Assert.Equal((0, 1), (_store.OpenLeases, _log.Count(110)));
    }
}
