using Connectors.Qwen;
using Connectors.Qwen.DependencyInjection;
using Connectors.Qwen.Errors;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Chat = Microsoft.Extensions.DependencyInjection.QwenServiceCollectionExtensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers generators of embeddings.</summary>
/// <remarks>
/// Each registration is a singleton <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of <see cref="string"/> and
/// <c>Embedding&lt;float&gt;</c>, keyed when a service key is given. The whole pipeline is the innermost generator of the returned
/// builder, so that what you add (caching, logging, telemetry) lands outside it. Keys and logins are found as for
/// <see cref="QwenServiceCollectionExtensions"/>.
/// </remarks>
public static class QwenEmbeddingServiceCollectionExtensions
{
    /// <summary>Registers a generator for a model.</summary>
    /// <param name="services">The services.</param>
    /// <param name="modelId">The model, for example <c>text-embedding-v4</c>.</param>
    /// <param name="apiKey">The API key; null for the environment variable <c>DASHSCOPE_API_KEY</c>.</param>
    /// <param name="endpoint">The base address; null for <see cref="QwenEndpoints.Beijing"/>.</param>
    /// <param name="serviceKey">The key of the service; null for none.</param>
    /// <returns>A builder for what comes around the pipeline.</returns>
    /// <exception cref="ArgumentException">The model is empty, the endpoint cannot be used, or the key cannot belong to it.</exception>
    public static EmbeddingGeneratorBuilder<string, Embedding<float>> AddQwenEmbeddingGenerator(
        this IServiceCollection services,
        string modelId,
        string? apiKey = null,
        Uri? endpoint = null,
        object? serviceKey = null
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddQwenEmbeddingGenerator(Described(modelId, apiKey, endpoint, null), serviceKey);
    }

    /// <summary>Registers a generator that is described by a configuration section (<see cref="QwenEmbeddingOptions"/>).</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section, for example <c>configuration.GetSection("QwenEmbeddings")</c>.</param>
    /// <param name="serviceKey">The key of the service; null for none.</param>
    /// <returns>A builder for what comes around the pipeline.</returns>
    public static EmbeddingGeneratorBuilder<string, Embedding<float>> AddQwenEmbeddingGenerator(
        this IServiceCollection services,
        IConfiguration section,
        object? serviceKey = null
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        return services.AddQwenEmbeddingGenerator(section, serviceKey, httpClient: null);
    }

    /// <summary>Registers a generator that is described by code.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; runs when the host starts, or the generator is first asked for.</param>
    /// <param name="serviceKey">The key of the service; null for none.</param>
    /// <returns>A builder for what comes around the pipeline.</returns>
    public static EmbeddingGeneratorBuilder<string, Embedding<float>> AddQwenEmbeddingGenerator(
        this IServiceCollection services,
        Action<QwenEmbeddingOptions> configure,
        object? serviceKey = null
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddQwenEmbeddingGenerator(configure, serviceKey, httpClient: null);
    }

    /// <summary>The options that are told in some words. What can be known now is said now, not when the first generator is asked for.</summary>
    internal static Action<QwenEmbeddingOptions> Described(
        string modelId,
        string? apiKey,
        Uri? endpoint,
        int? dimensions
    )
    {
        var described = Chat.Described(modelId, apiKey, endpoint);
        new OptionFaults().MoreThan(dimensions ?? 1, 0, nameof(dimensions)).ThrowIfAny();
        return options =>
        {
            described(options);
            options.Dimensions = dimensions;
        };
    }

    internal static EmbeddingGeneratorBuilder<string, Embedding<float>> AddQwenEmbeddingGenerator(
        this IServiceCollection services,
        IConfiguration section,
        object? serviceKey,
        HttpClient? httpClient
    )
    {
        ArgumentNullException.ThrowIfNull(section);
        var name = services.FreeName<QwenEmbeddingOptions>(Chat.Name(serviceKey));
        services
            .AddOptions<QwenEmbeddingOptions>(name)
            .Bind(section)
            .Checked(serviceKey, section, OptionKeys.OfEmbeddings);
        return services.AddPipeline(name, serviceKey, httpClient);
    }

    internal static EmbeddingGeneratorBuilder<string, Embedding<float>> AddQwenEmbeddingGenerator(
        this IServiceCollection services,
        Action<QwenEmbeddingOptions> configure,
        object? serviceKey,
        HttpClient? httpClient
    )
    {
        ArgumentNullException.ThrowIfNull(configure);
        var name = services.FreeName<QwenEmbeddingOptions>(Chat.Name(serviceKey));
        services
            .AddOptions<QwenEmbeddingOptions>(name)
            .Configure(configure)
            .Checked(serviceKey, null, OptionKeys.OfEmbeddings);
        return services.AddPipeline(name, serviceKey, httpClient);
    }

    private static EmbeddingGeneratorBuilder<string, Embedding<float>> AddPipeline(
        this IServiceCollection services,
        string name,
        object? serviceKey,
        HttpClient? httpClient
    )
    {
        services.AddQwenHttpClient(name);
        return serviceKey is null
            ? services.AddEmbeddingGenerator(provider =>
                Registered.EmbeddingGenerator(provider, name, null, httpClient)
            )
            : services.AddKeyedEmbeddingGenerator(
                serviceKey,
                provider => Registered.EmbeddingGenerator(provider, name, serviceKey, httpClient)
            );
    }
}
