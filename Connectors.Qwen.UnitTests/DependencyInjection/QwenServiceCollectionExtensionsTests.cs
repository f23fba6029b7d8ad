using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience.Fakes;
using Microsoft.Extensions.Options;

namespace Connectors.Qwen.UnitTests.DependencyInjection;

public class QwenServiceCollectionExtensionsTests
{
    private readonly ServiceCollection _services = new();

    [Fact]
    public void AddQwenChatClient_ModelAndKey_IsTheWholePipeline()
    {
        _services.AddQwenChatClient("qwen3-max", "sk-key", new Uri("https://qwen.example/v1"));

        using var provider = _services.BuildServiceProvider();
        var client = provider.GetRequiredService<IChatClient>();

        QwenPipelineTests.AssertOrder(client);
        var metadata = client.GetService<ChatClientMetadata>()!;
        Assert.Equal("qwen3-max", metadata.DefaultModelId);
        Assert.Equal(new Uri("https://qwen.example/v1"), metadata.ProviderUri);
        Assert.Same(client, provider.GetRequiredService<IChatClient>());
    }

    [Fact]
    public void AddQwenChatClient_Code_RunsWhenTheClientIsAskedFor()
    {
        var runs = 0;
        _services.AddQwenChatClient(options =>
        {
            runs++;
            options.ModelId = "m";
            options.ApiKey = "sk-key";
        });
        using var provider = _services.BuildServiceProvider();
        Assert.Equal(0, runs);

        QwenPipelineTests.AssertOrder(provider.GetRequiredService<IChatClient>());

        Assert.Equal(1, runs);
    }

    [Fact]
    public void AddQwenChatClient_Section_IsBoundWithItsDurations()
    {
        _services.AddQwenChatClient(
            Section(
                new()
                {
                    ["Qwen:ModelId"] = "qwen3-max",
                    ["Qwen:ApiKey"] = "sk-key",
                    ["Qwen:Endpoint"] = "https://qwen.example/v1",
                    ["Qwen:MaxEventBytes"] = "2048",
                    ["Qwen:MaxResponseBytes"] = "4096",
                    ["Qwen:TrustDone"] = "true",
                    ["Qwen:TimeoutRetry:MaxRetries"] = "1",
                    ["Qwen:TimeoutRetry:MaxAttempts"] = "2",
                    ["Qwen:TimeoutRetry:BaseDelay"] = "00:00:02",
                    ["Qwen:TimeoutRetry:MaxDelay"] = "00:00:03.5",
                    ["Qwen:TimeoutRetry:RateLimitDelay"] = "00:00:04",
                    ["Qwen:TimeoutRetry:MaxRetryAfter"] = "00:02:00",
                    ["Qwen:TimeoutRetry:RequestTimeout"] = "00:10:00",
                    ["Qwen:TimeoutRetry:FirstTokenTimeout"] = "00:00:30",
                    ["Qwen:TimeoutRetry:FirstTokenTimeoutPerKilobyte"] = "00:00:00.1",
                    ["Qwen:TimeoutRetry:IdleTimeout"] = "00:01:00",
                    ["Qwen:TimeoutRetry:TotalTimeout"] = "1.00:00:00",
                    ["Qwen:StreamingFallback:Enabled"] = "false",
                }
            )
        );

        using var provider = _services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptions<QwenOptions>>().Value;

        Assert.Equal(
            ("qwen3-max", "sk-key", 2048, 4096),
            (options.ModelId, options.ApiKey, options.MaxEventBytes, options.MaxResponseBytes)
        );
        Assert.Equal(new Uri("https://qwen.example/v1"), options.Endpoint);
        Assert.True(options.TrustDone);
        Assert.False(options.StreamingFallback.Enabled);
        var retry = options.TimeoutRetry;
        Assert.Equal((1, 2), (retry.MaxRetries, retry.MaxAttempts));
        Assert.Equal(
            [2, 3.5, 4, 120, 600, 30, 0.1, 60, 86400],
            new[]
            {
                retry.BaseDelay,
                retry.MaxDelay,
                retry.RateLimitDelay,
                retry.MaxRetryAfter,
                retry.RequestTimeout,
                retry.FirstTokenTimeout,
                retry.FirstTokenTimeoutPerKilobyte,
                retry.IdleTimeout,
                retry.TotalTimeout,
            }.Select(t => t.TotalSeconds)
        );
        QwenPipelineTests.AssertOrder(provider.GetRequiredService<IChatClient>());
    }

