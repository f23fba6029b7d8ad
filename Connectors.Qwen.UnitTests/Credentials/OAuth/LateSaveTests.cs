using Connectors.Qwen.Credentials;
using Connectors.Qwen.UnitTests.Testing;
using Connectors.Qwen.UnitTests.Testing.Tokens;

namespace Connectors.Qwen.UnitTests.Credentials.OAuth;

/// <summary>A22: a save that comes late never overwrites what is newer, even where the refresh token stays the same.</summary>
public sealed class LateSaveTests : IDisposable
{
    private static readonly QwenCredential First = new("a1", null, "r1");
    private static readonly QwenCredential Second = new("a2", null, "r1");
    private static readonly QwenCredential Newer = new("a3", null, "r1");

    private readonly TempDirectory _directory = new();
    private readonly RecordingLogger _log = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A22_SaveAgainAsync_NewerLoginOfTheSameRefreshToken_IsKept(bool isFile)
    {
        var (keeper, store) = await UnsavedAsync(isFile);
        await store.SaveAsync(Newer);

        Assert.Equal("a3", (await keeper.LoadAsync(default))?.AccessToken);
        await keeper.SaveAgainAsync(default);

        Assert.Equal("a3", (await store.LoadAsync())?.AccessToken);
        Assert.Equal("a3", (await keeper.LoadAsync(default))?.AccessToken);
        Assert.Equal([110, 113], _log.Ids());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A22_SaveAgainAsync_WhatWasUsedIsStillThere_IsSavedAfterAll(bool isFile)
    {
        var (keeper, store) = await UnsavedAsync(isFile);
        Assert.Same(Second, await keeper.LoadAsync(default));

        await keeper.SaveAgainAsync(default);

        Assert.Equal("a2", (await store.LoadAsync())?.AccessToken);
        Assert.Equal([110, 114], _log.Ids());
    }

    public void Dispose()
    {
        _directory.Dispose();
    }

    /// <summary>A keeper that could not save <see cref="Second"/>, over a store that could be written again.</summary>
    private async Task<(LoginKeeper Keeper, IQwenCredentialStore Store)> UnsavedAsync(bool isFile)
    {
        IQwenCredentialStore store = isFile
            ? new FileCredentialStore(_directory.File("oauth_creds.json"))
            : new InMemoryCredentialStore();
        await store.SaveAsync(First);
        var keeper = new LoginKeeper(new BrokenOnce(store), TimeSpan.FromSeconds(5), new ManualTime(), _log);
        await using var lease = await keeper.AcquireAsync(default);
        await keeper.SaveAsync(lease, TimeSpan.FromSeconds(5), First, Second);
        return (keeper, store);
    }

    /// <summary>A store whose first renewal cannot be written.</summary>
    private sealed class BrokenOnce(IQwenCredentialStore inner) : IQwenCredentialStore
    {
        private bool _isBroken = true;

        public ValueTask<QwenCredential?> LoadAsync(CancellationToken cancellationToken = default)
        {
            return inner.LoadAsync(cancellationToken);
        }

        public ValueTask SaveAsync(QwenCredential credential, CancellationToken cancellationToken = default)
        {
            return inner.SaveAsync(credential, cancellationToken);
        }

        public async ValueTask<IQwenCredentialLease> AcquireAsync(CancellationToken cancellationToken = default)
        {
            return new Lease(this, await inner.AcquireAsync(cancellationToken));
        }

        private sealed class Lease(BrokenOnce store, IQwenCredentialLease inner) : IQwenCredentialLease
        {
            public TimeSpan Duration => inner.Duration;

            public QwenException? Obstacle => inner.Obstacle;

            public ValueTask<bool> TryReplaceAsync(
                QwenCredential used,
                QwenCredential renewed,
                CancellationToken cancellationToken = default
            )
            {
                if (store._isBroken)
                {
                    store._isBroken = false;
                    throw new QwenException(QwenFailureKind.CredentialStore, "disk full");
                }

                return inner.TryReplaceAsync(used, renewed, cancellationToken);
            }

            public ValueTask DisposeAsync()
            {
                return inner.DisposeAsync();
            }
        }
    }
}
