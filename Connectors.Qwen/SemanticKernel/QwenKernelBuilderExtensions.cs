using Connectors.Qwen;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.SemanticKernel;

/// <summary>Adds Qwen to a kernel.</summary>
/// <remarks>
/// <c>AddQwenChatCompletion</c> adds an <c>IChatCompletionService</c>, <c>AddQwenChatClient</c> an <see cref="IChatClient"/>; prompts work with either. <c>AddQwenEmbeddingGenerator</c> adds what vector stores ask for. Semantic
/// Kernel's function invocation is outermost. To put logging, telemetry or caching between it and the pipeline, use
/// <c>builder.Services.AddQwenChatClient(...).UseKernelFunctionInvocation().UseLogging()</c>.
/// </remarks>
public static class QwenKernelBuilderExtensions
{
    /// <summary>Adds a chat completion service for a model.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="modelId">The model, for example <c>qwen3-max</c>.</param>
    /// <param name="apiKey">The API key; null for the environment variable <c>DASHSCOPE_API_KEY</c>.</param>
    /// <param name="endpoint">The base address; null for <see cref="QwenEndpoints.Beijing"/>.</param>
    /// <param name="serviceId">The id under which prompts ask for the service; null for none.</param>
    /// <param name="httpClient">What sends the requests, not disposed; null for one of the registered factory.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The model is empty, the endpoint cannot be used, or the key cannot belong to it.</exception>
    public static IKernelBuilder AddQwenChatCompletion(
        this IKernelBuilder builder,
        string modelId,
        string? apiKey = null,
        Uri? endpoint = null,
        string? serviceId = null,
        HttpClient? httpClient = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwenChatCompletion(modelId, apiKey, endpoint, serviceId, httpClient);
        return builder;
    }

    /// <summary>Adds a chat completion service that is described by a configuration section (<see cref="QwenOptions"/>).</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="section">The section, for example <c>configuration.GetSection("Qwen")</c>.</param>
    /// <param name="serviceId">The id under which prompts ask for the service; null for none.</param>
    /// <param name="httpClient">What sends the requests, not disposed; null for one of the registered factory.</param>
    /// <returns>The builder.</returns>
    public static IKernelBuilder AddQwenChatCompletion(
        this IKernelBuilder builder,
        IConfiguration section,
        string? serviceId = null,
        HttpClient? httpClient = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwenChatCompletion(section, serviceId, httpClient);
        return builder;
    }

    /// <summary>Adds a chat completion service that is described by code.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the options; runs when the host starts, or the service is first asked for.</param>
    /// <param name="serviceId">The id under which prompts ask for the service; null for none.</param>
    /// <param name="httpClient">What sends the requests, not disposed; null for one of the registered factory.</param>
    /// <returns>The builder.</returns>
    public static IKernelBuilder AddQwenChatCompletion(
        this IKernelBuilder builder,
        Action<QwenOptions> configure,
        string? serviceId = null,
        HttpClient? httpClient = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwenChatCompletion(configure, serviceId, httpClient);
        return builder;
    }

    /// <summary>Adds a chat client for a model, with Semantic Kernel's function invocation.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="modelId">The model, for example <c>qwen3-max</c>.</param>
    /// <param name="apiKey">The API key; null for the environment variable <c>DASHSCOPE_API_KEY</c>.</param>
    /// <param name="endpoint">The base address; null for <see cref="QwenEndpoints.Beijing"/>.</param>
    /// <param name="serviceId">The id under which prompts ask for the client; null for none.</param>
    /// <param name="httpClient">What sends the requests, not disposed; null for one of the registered factory.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The model is empty, the endpoint cannot be used, or the key cannot belong to it.</exception>
    public static IKernelBuilder AddQwenChatClient(
        this IKernelBuilder builder,
        string modelId,
        string? apiKey = null,
        Uri? endpoint = null,
        string? serviceId = null,
        HttpClient? httpClient = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        var configure = QwenServiceCollectionExtensions.Described(modelId, apiKey, endpoint);
        return builder.AddQwenChatClient(configure, serviceId, httpClient);
    }

