using Microsoft.Extensions.AI;

namespace Connectors.Qwen.DependencyInjection;

/// <summary><see cref="ReloadedChatClient"/> for embeddings. Thread-safe.</summary>
internal sealed class ReloadedEmbeddingGenerator(
    Reloaded<QwenEmbeddingOptions, IEmbeddingGenerator<string, Embedding<float>>> pipeline
) : IEmbeddingGenerator<string, Embedding<float>>
{
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values,
        EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        return pipeline.Current.GenerateAsync(values, options, cancellationToken);
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this)
            ? this
            : pipeline.Current.GetService(serviceType, serviceKey);
    }

    public void Dispose()
    {
        pipeline.Dispose();
    }
}
