using Connectors.Qwen.Client;
using Connectors.Qwen.Pipeline;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen;

/// <summary>The pipeline in one piece. This is the one place that says its order.</summary>
public static class QwenPipeline
{
    /// <summary>A client that refreshes, waits, retries and falls back.</summary>
    /// <param name="modelId">The model, for example <c>qwen3-max</c>.</param>
    /// <param name="apiKey">The API key; null for the environment variable <c>DASHSCOPE_API_KEY</c>.</param>
    /// <param name="endpoint">The base address; null for <see cref="QwenEndpoints.Beijing"/>.</param>
    /// <param name="loggerFactory">Where the pipeline logs what it does.</param>
    /// <returns>A client to share: it is thread-safe. Disposing it disposes its connections.</returns>
    /// <exception cref="ArgumentException">The model is empty, the endpoint cannot be used, or the key cannot belong to it.</exception>
    /// <exception cref="InvalidOperationException">There is no key.</exception>
    public static IChatClient CreateChatClient(
        string modelId,
        string? apiKey = null,
        Uri? endpoint = null,
        ILoggerFactory? loggerFactory = null
    )
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(modelId);
        return CreateChatClient(
            new QwenOptions
            {
                ModelId = modelId,
                ApiKey = apiKey,
                Endpoint = endpoint,
            },
            loggerFactory: loggerFactory
        );
    }

    /// <summary>A client that refreshes, waits, retries and falls back, with everything to choose.</summary>
    /// <param name="options">Where Qwen is and how the pipeline behaves. Read now; later changes have no effect.</param>
    /// <param name="credentials">Where credentials come from, not disposed; null for the login that <see cref="QwenOptions.OAuth"/> names,
    /// else the API key of the options or the environment.</param>
    /// <param name="httpClient">What sends the requests, not disposed; null for one of its own.</param>
    /// <param name="loggerFactory">Where the pipeline logs what it does.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <returns>A client to share: it is thread-safe.</returns>
    /// <exception cref="ArgumentException">An option cannot be used, or the key cannot belong to the endpoint.</exception>
    /// <exception cref="InvalidOperationException">There is no credential.</exception>
    public static IChatClient CreateChatClient(
        QwenOptions options,
        IQwenCredentialProvider? credentials = null,
        HttpClient? httpClient = null,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        return CreateChatClient(options, credentials, httpClient, loggerFactory, timeProvider, new PipelineState());
    }

    internal static IChatClient CreateChatClient(
        QwenOptions options,
        IQwenCredentialProvider? credentials,
        HttpClient? httpClient,
        ILoggerFactory? loggerFactory,
        TimeProvider? timeProvider,
        PipelineState state
    )
    {
        var login = credentials is null ? Login(options, options.OAuth, loggerFactory, timeProvider) : null;
        QwenChatClient? raw = null;
        try
        {
            raw = new QwenChatClient(options, credentials ?? login, httpClient, loggerFactory)
            {
                Owned = login,
                Lessons = state.Keep<ModelLessonsByModel>(),
            };
            return Compose(raw, options, loggerFactory, timeProvider, state: state);
        }
        catch
        {
            raw?.Dispose();
            login?.Dispose();
            throw;
        }
    }

    /// <summary>A generator of embeddings that refreshes, waits and retries.</summary>
    /// <param name="modelId">The model, for example <c>text-embedding-v4</c>.</param>
    /// <param name="apiKey">The API key; null for the environment variable <c>DASHSCOPE_API_KEY</c>.</param>
    /// <param name="endpoint">The base address; null for <see cref="QwenEndpoints.Beijing"/>.</param>
    /// <param name="loggerFactory">Where the pipeline logs what it does.</param>
    /// <returns>A generator to share: it is thread-safe. Disposing it disposes its connections.</returns>
    /// <exception cref="ArgumentException">The model is empty, the endpoint cannot be used, or the key cannot belong to it.</exception>
    /// <exception cref="InvalidOperationException">There is no key.</exception>
    public static IEmbeddingGenerator<string, Embedding<float>> CreateEmbeddingGenerator(
        string modelId,
        string? apiKey = null,
        Uri? endpoint = null,
        ILoggerFactory? loggerFactory = null
    )
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(modelId);
        return CreateEmbeddingGenerator(
            new QwenEmbeddingOptions
            {
                ModelId = modelId,
                ApiKey = apiKey,
                Endpoint = endpoint,
            },
            loggerFactory: loggerFactory
        );
    }

    /// <summary>A generator of embeddings that refreshes, waits and retries, with everything to choose.</summary>
    /// <param name="options">Where Qwen is and how the pipeline behaves. Read now; later changes have no effect.</param>
    /// <param name="credentials">Where credentials come from, not disposed; null for the login that <see cref="QwenEmbeddingOptions.OAuth"/> names,
    /// else the API key of the options or the environment.</param>
    /// <param name="httpClient">What sends the requests, not disposed; null for one of its own.</param>
    /// <param name="loggerFactory">Where the pipeline logs what it does.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <returns>A generator to share: it is thread-safe.</returns>
    /// <exception cref="ArgumentException">An option cannot be used, or the key cannot belong to the endpoint.</exception>
    /// <exception cref="InvalidOperationException">There is no credential.</exception>
    public static IEmbeddingGenerator<string, Embedding<float>> CreateEmbeddingGenerator(
        QwenEmbeddingOptions options,
        IQwenCredentialProvider? credentials = null,
        HttpClient? httpClient = null,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        return CreateEmbeddingGenerator(
            options,
            credentials,
            httpClient,
            loggerFactory,
            timeProvider,
            new PipelineState()
        );
    }

    internal static IEmbeddingGenerator<string, Embedding<float>> CreateEmbeddingGenerator(
        QwenEmbeddingOptions options,
        IQwenCredentialProvider? credentials,
        HttpClient? httpClient,
        ILoggerFactory? loggerFactory,
        TimeProvider? timeProvider,
        PipelineState state
    )
    {
        var login = credentials is null ? Login(options, options.OAuth, loggerFactory, timeProvider) : null;
        try
        {
            return new QwenEmbeddingGenerator(
                options,
                credentials ?? login,
                httpClient,
                loggerFactory,
                (sender, provider) =>
                    Compose(sender, provider, options.TimeoutRetry, loggerFactory, timeProvider, state)
            )
            {
                Limits = state.Keep(
                    ValueTuple.Create(options.MaxBatchSize),
                    () => new BatchLimits(options.MaxBatchSize)
                ),
                Dimensions = options.Dimensions,
                MaxBatchSize = options.MaxBatchSize,
                MaxParallelRequests = options.MaxParallelRequests,
                Owned = login,
            };
        }
        catch
        {
            login?.Dispose();
            throw;
        }
    }

    /// <summary>The login that options name; null when they name none.</summary>
    internal static OAuthCredentialProvider? Login(
        QwenClientOptions options,
        QwenOAuthOptions login,
        ILoggerFactory? loggerFactory,
        TimeProvider? timeProvider
    )
    {
        if (string.IsNullOrWhiteSpace(login.CredentialsPath))
        {
            return null;
        }

        return string.IsNullOrWhiteSpace(options.ApiKey)
            ? new OAuthCredentialProvider(login, null, null, loggerFactory, timeProvider)
            : throw new ArgumentException(
                $"Both {nameof(QwenClientOptions.ApiKey)} and {nameof(QwenOptions.OAuth)}."
                    + $"{nameof(QwenOAuthOptions.CredentialsPath)} are set. Leave one of them out.",
                nameof(options)
            );
    }

    /// <summary>
    /// The order. Refresh is inside retry because each attempt needs the newest token; fallback is outside because it changes
    /// the form of the call.
    /// </summary>
    internal static IChatClient Compose(
        IChatClient raw,
        QwenOptions options,
        ILoggerFactory? loggerFactory,
        TimeProvider? timeProvider,
        IQwenCredentialProvider? credentials = null,
        PipelineState? state = null
    )
    {
        state ??= new PipelineState();
        IChatClient client = new TokenRefreshChatClient(
            raw,
            credentials,
            loggerFactory,
            timeProvider,
            options.TimeoutRetry.Classify
        );
        client = new TimeoutRetryChatClient(
            client,
            options.TimeoutRetry,
            loggerFactory,
            timeProvider,
            Random.Shared.NextDouble,
            state
        );
        var fallback = options.StreamingFallback.Freeze();
        // What an exception means does not depend on the stage that asks.
        fallback.Classify ??= options.TimeoutRetry.Classify;
        return new StreamingFallbackChatClient(client, fallback, loggerFactory, timeProvider, state);
    }

    // Around each request, inside the batches: what one of them needs is not done again for the others. There is one form only.
    private static TimeoutRetryEmbeddingGenerator Compose(
        IEmbeddingGenerator<string, Embedding<float>> sender,
        IQwenCredentialProvider credentials,
        TimeoutRetryOptions options,
        ILoggerFactory? loggerFactory,
        TimeProvider? timeProvider,
        PipelineState state
    )
    {
        var refresh = new TokenRefreshEmbeddingGenerator(
            sender,
            credentials,
            loggerFactory,
            timeProvider,
            options.Classify
        );
        return new TimeoutRetryEmbeddingGenerator(
            refresh,
            options,
            loggerFactory,
            timeProvider,
            Random.Shared.NextDouble,
            state
        );
    }
}