    /// <summary>Adds a chat client that is described by a configuration section (<see cref="QwenOptions"/>), with Semantic Kernel's function invocation.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="section">The section, for example <c>configuration.GetSection("Qwen")</c>.</param>
    /// <param name="serviceId">The id under which prompts ask for the client; null for none.</param>
    /// <param name="httpClient">What sends the requests, not disposed; null for one of the registered factory.</param>
    /// <returns>The builder.</returns>
    public static IKernelBuilder AddQwenChatClient(
        this IKernelBuilder builder,
        IConfiguration section,
        string? serviceId = null,
        HttpClient? httpClient = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwenChatClient(section, serviceId, httpClient).UseKernelFunctionInvocation();
        return builder;
    }

    /// <summary>Adds a chat client that is described by code, with Semantic Kernel's function invocation.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the options; runs when the host starts, or the client is first asked for.</param>
    /// <param name="serviceId">The id under which prompts ask for the client; null for none.</param>
    /// <param name="httpClient">What sends the requests, not disposed; null for one of the registered factory.</param>
    /// <returns>The builder.</returns>
    public static IKernelBuilder AddQwenChatClient(
        this IKernelBuilder builder,
        Action<QwenOptions> configure,
        string? serviceId = null,
        HttpClient? httpClient = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwenChatClient(configure, serviceId, httpClient).UseKernelFunctionInvocation();
        return builder;
    }

    /// <summary>Adds a generator of embeddings for a model.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="modelId">The model, for example <c>text-embedding-v4</c>.</param>
    /// <param name="apiKey">The API key; null for the environment variable <c>DASHSCOPE_API_KEY</c>.</param>
    /// <param name="endpoint">The base address; null for <see cref="QwenEndpoints.Beijing"/>.</param>
    /// <param name="serviceId">The id under which the kernel is asked for the generator; null for none.</param>
    /// <param name="httpClient">What sends the requests, not disposed; null for one of the registered factory.</param>
    /// <param name="dimensions">The length of the vectors, more than zero; null for the model's own.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentException">The model is empty, the endpoint or the length cannot be used, or the key cannot belong to the endpoint.</exception>
    public static IKernelBuilder AddQwenEmbeddingGenerator(
        this IKernelBuilder builder,
        string modelId,
        string? apiKey = null,
        Uri? endpoint = null,
        string? serviceId = null,
        HttpClient? httpClient = null,
        int? dimensions = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        var configure = QwenEmbeddingServiceCollectionExtensions.Described(modelId, apiKey, endpoint, dimensions);
        return builder.AddQwenEmbeddingGenerator(configure, serviceId, httpClient);
    }

    /// <summary>Adds a generator of embeddings that is described by a configuration section (<see cref="QwenEmbeddingOptions"/>).</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="section">The section, for example <c>configuration.GetSection("QwenEmbeddings")</c>.</param>
    /// <param name="serviceId">The id under which the kernel is asked for the generator; null for none.</param>
    /// <param name="httpClient">What sends the requests, not disposed; null for one of the registered factory.</param>
    /// <returns>The builder.</returns>
    public static IKernelBuilder AddQwenEmbeddingGenerator(
        this IKernelBuilder builder,
        IConfiguration section,
        string? serviceId = null,
        HttpClient? httpClient = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwenEmbeddingGenerator(section, serviceId, httpClient);
        return builder;
    }

    /// <summary>Adds a generator of embeddings that is described by code.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the options; runs when the host starts or the generator is first asked for.</param>
    /// <param name="serviceId">The id under which the kernel is asked for the generator; null for none.</param>
    /// <param name="httpClient">What sends the requests, not disposed; null for one of the registered factory.</param>
    /// <returns>The builder.</returns>
    public static IKernelBuilder AddQwenEmbeddingGenerator(
        this IKernelBuilder builder,
        Action<QwenEmbeddingOptions> configure,
        string? serviceId = null,
        HttpClient? httpClient = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddQwenEmbeddingGenerator(configure, serviceId, httpClient);
        return builder;
    }
}