    [Fact]
    public void AddQwenChatClient_Keys_AreClientsOfTheirOwn()
    {
        _services.AddQwenChatClient("fast-model", "sk-key", serviceKey: "fast");
        _services.AddQwenChatClient(Section(new() { ["Qwen:ModelId"] = "wise-model", ["Qwen:ApiKey"] = "k" }), "wise");
        _services.AddQwenChatClient(
            options =>
            {
                options.ModelId = "third-model";
                options.ApiKey = "k";
            },
            3
        );

        using var provider = _services.BuildServiceProvider();

        Assert.Equal("fast-model", Model(provider.GetRequiredKeyedService<IChatClient>("fast")));
        Assert.Equal("wise-model", Model(provider.GetRequiredKeyedService<IChatClient>("wise")));
        Assert.Equal("third-model", Model(provider.GetRequiredKeyedService<IChatClient>(3)));
        Assert.Null(provider.GetService<IChatClient>());
    }

    [Fact]
    public void AddQwenChatClient_KeysThatLookAlike_AreClientsOfTheirOwn()
    {
        _services.AddQwenChatClient("one", "sk-key", serviceKey: "1");
        _services.AddQwenChatClient("two", "sk-key", serviceKey: 1);

        using var provider = _services.BuildServiceProvider();

        Assert.Equal("one", Model(provider.GetRequiredKeyedService<IChatClient>("1")));
        Assert.Equal("two", Model(provider.GetRequiredKeyedService<IChatClient>(1)));
    }

    [Fact]
    public void AddQwenChatClient_WhatUsersAdd_LandsOutside()
    {
        _services.AddQwenChatClient("m", "sk-key").UseFunctionInvocation().Use(inner => new Marker(inner));

        using var provider = _services.BuildServiceProvider();
        var client = provider.GetRequiredService<IChatClient>();

        var invoker = Assert.IsType<FunctionInvokingChatClient>(client);
        Assert.NotNull(invoker.GetService<Marker>());
        var pipeline = client.GetService<StreamingFallbackChatClient>()!;
        Assert.Null(pipeline.GetService<Marker>());
        Assert.Null(pipeline.GetService<FunctionInvokingChatClient>());
    }

    [Fact]
    public async Task AddQwenChatClient_RegisteredProvider_TakesThePlaceOfAKey()
    {
        _services.AddSingleton<IQwenCredentialProvider>(new ApiKeyCredentialProvider("plain"));
        _services.AddKeyedSingleton<IQwenCredentialProvider>("k", new ApiKeyCredentialProvider("keyed"));
        _services.AddQwenChatClient("m", " ");
        _services.AddQwenChatClient("m", " ", serviceKey: "k");

        using var provider = _services.BuildServiceProvider();

        Assert.Equal("plain", await Key(provider.GetRequiredService<IChatClient>()));
        Assert.Equal("keyed", await Key(provider.GetRequiredKeyedService<IChatClient>("k")));
    }

    [Theory, InlineData(null), InlineData("k")]
    public async Task AddQwenChatClient_Twice_AreTwoClients(string? serviceKey)
    {
        var a = new Uri("https://a.example/v1");
        var b = new Uri("https://b.example/v1");
        _services.AddQwenChatClient("first", "key-1", a, serviceKey);
        _services.AddQwenChatClient("second", "key-2", b, serviceKey);

        using var provider = _services.BuildServiceProvider();

        var clients = provider.GetKeyedServices<IChatClient>(serviceKey).ToArray();
        Assert.Equal(
            [("first", a), ("second", b)],
            clients
                .Select(static client => client.GetService<ChatClientMetadata>()!)
                .Select(static facts => (facts.DefaultModelId!, facts.ProviderUri!))
        );
        Assert.Equal(["key-1", "key-2"], [await Key(clients[0]), await Key(clients[1])]);
    }

