using Connectors.Qwen;
using Connectors.Qwen.DependencyInjection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.SemanticKernel.ChatCompletion;

namespace Microsoft.SemanticKernel;

/// <summary>Registers Qwen as Semantic Kernel's chat completion service.</summary>
/// <remarks>
/// Each registration is a singleton <see cref="IChatCompletionService"/> (<see cref="QwenChatCompletionService"/>) around a pipeline of its own, keyed when a
/// service id is given. For an <c>IChatClient</c> without Semantic Kernel's function invocation there is <c>AddQwenChatClient</c> of
/// <c>Microsoft.Extensions.DependencyInjection</c>. Credentials come from where they come from there.
/// </remarks>
public static class QwenChatCompletionServiceCollectionExtensions
{
    /// <summary>Registers a service for a model.</summary>
    /// <param name="services">The services.</param>
    /// <param name="modelId">The model, for example <c>qwen3-max</c>.</param>
    /// <param name="apiKey">The API key; null for the environment variable <c>DASHSCOPE_API_KEY</c>.</param>
    /// <param name="endpoint">The base address; null for <see cref="QwenEndpoints.Beijing"/>.</param>
    /// <param name="serviceId">The id under which prompts ask for the service; null for none.</param>
    /// <param name="httpClient">What sends the requests, not disposed; null for one of the registered factory.</param>
    /// <returns>The services.</returns>
    /// <exception cref="ArgumentException">The model is empty, the endpoint cannot be used, or the key cannot belong to it.</exception>
    public static IServiceCollection AddQwenChatCompletion(
        this IServiceCollection services,
        string modelId,
        string? apiKey = null,
        Uri? endpoint = null,
        string? serviceId = null,
        HttpClient? httpClient = null
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        var configure = QwenServiceCollectionExtensions.Described(modelId, apiKey, endpoint);
        return services.AddQwenChatCompletion(configure, serviceId, httpClient);
    }

    /// <summary>Registers a service that is described by a configuration section (<see cref="QwenOptions"/>).</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section, for example <c>configuration.GetSection("Qwen")</c>.</param>
    /// <param name="serviceId">The id under which prompts ask for the service; null for none.</param>
    /// <param name="httpClient">What sends the requests, not disposed; null for one of the registered factory.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddQwenChatCompletion(
        this IServiceCollection services,
        IConfiguration section,
        string? serviceId = null,
        HttpClient? httpClient = null
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        var name = services.FreeName<QwenOptions>(Name(serviceId));
        services.AddOptions<QwenOptions>(name).Bind(section).Checked(serviceId, section, OptionKeys.OfChat);
        return services.AddService(name, serviceId, httpClient);
    }

    /// <summary>Registers a service that is described by code.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; runs when the host starts, or the service is first asked for.</param>
    /// <param name="serviceId">The id under which prompts ask for the service; null for none.</param>
    /// <param name="httpClient">What sends the requests, not disposed; null for one of the registered factory.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddQwenChatCompletion(
        this IServiceCollection services,
        Action<QwenOptions> configure,
        string? serviceId = null,
        HttpClient? httpClient = null
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        var name = services.FreeName<QwenOptions>(Name(serviceId));
        services.AddOptions<QwenOptions>(name).Configure(configure).Checked(serviceId, null, OptionKeys.OfChat);
        return services.AddService(name, serviceId, httpClient);
    }

    private static IServiceCollection AddService(
        this IServiceCollection services,
        string name,
        string? serviceId,
        HttpClient? httpClient
    )
    {
        services.AddQwenHttpClient(name);
        return services.AddKeyedSingleton<IChatCompletionService>(
            serviceId,
            (provider, _) =>
                new QwenChatCompletionService(
                    Registered.ChatClient(provider, name, serviceId, httpClient),
                    provider.GetService<ILoggerFactory>()
                )
        );
    }

    // A chat client of the same id has options of its own.
    private static string Name(string? serviceId)
    {
        return serviceId is null ? "SemanticKernel" : "SemanticKernel:" + serviceId;
    }
}
