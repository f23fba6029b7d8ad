namespace Connectors.Qwen.UnitTests.Testing.Tokens;

/// <summary>A store whose every step can be made to fail, to hang, or to find that someone else was there.</summary>
internal sealed class ScriptedStore(QwenCredential? login) : IQwenCredentialStore
{
    private int _leases;

    public QwenCredential? Held { get; set; } = login;

    public TimeSpan Duration { get; set; } = Timeout.InfiniteTimeSpan;

    public QwenException? Obstacle { get; set; }

    /// <summary>Runs before a read, with its number.</summary>
    public Func<int, Task>? Loading { get; set; }

    /// <summary>Runs before the right to renew is given.</summary>
    public Func<Task>? Acquiring { get; set; }

    /// <summary>Runs before a renewed login is compared and written.</summary>
    public Func<Task>? Writing { get; set; }

    public int Loads { get; private set; }

    public int Acquired { get; private set; }

    /// <summary>Rights that were given and not given back.</summary>
    public int OpenLeases => Volatile.Read(ref _leases);

    /// <summary>Tries to write, as the refresh token used and the one to write.</summary>
    public List<(string? Used, string? Renewed)> Writes { get; } = [];

    public async ValueTask<QwenCredential?> LoadAsync(CancellationToken cancellationToken = default)
    {
        Loads++;
        if (Loading is not null)
        {
            await Loading(Loads);
        }

        return Held;
    }

    public ValueTask SaveAsync(QwenCredential credential, CancellationToken cancellationToken = default)
    {
        Held = credential;
        return default;
    }

    public async ValueTask<IQwenCredentialLease> AcquireAsync(CancellationToken cancellationToken = default)
    {
        if (Acquiring is not null)
        {
            await Acquiring();
        }

        Acquired++;
        Interlocked.Increment(ref _leases);
        return new Lease(this);
    }

    private sealed class Lease(ScriptedStore store) : IQwenCredentialLease
    {
        public TimeSpan Duration => store.Duration;

        public QwenException? Obstacle => store.Obstacle;

        public async ValueTask<bool> TryReplaceAsync(
            QwenCredential used,
            QwenCredential renewed,
            CancellationToken cancellationToken = default
        )
        {
            store.Writes.Add((used.RefreshToken, renewed.RefreshToken));
            if (store.Writing is not null)
            {
                await store.Writing();
            }

            if (store.Held?.RefreshToken != used.RefreshToken)
            {
                return false;
            }

            store.Held = renewed;
            return true;
        }

        public ValueTask DisposeAsync()
        {
            Interlocked.Decrement(ref store._leases);
            return default;
        }
    }
}
