using BenchmarkDotNet.Attributes;

namespace Connectors.Qwen.Benchmarks;

/// <summary>
/// What a fresh credential costs a call, next to the one reading of the clock that it cannot do without. Read the ratios: the
/// nanoseconds are the machine's.
/// </summary>
public class TokenBenchmarks : IDisposable
{
    private readonly TimeProvider _time = TimeProvider.System;
    private OAuthCredentialProvider _login = null!;
    private DelegateCredentialProvider _function = null!;
    private ApiKeyCredentialProvider _key = null!;
    private ApiKeyCredentialProvider _rotating = null!;

    [GlobalSetup]
    public async Task Setup()
    {
        var fresh = new QwenCredential("token", _time.GetUtcNow().AddHours(10), "refresh")
        {
            ObtainedAt = _time.GetUtcNow(),
        };
        _login = new OAuthCredentialProvider(new QwenOAuthOptions(), new InMemoryCredentialStore(fresh));
        _function = new DelegateCredentialProvider(_ => new(fresh));
        _key = new ApiKeyCredentialProvider("sk-benchmark");
        var text = "sk-benchmark";
        _rotating = new ApiKeyCredentialProvider(() => text);
        _ = await _login.GetCredentialAsync();
        _ = await _function.GetCredentialAsync();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _login.Dispose();
        _function.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true)]
    public long OneReadingOfTheClock()
    {
        return _time.GetTimestamp();
    }

    [Benchmark]
    public QwenCredential FreshLogin()
    {
        return Completed(_login.GetCredentialAsync());
    }

    [Benchmark]
    public QwenCredential FreshFromAFunction()
    {
        return Completed(_function.GetCredentialAsync());
    }

    [Benchmark]
    public QwenCredential StaticKey()
    {
        return Completed(_key.GetCredentialAsync());
    }

    [Benchmark]
    public QwenCredential KeyThatMayChange()
    {
        return Completed(_rotating.GetCredentialAsync());
    }

    // Anything but an answer at once would be another path than the one that is measured.
    private static QwenCredential Completed(ValueTask<QwenCredential> pending)
    {
        return pending.IsCompletedSuccessfully ? pending.Result : throw new InvalidOperationException("Not fresh.");
    }
}
