using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Connectors.Qwen.UnitTests.DependencyInjection;

using Generator = IEmbeddingGenerator<string, Embedding<float>>;

public sealed class QwenEmbeddingServiceCollectionExtensionsTests
{
    private readonly ServiceCollection _services = new();

    [Fact]
    public void AddQwenEmbeddingGenerator_BesideAChatClient_EachHasItsOwnModel()
    {
        _services.AddQwenChatClient("qwen3-max", "sk-key");
        _services.AddQwenEmbeddingGenerator("text-embedding-v4", "sk-key", new Uri("https://qwen.example/v1"));
        using var provider = _services.BuildServiceProvider();

        var generator = provider.GetRequiredService<Generator>();
        var chat = provider.GetRequiredService<IChatClient>();

        var metadata = generator.GetService<EmbeddingGeneratorMetadata>()!;
        Assert.Equal("text-embedding-v4", metadata.DefaultModelId);
        Assert.Equal(new Uri("https://qwen.example/v1"), metadata.ProviderUri);
        Assert.Equal("qwen3-max", chat.GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.Same(generator, provider.GetRequiredService<Generator>());
    }

    [Fact]
    public void AddQwenEmbeddingGenerator_Section_IsBoundAndUsed()
    {
        var section = new ConfigurationBuilder()
            .AddInMemoryCollection([
                new("ModelId", "text-embedding-v3"),
                new("ApiKey", "sk-key"),
                new("Dimensions", "512"),
                new("MaxBatchSize", "7"),
                new("MaxParallelRequests", "4"),
                new("TimeoutRetry:MaxRetries", "1"),
            ])
            .Build();
        _services.AddQwenEmbeddingGenerator(section);
        using var provider = _services.BuildServiceProvider();

        var generator = provider.GetRequiredService<Generator>().GetService<QwenEmbeddingGenerator>()!;

        Assert.Equal((512, 7, 4), (generator.Dimensions, generator.MaxBatchSize, generator.MaxParallelRequests));
        Assert.Equal(512, generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions);
        var retry = provider.GetRequiredService<IOptions<QwenEmbeddingOptions>>().Value.TimeoutRetry;
        Assert.Equal((1, 120), (retry.MaxRetries, retry.RequestTimeout.TotalSeconds));
    }

    [Fact]
    public void AddQwenEmbeddingGenerator_Keyed_IsFoundUnderItsKeyOnly()
    {
        _services.AddQwenEmbeddingGenerator("text-embedding-v4", "sk-a", serviceKey: "a");
        _services.AddQwenEmbeddingGenerator(
            static options =>
            {
                options.ModelId = "text-embedding-v3";
                options.ApiKey = "sk-b";
            },
            "b"
        );
        using var provider = _services.BuildServiceProvider();

        Assert.Null(provider.GetService<Generator>());
        Assert.Equal("text-embedding-v4", Model("a"));
        Assert.Equal("text-embedding-v3", Model("b"));

        string? Model(string key)
        {
            return provider
                .GetRequiredKeyedService<Generator>(key)
                .GetService<EmbeddingGeneratorMetadata>()
                ?.DefaultModelId;
        }
    }

    [Fact]
    public void AddQwenEmbeddingGenerator_WhatIsAdded_IsOutsideThePipeline()
    {
        Generator? inner = null;
        _services
            .AddQwenEmbeddingGenerator("text-embedding-v4", "sk-key")
            .Use(generator => new Outer(inner = generator));
        using var provider = _services.BuildServiceProvider();

        var generator = provider.GetRequiredService<Generator>();

        Assert.IsType<Outer>(generator);
        Assert.NotNull(inner?.GetService<QwenEmbeddingGenerator>());
        Assert.Null(inner.GetService<Outer>());
    }

    [Fact]
    public void WrongInput_IsRefusedAtOnce()
    {
        Assert.Throws<ArgumentException>("modelId", () => _services.AddQwenEmbeddingGenerator(" "));
        Assert.Throws<ArgumentException>(
            "options",
            () => _services.AddQwenEmbeddingGenerator("m", "sk", new Uri("http://a.example"))
        );
        Assert.Throws<ArgumentException>("key", () => _services.AddQwenEmbeddingGenerator("m", "sk-sp-0123456789"));
        Assert.Throws<ArgumentNullException>(
            "section",
            () => _services.AddQwenEmbeddingGenerator((IConfiguration)null!)
        );
        Assert.Throws<ArgumentNullException>(
            "configure",
            () => _services.AddQwenEmbeddingGenerator((Action<QwenEmbeddingOptions>)null!)
        );
        Assert.Throws<ArgumentNullException>(
            "services",
            () => ((IServiceCollection)null!).AddQwenEmbeddingGenerator("m")
        );
        Assert.Throws<ArgumentException>("modelId", () => QwenPipeline.CreateEmbeddingGenerator(""));
        Assert.Throws<ArgumentNullException>(
            "options",
            () => QwenPipeline.CreateEmbeddingGenerator((QwenEmbeddingOptions)null!)
        );
        Assert.Throws<ArgumentOutOfRangeException>(
            "MaxBatchSize",
            () =>
                QwenPipeline.CreateEmbeddingGenerator(
                    new QwenEmbeddingOptions
                    {
                        ModelId = "m",
                        ApiKey = "sk",
                        MaxBatchSize = 0,
                    }
                )
        );
    }

    private sealed class Outer(Generator inner) : DelegatingEmbeddingGenerator<string, Embedding<float>>(inner);
}
