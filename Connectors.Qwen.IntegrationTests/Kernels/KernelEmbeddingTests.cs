using Connectors.Qwen.IntegrationTests.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;

namespace Connectors.Qwen.IntegrationTests.Kernels;

using Generator = IEmbeddingGenerator<string, Embedding<float>>;

/// <summary>Embeddings on kernels (docs/features.md, 143).</summary>
public sealed class KernelEmbeddingTests
{
    private const string Model = "text-embedding-v4";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, InlineData(null), InlineData("memory")]
    public async Task Row143_Kernel_FindsTheGeneratorOfEachForm(string? serviceId)
    {
        await using var host = await HostedQwen.StartAsync();
        host.Configuration["Qwen:ModelId"] = Model;
        host.Configuration["Qwen:Dimensions"] = "64";
        var endpoint = host.Setup.Qwen.Endpoint;
        Action<IKernelBuilder>[] forms =
        [
            builder => builder.AddQwenEmbeddingGenerator(Model, "sk-simulated", endpoint, serviceId, dimensions: 64),
            builder => builder.AddQwenEmbeddingGenerator(host.Section, serviceId),
            builder =>
                builder.AddQwenEmbeddingGenerator(
                    options =>
                    {
                        options.ModelId = Model;
                        options.ApiKey = "sk-simulated";
                        options.Endpoint = endpoint;
                        options.Dimensions = 64;
                    },
                    serviceId
                ),
        ];

        foreach (var form in forms)
        {
            var builder = Kernel.CreateBuilder();
            form(builder);
            var kernel = builder.Build();

            var generator = kernel.GetRequiredService<Generator>(serviceId);
            var vector = await generator.GenerateVectorAsync("a text", null, Cancel);

            Assert.Equal(64, vector.Length);
            // However a vector store asks.
            Assert.Same(generator, kernel.GetRequiredService<Generator>());
            Assert.Equal(64, generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions);
        }

        Assert.Equal(3, host.Setup.Qwen.Journal.EmbeddingRequests.Count);
    }

    [Fact]
    public async Task Row143_HttpClientOfTheCaller_SendsTheRequests()
    {
        await using var host = await HostedQwen.StartAsync();
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Add("X-Mine", "yes");
        var kernel = Kernel
            .CreateBuilder()
            .AddQwenEmbeddingGenerator(Model, "sk-simulated", host.Setup.Qwen.Endpoint, httpClient: http)
            .Build();

        await kernel.GetRequiredService<Generator>().GenerateVectorAsync("a text", null, Cancel);

        Assert.Equal("yes", Assert.Single(host.Setup.Qwen.Journal.EmbeddingRequests).Headers["X-Mine"]);
    }

    [Fact]
    public void Row143_WrongInput_IsRefusedAtOnce()
    {
        var builder = Kernel.CreateBuilder();

        Assert.Throws<ArgumentException>("modelId", () => builder.AddQwenEmbeddingGenerator(" "));
        Assert.Throws<ArgumentOutOfRangeException>(
            "dimensions",
            () => builder.AddQwenEmbeddingGenerator(Model, dimensions: 0)
        );
    }
}
