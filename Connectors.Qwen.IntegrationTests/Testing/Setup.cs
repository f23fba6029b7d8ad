using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Testing;

/// <summary>A simulated Qwen on a real socket and whole pipelines in front of it, with short clocks.</summary>
internal sealed class Setup : IAsyncDisposable
{
    /// <summary>What the simulated model says unless a test says otherwise.</summary>
    public const string Text =
        "The pipeline carries every word: 每一个字都会到达, even an emoji 🚀 at the seam, and the last full stop.";

    private readonly List<IDisposable> _owned = [];
    private readonly SecretWatch? _watch = SecretWatch.Current;
    private SilenceClock? _clock;

    private Setup(QwenSimulator qwen)
    {
        Qwen = qwen;
    }

    public QwenSimulator Qwen { get; }

    public RecordingLogger Logs { get; } = new();

    /// <summary>A login as an application knows it that was given tokens: nothing is known of its beginning.</summary>
    public static QwenCredential Credential(QwenIssuedToken issued, DateTimeOffset? obtainedAt = null)
    {
        return new QwenCredential(issued.AccessToken, issued.ExpiresAt, issued.RefreshToken)
        {
            ObtainedAt = obtainedAt,
        };
    }

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

    /// <summary>An answer that breaks off is not gone on with.</summary>
    public static void WithoutContinuation(QwenOptions options)
    {
        options.StreamingFallback.Continuation = QwenContinuation.Off;
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

    /// <summary>A login in a file, chosen by the options alone.</summary>
    public QwenOptions FileOptions(string path, Action<QwenOptions>? configure = null)
    {
        return Options(options =>
        {
            options.ApiKey = null;
            options.OAuth.CredentialsPath = path;
            options.OAuth.TokenEndpoint = Qwen.TokenEndpoint;
            options.OAuth.DeviceCodeEndpoint = Qwen.DeviceCodeEndpoint;
            options.OAuth.RefreshTimeout = TimeSpan.FromSeconds(20);
            configure?.Invoke(options);
        });
    }

    /// <summary>The whole pipeline with a login in a file.</summary>
    public IChatClient FilePipeline(string path, TimeProvider? time = null, Action<QwenOptions>? configure = null)
    {
        return Own(QwenPipeline.CreateChatClient(FileOptions(path, configure), null, null, Logs, time));
    }

    /// <summary>Waits until so many token requests have come; gives the last of them.</summary>
    public async Task<QwenExchange> TokenRequestAsync(int number = 1)
    {
        await Qwen.Journal.WaitForAsync(
            _ => Qwen.Journal.TokenRequests.Count >= number,
            TestContext.Current.CancellationToken
        );
        return Qwen.Journal.TokenRequests[number - 1];
    }

    /// <summary>The statuses of the chat requests, in the order of their arrival.</summary>
    public int[] ChatStatuses()
    {
        return [.. Qwen.Journal.Chats.Select(static chat => chat.Status ?? 0)];
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
        _watch?.See(disposable.GetType().Name, disposable);
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
        _watch?.AddSecretsOf(Qwen.Journal);
    }
}
