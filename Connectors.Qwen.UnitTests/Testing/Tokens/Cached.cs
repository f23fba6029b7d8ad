using Connectors.Qwen.Credentials;

namespace Connectors.Qwen.UnitTests.Testing.Tokens;

/// <summary>A cache over a source that plays a script, with everything around it that a test looks at.</summary>
internal sealed class Cached
{
    public static readonly RefreshWindows Windows = new(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5));

    public Cached()
    {
        Cache = new CachedCredential(Source, Windows, Time, Log, () => 0);
    }

    public SplitTime Time { get; } = new();

    public FakeSource Source { get; } = new();

    public RecordingLogger Log { get; } = new();

    public CachedCredential Cache { get; }

    /// <summary>A token that was minted now, by the wall clock.</summary>
    public QwenCredential Minted(string token, double life = 3600)
    {
        var now = Time.GetUtcNow();
        return new QwenCredential(token, now.AddSeconds(life), "r-" + token) { ObtainedAt = now };
    }

    /// <summary>A token of an hour that has still so long to live.</summary>
    public QwenCredential Left(string token, double seconds)
    {
        var end = Time.GetUtcNow().AddSeconds(seconds);
        return new QwenCredential(token, end, "r-" + token) { ObtainedAt = end.AddSeconds(-3600) };
    }

    /// <summary>Serves this token from now on.</summary>
    public async Task<QwenCredential> ServingAsync(QwenCredential stored)
    {
        Source.Stored = stored;
        Assert.Same(stored, await GetAsync());
        return stored;
    }

    public Task<QwenCredential> GetAsync(CancellationToken cancellationToken = default)
    {
        return Guard.WaitAsync(Cache.GetAsync(cancellationToken).AsTask());
    }

    public Task<QwenCredential?> ReplaceAsync(QwenCredential rejected, CancellationToken cancellationToken = default)
    {
        return Guard.WaitAsync(Cache.ReplaceAsync(rejected, cancellationToken).AsTask());
    }

    /// <summary>The credential was sent now, and the gateway let the request time out.</summary>
    public Task<QwenCredential?> SuspectAsync(QwenCredential used)
    {
        return Guard.WaitAsync(Cache.ReplaceSuspectAsync(used, Time.GetTimestamp(), default).AsTask());
    }

    public void Pass(double seconds)
    {
        Time.Advance(TimeSpan.FromSeconds(seconds));
    }
}
