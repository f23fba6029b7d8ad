using System.Diagnostics.CodeAnalysis;
using Connectors.Qwen.Pipeline;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.DependencyInjection;

/// <summary>Makes what was registered, from the services of a host.</summary>
internal static class Registered
{
    /// <summary>The pipeline that the options of a name describe.</summary>
    public static IChatClient ChatClient(
        IServiceProvider services,
        string name,
        object? serviceKey,
        HttpClient? httpClient
    )
    {
        return Make<QwenOptions, IChatClient>(
            services,
            name,
            serviceKey,
            (options, credentials, state) =>
                QwenPipeline.CreateChatClient(
                    options,
                    credentials,
                    httpClient ?? Http(services, name),
                    services.GetService<ILoggerFactory>(),
                    services.GetService<TimeProvider>(),
                    state
                ),
            static pipeline => new ReloadedChatClient(pipeline)
        );
    }

    /// <summary>The pipeline for embeddings that the options of a name describe.</summary>
    public static IEmbeddingGenerator<string, Embedding<float>> EmbeddingGenerator(
        IServiceProvider services,
        string name,
        object? serviceKey,
        HttpClient? httpClient
    )
    {
        return Make<QwenEmbeddingOptions, IEmbeddingGenerator<string, Embedding<float>>>(
            services,
            name,
            serviceKey,
            (options, credentials, state) =>
                QwenPipeline.CreateEmbeddingGenerator(
                    options,
                    credentials,
                    httpClient ?? Http(services, name),
                    services.GetService<ILoggerFactory>(),
                    services.GetService<TimeProvider>(),
                    state
                ),
            static pipeline => new ReloadedEmbeddingGenerator(pipeline)
        );
    }

    // What outlives a change of options: the credential, what was learned, and the factory's handlers.
    private static T Make<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions,
        T
    >(
        IServiceProvider services,
        string name,
        object? serviceKey,
        Func<TOptions, IQwenCredentialProvider?, PipelineState, T> create,
        Func<Reloaded<TOptions, T>, T> wrap
    )
        where TOptions : QwenClientOptions, IPipelineOptions
        where T : class, IDisposable
    {
        var pipeline = new Reloaded<TOptions, T>(services, name);
        var options = pipeline.Options;
        var login = QwenPipeline.Login(
            options,
            options.OAuth,
            services.GetService<ILoggerFactory>(),
            services.GetService<TimeProvider>()
        );
        pipeline.Owned = login;
        try
        {
            var credentials = login ?? Credentials(services, serviceKey, pipeline);
            var state = new PipelineState();
            pipeline.Begin(options => create(options, credentials, state));
            services
                .GetService<KnownPipelines>()
                ?.Add(new KnownPipeline(typeof(TOptions), name, serviceKey, state, credentials));
            return wrap(pipeline);
        }
        catch
        {
            pipeline.Dispose();
            throw;
        }
    }

    // What was given to this client is meant for it; then what is registered. Null leaves it to the environment.
    private static IQwenCredentialProvider? Credentials<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions,
        T
    >(IServiceProvider services, object? serviceKey, Reloaded<TOptions, T> pipeline)
        where TOptions : QwenClientOptions, IPipelineOptions
        where T : class, IDisposable
    {
        return !string.IsNullOrWhiteSpace(pipeline.Options.ApiKey)
                // Read for each request: options that are reloaded bring a rotated key without a restart.
                ? new ApiKeyCredentialProvider(() => pipeline.Options.ApiKey, services.GetService<ILoggerFactory>())
            : serviceKey is null ? services.GetService<IQwenCredentialProvider>()
            : services.GetKeyedService<IQwenCredentialProvider>(serviceKey);
    }

    private static HttpClient Http(IServiceProvider services, string name)
    {
        var clientName = QwenServiceCollectionExtensions.HttpClientName(name);
        return services.GetRequiredService<IHttpClientFactory>().CreateClient(clientName);
    }
}
