using System.Collections.Concurrent;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.IntegrationTests.Testing;

/// <summary>A simulated Qwen on a real socket and whole pipelines in front of it, with short clocks.</summary>
internal sealed class Setup : IAsyncDisposable
{
    /// <summary>What the simulated model says unless a test says otherwise.</summary>
    public const string Text =
        "The pipeline carries every word: 每一个字都会到达, even an emoji 🚀 at the seam, and the last full stop.";

    private readonly List<IDisposable> _owned = [];
    private SilenceClock? _clock;

    private Setup(QwenSimulator qwen)
    {
        Qwen = qwen;
    }

    public QwenSimulator Qwen { get; }

    public RecordingLogger Logs { get; } = new();

    public static async Task<Setup> StartAsync(Action<QwenSimulatorOptions>? configure = null)
    {
        var options = new QwenSimulatorOptions { Answer = static _ => new QwenSimulatedAnswer { Text = Text } };
        configure?.Invoke(options);
        return new Setup(await QwenSimulator.StartAsync(options, TestContext.Current.CancellationToken));
    }

    /// <summary>Options with waits of milliseconds and clocks far beyond what a healthy answer takes.</summary>
    public QwenOptions Options(Action<QwenOptions>? configure = null)
    {
        var options = new QwenOptions
        {
            ModelId = "qwen3-max",
            ApiKey = QwenSimulatorOptions.DefaultApiKey,
            Endpoint = Qwen.Endpoint,
        };
        options.TimeoutRetry.BaseDelay = TimeSpan.FromMilliseconds(5);
        options.TimeoutRetry.MaxDelay = TimeSpan.FromMilliseconds(20);
        options.TimeoutRetry.RateLimitDelay = TimeSpan.FromMilliseconds(5);
        configure?.Invoke(options);
        return options;
    }

    /// <summary>The whole pipeline in its default order.</summary>
    public IChatClient Pipeline(
        Action<QwenOptions>? configure = null,
        IQwenCredentialProvider? credentials = null,
        TimeProvider? time = null
    )
    {
        return Own(QwenPipeline.CreateChatClient(Options(configure), credentials, null, Logs, time));
    }

    /// <summary>The raw client alone.</summary>
    public QwenChatClient Raw(IQwenCredentialProvider? credentials = null)
    {
        return Own(new QwenChatClient(Options(), credentials, null, Logs));
    }

    /// <summary>A login at the simulator's token endpoint that starts with <paramref name="credential"/>.</summary>
    public OAuthCredentialProvider Login(
        QwenCredential credential,
        TimeProvider? time = null,
        Action<QwenOAuthOptions>? configure = null
    )
    {
        return Login(new InMemoryCredentialStore(credential), time, configure);
    }

    /// <summary>A login at the simulator's token endpoint that is kept in <paramref name="store"/>.</summary>
    public OAuthCredentialProvider Login(
        IQwenCredentialStore store,
        TimeProvider? time = null,
        Action<QwenOAuthOptions>? configure = null
    )
    {
        var options = new QwenOAuthOptions
        {
            TokenEndpoint = Qwen.TokenEndpoint,
            DeviceCodeEndpoint = Qwen.DeviceCodeEndpoint,
            RefreshTimeout = TimeSpan.FromSeconds(20),
        };
        configure?.Invoke(options);
        return Own(new OAuthCredentialProvider(options, store, null, Logs, time));
    }

    /// <summary>The clock for a test in which this simulator falls silent. It goes until the setup is disposed.</summary>
    public SilenceClock StartClock()
    {
        return _clock ??= new SilenceClock(Qwen.Journal);
    }

    public T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }

    public async ValueTask DisposeAsync()
    {
        if (_clock is not null)
        {
            await _clock.DisposeAsync();
        }

        foreach (var disposable in _owned)
        {
            disposable.Dispose();
        }

        await Qwen.DisposeAsync();
    }
}

/// <summary>Keeps what was logged.</summary>
internal sealed class RecordingLogger : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, int Id, string Text)> _entries = new();

    public IReadOnlyCollection<(LogLevel Level, int Id, string Text)> Entries => _entries;

    public bool Has(int id)
    {
        return _entries.Any(entry => entry.Id == id);
    }

    /// <summary>Waits until an event was logged.</summary>
    public async Task WaitForAsync(int id)
    {
        while (!Has(id))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TestContext.Current.CancellationToken);
        }
    }

    public ILogger CreateLogger(string categoryName)
    {
        return this;
    }

    public void AddProvider(ILoggerProvider provider) { }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        return null;
    }

    public bool IsEnabled(LogLevel logLevel)
    {
        return true;
    }

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        _entries.Enqueue((logLevel, eventId.Id, formatter(state, exception) + exception));
    }

    public void Dispose() { }
}