    [Fact]
    public void AddQwenChatClient_NoKey_SaysWhereToPutOne()
    {
        _services.AddQwenChatClient("m", " ");
        using var provider = _services.BuildServiceProvider();

        var e = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IChatClient>());

        Assert.StartsWith("QwenOptions:ApiKey is empty. There is no API key.", e.Message);
    }

    [Theory]
    [InlineData("dashscope.aliyuncs.com")]
    [InlineData("http://gateway.example/v1")]
    public void AddQwenChatClient_EndpointThatCannotBeUsed_IsNamed(string endpoint)
    {
        _services.AddQwenChatClient(
            Section(
                new()
                {
                    ["Qwen:ModelId"] = "m",
                    ["Qwen:ApiKey"] = "sk-key",
                    ["Qwen:Endpoint"] = endpoint,
                }
            )
        );
        using var provider = _services.BuildServiceProvider();

        var e = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IChatClient>());

        Assert.StartsWith("Qwen:Endpoint cannot be used: ", e.Message);
    }

    [Fact]
    public void AddQwenChatClient_NoModelInTheSection_IsNamed()
    {
        _services.AddQwenChatClient(Section(new() { ["Qwen:ApiKey"] = "sk-key" }));
        using var provider = _services.BuildServiceProvider();

        var e = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IChatClient>());

        Assert.StartsWith("Qwen:ModelId is empty.", e.Message);
    }

    [Fact]
    public void AddQwenChatClient_EmptyModel_IsRefusedAtOnce()
    {
        Assert.Throws<ArgumentException>("modelId", () => _services.AddQwenChatClient(" "));
    }

    [Fact]
    public void AddQwenChatClient_HttpClient_HasNoClockOfItsOwn()
    {
        _services.ConfigureHttpClientDefaults(b => b.ConfigureHttpClient(c => c.Timeout = TimeSpan.FromSeconds(10)));
        _services.AddQwenChatClient("m", "sk-key");
        using var provider = _services.BuildServiceProvider();

        var http = provider.GetRequiredService<IChatClient>().GetService<HttpClient>()!;

        Assert.Equal(Timeout.InfiniteTimeSpan, http.Timeout);
    }

    [Fact]
    public void AddQwenChatClient_ResilienceOfTheHost_IsTakenOut()
    {
        var built = new List<Type>();
        _services.ConfigureHttpClientDefaults(b =>
            b.AddHttpMessageHandler(() => new FakeResilienceHandler()).AddHttpMessageHandler(() => new HostsHandler())
        );
        _services.AddQwenChatClient("m", "sk-key");
        _services
            .AddHttpClient("Connectors.Qwen")
            .ConfigureAdditionalHttpMessageHandlers((handlers, _) => built.AddRange(handlers.Select(h => h.GetType())));
        using var provider = _services.BuildServiceProvider();

        provider.GetRequiredService<IChatClient>();

        Assert.Equal([typeof(HostsHandler)], built);
    }

    private static IConfigurationSection Section(Dictionary<string, string?> values)
    {
        return new ConfigurationBuilder().AddInMemoryCollection(values).Build().GetSection("Qwen");
    }

    private static string? Model(IChatClient client)
    {
        return client.GetService<ChatClientMetadata>()?.DefaultModelId;
    }

    private static async Task<string> Key(IChatClient client)
    {
        return (await client.GetService<IQwenCredentialProvider>()!.GetCredentialAsync()).AccessToken;
    }

    private sealed class HostsHandler : DelegatingHandler;

    private sealed class Marker(IChatClient inner) : DelegatingChatClient(inner);
}
