using Connectors.Qwen;
using Connectors.Qwen.DependencyInjection;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Transport;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers Qwen clients.</summary>
/// <remarks>
/// Each registration is a singleton <see cref="IChatClient"/>, keyed when a service key is given. The whole pipeline is the
/// innermost client of the returned builder, so that what you add (function invocation, logging, telemetry, caching) lands
/// outside it. Options are checked when the host starts; when they are reloaded they hold from the next call on, except for the endpoint and the
/// login, which stay. Without a key or a login of its own, a client uses the <see cref="IQwenCredentialProvider"/> that is registered (under
/// the same key), else the environment variable. Requests go through the factory's client <c>Connectors.Qwen</c>, with a key
/// <c>Connectors.Qwen:key</c>. A second registration under the same key is a client of its own; the names of its options and of its
/// factory client end in <c>#2</c>.
/// </remarks>
public static class QwenServiceCollectionExtensions
{
    /// <summary>Registers a client for a model.</summary>
    /// <param name="services">The services.</param>
    /// <param name="modelId">The model, for example <c>qwen3-max</c>.</param>
    /// <param name="apiKey">The API key; null for the environment variable <c>DASHSCOPE_API_KEY</c>.</param>
    /// <param name="endpoint">The base address; null for <see cref="QwenEndpoints.Beijing"/>.</param>
    /// <param name="serviceKey">The key of the service; null for none.</param>
    /// <returns>A builder for what comes around the pipeline.</returns>
    /// <exception cref="ArgumentException">The model is empty, the endpoint cannot be used, or the key cannot belong to it.</exception>
    public static ChatClientBuilder AddQwenChatClient(
        this IServiceCollection services,
        string modelId,
        string? apiKey = null,
        Uri? endpoint = null,
        object? serviceKey = null
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddQwenChatClient(Described(modelId, apiKey, endpoint), serviceKey);
    }

    /// <summary>Registers a client that is described by a configuration section (<see cref="QwenOptions"/>).</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section, for example <c>configuration.GetSection("Qwen")</c>.</param>
    /// <param name="serviceKey">The key of the service; null for none.</param>
    /// <returns>A builder for what comes around the pipeline.</returns>
    public static ChatClientBuilder AddQwenChatClient(
        this IServiceCollection services,
        IConfiguration section,
        object? serviceKey = null
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        return services.AddQwenChatClient(section, serviceKey, httpClient: null);
    }

    /// <summary>Registers a client that is described by code.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; runs when the host starts, or the client is first asked for.</param>
    /// <param name="serviceKey">The key of the service; null for none.</param>
    /// <returns>A builder for what comes around the pipeline.</returns>
    public static ChatClientBuilder AddQwenChatClient(
        this IServiceCollection services,
        Action<QwenOptions> configure,
        object? serviceKey = null
    )
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddQwenChatClient(configure, serviceKey, httpClient: null);
    }

    /// <summary>The options that are told in three words. What can be known now is said now, not when the first client is asked for.</summary>
    internal static Action<QwenClientOptions> Described(string modelId, string? apiKey, Uri? endpoint)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(modelId);
        EndpointRules.Check(new QwenClientOptions { ModelId = modelId, Endpoint = endpoint });
        if (!string.IsNullOrWhiteSpace(apiKey))
        {
            EndpointRules.CheckKey(endpoint, apiKey);
        }

        return options =>
        {
            options.ModelId = modelId;
            options.ApiKey = apiKey;
            options.Endpoint = endpoint;
        };
    }

    internal static ChatClientBuilder AddQwenChatClient(
        this IServiceCollection services,
        IConfiguration section,
        object? serviceKey,
        HttpClient? httpClient
    )
    {
        ArgumentNullException.ThrowIfNull(section);
        var name = services.FreeName<QwenOptions>(Name(serviceKey));
        services.AddOptions<QwenOptions>(name).Bind(section).Checked(serviceKey, section, OptionKeys.OfChat);
        return services.AddPipeline(name, serviceKey, httpClient);
    }

    internal static ChatClientBuilder AddQwenChatClient(
        this IServiceCollection services,
        Action<QwenOptions> configure,
        object? serviceKey,
        HttpClient? httpClient
    )
    {
        ArgumentNullException.ThrowIfNull(configure);
        var name = services.FreeName<QwenOptions>(Name(serviceKey));
        services.AddOptions<QwenOptions>(name).Configure(configure).Checked(serviceKey, null, OptionKeys.OfChat);
        return services.AddPipeline(name, serviceKey, httpClient);
    }

    /// <summary>Registers what sends the requests of a client.</summary>
    internal static void AddQwenHttpClient(this IServiceCollection services, string name)
    {
        services
            .AddHttpClient(HttpClientName(name), static client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(HttpHandlerSpecification.Create)
            .ConfigureAdditionalHttpMessageHandlers(
                static (handlers, _) => HttpHandlerSpecification.RemoveResilience(handlers)
            )
            // The handler recycles its own connections; a client that lives for months would not see the factory's rotation.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
    }

    private static ChatClientBuilder AddPipeline(
        this IServiceCollection services,
        string name,
        object? serviceKey,
        HttpClient? httpClient
    )
    {
        services.AddQwenHttpClient(name);
        return serviceKey is null
            ? services.AddChatClient(provider => Registered.ChatClient(provider, name, null, httpClient))
            : services.AddKeyedChatClient(
                serviceKey,
                provider => Registered.ChatClient(provider, name, serviceKey, httpClient)
            );
    }

    internal static string Name(object? serviceKey)
    {
        // Keys of other types may print alike; text keys name the options, so that hosts can configure them.
        return serviceKey switch
        {
            null => Options.Options.DefaultName,
            string { Length: > 0 } text => text,
            _ => $"{serviceKey.GetType()}:{serviceKey}",
        };
    }

    internal static string HttpClientName(string name)
    {
        return name.Length == 0 ? "Connectors.Qwen" : "Connectors.Qwen:" + name;
    }
}
