using Connectors.Qwen;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Transport;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers Qwen clients.</summary>
/// <remarks>
/// Each registration is a singleton <see cref="IChatClient"/>, keyed when a service key is given. The whole pipeline is the
/// innermost client of the returned builder, so that what you add (function invocation, logging, telemetry, caching) lands
/// outside it. An API key in options that are reloaded is used from the next request on; the other options are read once. Without a key
/// or a login of its own, a client uses the <see cref="IQwenCredentialProvider"/> that is registered (under the same
/// key), else the environment variable.
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
        ArgumentException.ThrowIfNullOrWhiteSpace(modelId);
        // What can be known now is said now, not when the first client is asked for.
        EndpointRules.Check(new QwenClientOptions { ModelId = modelId, Endpoint = endpoint });
        if (!string.IsNullOrWhiteSpace(apiKey))
        {
            EndpointRules.CheckKey(endpoint, apiKey);
        }

        return services.AddQwenChatClient(
            options =>
            {
                options.ModelId = modelId;
                options.ApiKey = apiKey;
                options.Endpoint = endpoint;
            },
            serviceKey
        );
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
        services.AddOptions<QwenOptions>(Name(serviceKey)).Bind(section);
        return services.AddPipeline(serviceKey);
    }

    /// <summary>Registers a client that is described by code.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; runs when the client is first asked for.</param>
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
        services.AddOptions<QwenOptions>(Name(serviceKey)).Configure(configure);
        return services.AddPipeline(serviceKey);
    }

    private static ChatClientBuilder AddPipeline(this IServiceCollection services, object? serviceKey)
    {
        var name = Name(serviceKey);
        services
            .AddHttpClient(HttpClientName(name), static client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(HttpHandlerSpecification.Create)
            .ConfigureAdditionalHttpMessageHandlers(
                static (handlers, _) => HttpHandlerSpecification.RemoveResilience(handlers)
            )
            // The handler recycles its own connections; a client that lives for months would not see the factory's rotation.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan);
        return serviceKey is null
            ? services.AddChatClient(provider => Create(provider, name, null))
            : services.AddKeyedChatClient(serviceKey, provider => Create(provider, name, serviceKey));
    }

    private static IChatClient Create(IServiceProvider provider, string name, object? serviceKey)
    {
        var monitor = provider.GetRequiredService<IOptionsMonitor<QwenOptions>>();
        return QwenPipeline.CreateChatClient(
            monitor.Get(name),
            Credentials(provider, monitor, name, serviceKey),
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(HttpClientName(name)),
            provider.GetService<ILoggerFactory>(),
            provider.GetService<TimeProvider>()
        );
    }

    /// <summary>What was given to this client is meant for it; then what is registered. Null leaves it to the options.</summary>
    private static IQwenCredentialProvider? Credentials(
        IServiceProvider provider,
        IOptionsMonitor<QwenOptions> monitor,
        string name,
        object? serviceKey
    )
    {
        var options = monitor.Get(name);
        if (!string.IsNullOrWhiteSpace(options.OAuth.CredentialsPath))
        {
            return null;
        }

        if (string.IsNullOrWhiteSpace(options.ApiKey))
        {
            return serviceKey is null
                ? provider.GetService<IQwenCredentialProvider>()
                : provider.GetKeyedService<IQwenCredentialProvider>(serviceKey);
        }

        EndpointRules.Check(options);
        EndpointRules.CheckKey(options.Endpoint, options.ApiKey);
        // Read for each request: options that are reloaded bring a rotated key without a restart.
        return new ApiKeyCredentialProvider(() => monitor.Get(name).ApiKey, provider.GetService<ILoggerFactory>());
    }

    private static string Name(object? serviceKey)
    {
        // Keys of other types may print alike; text keys name the options, so that hosts can configure them.
        return serviceKey switch
        {
            null => Options.Options.DefaultName,
            string { Length: > 0 } text => text,
            _ => $"{serviceKey.GetType()}:{serviceKey}",
        };
    }

    private static string HttpClientName(string name)
    {
        return name.Length == 0 ? "Connectors.Qwen" : "Connectors.Qwen:" + name;
    }
}
