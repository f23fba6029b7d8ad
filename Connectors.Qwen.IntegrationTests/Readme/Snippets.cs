using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;

namespace Connectors.Qwen.IntegrationTests.Readme;

/// <summary>The code of the README: compiled here, run by <see cref="ReadmeTests"/>, compared with the README line by line.</summary>
internal static class Snippets
{
    public static async Task HelloAsync(string? apiKey, Uri? endpoint)
    {
        // <hello>
        // apiKey: null reads DASHSCOPE_API_KEY; endpoint: null is Beijing, see QwenEndpoints for the others.
        using IChatClient client = QwenPipeline.CreateChatClient("qwen3-max", apiKey, endpoint);
        await foreach (var update in client.GetStreamingResponseAsync("Tell me a story about a bridge."))
        {
            Console.Write(update.Text);
        }
        // </hello>
    }

    public static void DependencyInjection(IServiceCollection services, string? apiKey, Uri? endpoint)
    {
        // <di>
        services
            .AddQwenChatClient("qwen3-max", apiKey, endpoint) // or services.AddQwenChatClient(configuration.GetSection("Qwen"))
            .UseFunctionInvocation() // what you add lands outside the pipeline: a retry never runs a tool twice
            .UseLogging();
        // </di>
    }

    public static async Task<string> SemanticKernelAsync(string? apiKey, Uri? endpoint)
    {
        // <sk>
        var builder = Kernel.CreateBuilder();
        builder.AddQwenChatCompletion("qwen3-max", apiKey, endpoint); // or builder.AddQwenChatClient(...) for an IChatClient
        Kernel kernel = builder.Build();
        var settings = new QwenPromptExecutionSettings
        {
            EnableThinking = true,
            FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(),
        };
        FunctionResult answer = await kernel.InvokePromptAsync("Name three bridges.", new(settings));
        // </sk>
        return answer.ToString();
    }

    public static async Task EmbeddingsAsync(string? apiKey, Uri? endpoint)
    {
        // <embeddings>
        using var generator = QwenPipeline.CreateEmbeddingGenerator("text-embedding-v4", apiKey, endpoint);
        var options = new EmbeddingGenerationOptions
        {
            Dimensions = 512,
            AdditionalProperties = new() { ["text_type"] = "query" },
        };
        ReadOnlyMemory<float> vector = await generator.GenerateVectorAsync("How long is the bridge?", options);
        // </embeddings>
        Assert.Equal(512, vector.Length);
    }
}
