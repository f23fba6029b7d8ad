using Connectors.Qwen.UnitTests.Testing.Tokens;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.SemanticKernel;

namespace Connectors.Qwen.UnitTests.DependencyInjection;

/// <summary>A host with options that cannot work does not start, and says all that is wrong (docs/features.md, 133 and 134).</summary>
public class OptionsAtStartTests
{
    private readonly ServiceCollection _services = new();

    [Fact]
    public void Row134_Section_AllFaultsAreToldWithTheirPaths()
    {
        _services.AddQwenChatClient(
            Section(
                "Ai:Qwen",
                ("Endpoint", "http://gateway.example/v1"),
                ("ApiKey", "sk-secret-key"),
                ("TimeoutRetry:MaxRetries", "-1"),
                ("TimeoutRetry:IdleTimeout", "00:00:00"),
                ("TimeoutRetry:Circuit:FailureRatio", "1.5"),
                ("StreamingFallback:MaxContinuations", "-2")
            )
        );

        var e = Assert.Throws<OptionsValidationException>(Start);

        Assert.Equal(
            [
                "Ai:Qwen:ModelId is empty. Name a model, for example \"qwen3-max\".",
                "Ai:Qwen:Endpoint cannot be used: http://gateway.example is not encrypted. Use https, or a loopback address.",
                "Ai:Qwen:TimeoutRetry:MaxRetries is -1. It must be 0 or more.",
                "Ai:Qwen:TimeoutRetry:IdleTimeout is 00:00:00. It must be more than zero, or Timeout.InfiniteTimeSpan "
                    + "(-00:00:00.0010000) to switch it off.",
                "Ai:Qwen:TimeoutRetry:Circuit:FailureRatio is 1.5. It must be between 0 and 1.",
                "Ai:Qwen:StreamingFallback:MaxContinuations is -2. It must be 0 or more.",
            ],
            e.Failures
        );
        Assert.DoesNotContain("sk-secret-key", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Row134_Code_FaultsNameTheOptionsAndTheKey()
    {
        _services.AddQwenChatClient(static options => options.ApiKey = "sk-key");
        _services.AddQwenChatClient(
            static options =>
            {
                options.ModelId = "m";
                options.ApiKey = "sk-key";
                options.TimeoutRetry.BaseDelay = TimeSpan.FromSeconds(40);
            },
            "slow"
        );

        // Two registrations: the host tells what is wrong with each.
        var all = Assert.Throws<AggregateException>(Start);

        Assert.Equal(
            [
                "QwenOptions:ModelId is empty. Name a model, for example \"qwen3-max\".",
                "QwenOptions[slow]:TimeoutRetry:MaxDelay is 00:00:30. It must be 00:00:40 or more.",
            ],
            all.InnerExceptions.Select(static e => e.Message).Order()
        );
    }

    [Fact]
    public void Row134_KeyedSections_EachHasItsOwnFaults()
    {
        _services.AddQwenChatClient(Section("Fast", ("ModelId", "m"), ("ApiKey", "sk-key")), "fast");
        _services.AddQwenChatClient(Section("Wise", ("ModelId", "m"), ("ApiKey", "sk-sp-0123456789")), "wise");

        var e = Assert.Throws<OptionsValidationException>(Start);

        Assert.Equal("wise", e.OptionsName);
        Assert.StartsWith(
            "Wise:ApiKey does not fit the endpoint. A plan key (sk-sp-..., sk-tok-...) is used at",
            Assert.Single(e.Failures),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Row134_Embeddings_FaultsAreToldTogether()
    {
        _services.AddQwenEmbeddingGenerator(
            Section("E", ("ModelId", "m"), ("ApiKey", "k"), ("Dimensions", "0"), ("MaxParallelRequests", "-3"))
        );

        var e = Assert.Throws<OptionsValidationException>(Start);

        Assert.Equal(
            ["E:Dimensions is 0. It must be more than 0.", "E:MaxParallelRequests is -3. It must be more than 0."],
            e.Failures
        );
    }

    [Fact]
    public void Row134_SemanticKernel_IsCheckedToo()
    {
        _services.AddQwenChatCompletion(Section("Sk", ("ModelId", "m"), ("ApiKey", "k"), ("MaxEventBytes", "1")));

        var e = Assert.Throws<OptionsValidationException>(Start);

        Assert.Equal(["Sk:MaxEventBytes is 1. It must be 1024 or more."], e.Failures);
    }

    [Fact]
    public void Row134_NoKey_TheHostDoesNotStart()
    {
        WithoutKeyInTheEnvironment();
        _services.AddQwenChatClient(Section("Qwen", ("ModelId", "m")));

        var e = Assert.Throws<OptionsValidationException>(Start);

        Assert.Equal(
            [
                "Qwen:ApiKey is empty. There is no API key. Set it, or the environment variable DASHSCOPE_API_KEY, or "
                    + "register an IQwenCredentialProvider. Without a key, the simulator of Connectors.Qwen.Testing serves "
                    + "for trying things out.",
            ],
            e.Failures
        );
    }

    [Fact]
    public void Row134_NoKeyButAProviderOfTheSameKey_Starts()
    {
        WithoutKeyInTheEnvironment();
        _services.AddKeyedSingleton<IQwenCredentialProvider>(
            "tenant",
            static (_, _) => throw new InvalidOperationException("It is not needed to start.")
        );
        _services.AddQwenChatClient(Section("Qwen", ("ModelId", "m")), "tenant");
        _services.AddQwenEmbeddingGenerator(Section("Qwen", ("ModelId", "m")), "other");

        var e = Assert.Throws<OptionsValidationException>(Start);

        Assert.Equal("other", e.OptionsName);
    }

    [Fact]
    public void Row134_Login_NeedsNoKey()
    {
        WithoutKeyInTheEnvironment();
        _services.AddQwenChatClient(
            Section("Qwen", ("ModelId", "m"), ("OAuth:CredentialsPath", "~/nowhere/login.json"))
        );

        Start();
    }

    [Fact]
    public void Row133_ValueOfAnotherType_IsToldWithItsPath()
    {
        _services.AddQwenChatClient(
            Section("Qwen", ("ModelId", "m"), ("ApiKey", "k"), ("TimeoutRetry:MaxRetries", "many"))
        );

        var e = Assert.Throws<InvalidOperationException>(Start);

        Assert.Contains("'Qwen:TimeoutRetry:MaxRetries'", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "TimeoutRetry:IdleTimeout",
        "120",
        "is 120.00:00:00. It must be a day at most. A bare number means days"
    )]
    [InlineData("TimeoutRetry:BaseDelay", "2", "is 2.00:00:00. It must be a day at most")]
    [InlineData("StreamingFallback:Continuation", "7", "is 7. It must be one of On, ReportOnly, Off")]
    public void Row134_ValueThatMeansSomethingElse_TheHostDoesNotStart(string key, string value, string because)
    {
        _services.AddQwenChatClient(
            Section("Qwen", ("ModelId", "m"), ("ApiKey", "k"), ("TimeoutRetry:MaxDelay", "23:00:00"), (key, value))
        );

        var e = Assert.Throws<OptionsValidationException>(Start);

        Assert.Contains(e.Failures, failure => failure.StartsWith($"Qwen:{key} {because}", StringComparison.Ordinal));
    }

    [Fact]
    public void Row133_MisspeltKey_IsAWarningOnce()
    {
        var logger = new RecordingLogger();
        _services.AddSingleton(logger.AsFactory());
        _services.AddQwenChatClient(Section("Qwen", ("ModelId", "m"), ("ApiKey", "k"), ("TimeoutRetry:MaxRetry", "7")));
        using var provider = _services.BuildServiceProvider();

        provider.GetRequiredService<IStartupValidator>().Validate();
        provider.GetRequiredService<IOptionsMonitorCache<QwenOptions>>().Clear();
        provider.GetRequiredService<IOptionsMonitor<QwenOptions>>().Get("");

        Assert.StartsWith(
            "Qwen:TimeoutRetry:MaxRetry is no option of Connectors.Qwen that takes a value, so it has no effect. Known in its place: MaxRetries, ",
            Assert.Single(logger.Entries, static entry => entry.Level >= LogLevel.Warning).Text,
            StringComparison.Ordinal
        );
    }

    private void Start()
    {
        using var provider = _services.BuildServiceProvider();
        // What a host does before it starts anything.
        provider.GetRequiredService<IStartupValidator>().Validate();
    }

    private static void WithoutKeyInTheEnvironment()
    {
        Assert.SkipWhen(
            Environment.GetEnvironmentVariable(QwenClientOptions.ApiKeyVariable) is { Length: > 0 },
            $"{QwenClientOptions.ApiKeyVariable} is set here."
        );
    }

    private static IConfigurationSection Section(string path, params (string Key, string Value)[] values)
    {
        return new ConfigurationBuilder()
            .AddInMemoryCollection(
                values.Select(value => new KeyValuePair<string, string?>($"{path}:{value.Key}", value.Value))
            )
            .Build()
            .GetSection(path);
    }
}
