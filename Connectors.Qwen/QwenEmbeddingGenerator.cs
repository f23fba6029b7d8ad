using Connectors.Qwen.Client;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Mapping;
using Connectors.Qwen.Transport;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Qwen;

/// <summary>
/// Qwen's embeddings as an <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/>. However many texts there are: they go in as
/// many requests as the model's limit demands, and come back in their order.
/// </summary>
/// <remarks>
/// <para>Thread-safe, except for <see cref="Dispose"/>. It does not wait, retry or refresh;
/// <see cref="QwenPipeline.CreateEmbeddingGenerator(string, string?, Uri?, ILoggerFactory?)"/> puts those around each request.</para>
/// <para>The first request that fails ends the call, and the others are cancelled. What is not portable is set by name
/// (<c>text_type</c>, <c>instruct</c>) or on a <see cref="QwenEmbeddingRequest"/>.</para>
/// </remarks>
public sealed class QwenEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    internal const int DefaultParallelRequests = 2;

    private readonly ClientConnection _connection;
    private readonly ILogger _logger;
    private readonly IEmbeddingGenerator<string, Embedding<float>> _sender;

    /// <summary>Creates the generator; nothing is sent.</summary>
    /// <param name="options">Where and what to ask. Read now; later changes have no effect. What is about streams has no meaning here.</param>
    /// <param name="credentials">Where the credential of each request comes from; null for the API key of the options, else of
    /// the environment variable <c>DASHSCOPE_API_KEY</c>.</param>
    /// <param name="httpClient">What sends the requests, not disposed; null for one of its own, without timeout and redirects.</param>
    /// <param name="loggerFactory">Where requests are logged.</param>
    /// <exception cref="ArgumentException">An option cannot be used, or the key cannot belong to the endpoint.</exception>
    /// <exception cref="InvalidOperationException">There is no credential.</exception>
    public QwenEmbeddingGenerator(
        QwenClientOptions options,
        IQwenCredentialProvider? credentials = null,
        HttpClient? httpClient = null,
        ILoggerFactory? loggerFactory = null
    )
        : this(options, credentials, httpClient, loggerFactory, static (sender, _) => sender) { }

    /// <param name="options">Where and what to ask.</param>
    /// <param name="credentials">Where credentials come from.</param>
    /// <param name="httpClient">What sends the requests.</param>
    /// <param name="loggerFactory">Where requests are logged.</param>
    /// <param name="around">Puts stages around what sends one request; they are disposed with the generator.</param>
    internal QwenEmbeddingGenerator(
        QwenClientOptions options,
        IQwenCredentialProvider? credentials,
        HttpClient? httpClient,
        ILoggerFactory? loggerFactory,
        Func<
            IEmbeddingGenerator<string, Embedding<float>>,
            IQwenCredentialProvider,
            IEmbeddingGenerator<string, Embedding<float>>
        > around
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        _logger = (ILogger?)loggerFactory?.CreateLogger<QwenEmbeddingGenerator>() ?? NullLogger.Instance;
        _connection = new ClientConnection(options, credentials, httpClient, _logger);
        var transport = new QwenTransport(
            _connection.Http,
            new(options.MaxResponseBytes, options.MaxEventBytes),
            _logger
        );
        var router = new RequestRouter(_connection.Options, _connection.Credentials, _logger, RequestRouter.Embeddings);
        _sender = around(new EmbeddingSender(transport, router, _logger), _connection.Credentials);
    }

    /// <summary>The length of the vectors where a call does not say it (<c>EmbeddingGenerationOptions.Dimensions</c>); more than zero.</summary>
    /// <value>The default is null: the model's own, for example 1024 for <c>text-embedding-v4</c>.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is zero or less.</exception>
    public int? Dimensions
    {
        get;
        init => field = MoreThanZero(value, nameof(Dimensions));
    }

    /// <summary>How many texts one request holds at most; more than zero.</summary>
    /// <value>The default is null: the documented limit of the model (25 for <c>text-embedding-v1</c> and <c>v2</c>, 20 for
    /// <c>qwen3.7-text-embedding</c>, 10 for all others). A lower one that the server names is learned.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is zero or less.</exception>
    public int? MaxBatchSize
    {
        get;
        init => field = MoreThanZero(value, nameof(MaxBatchSize));
    }

    /// <summary>How many requests of one call are on their way at the same time; more than zero.</summary>
    /// <value>The default is 2.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is zero or less.</exception>
    public int MaxParallelRequests
    {
        get;
        init => field = MoreThanZero(value, nameof(MaxParallelRequests))!.Value;
    } = DefaultParallelRequests;

    /// <summary>What was learned of batches before; null to begin with nothing.</summary>
    internal BatchLimits? Limits { get; init; }

    /// <summary>What was made for this generator only, and ends with it.</summary>
    internal IDisposable? Owned
    {
        init => _connection.Owned = value;
    }

    private EmbeddingBatches Batches => field ?? Interlocked.CompareExchange(ref field, NewBatches(), null) ?? field;

    private EmbeddingGeneratorMetadata Metadata =>
        field ?? Interlocked.CompareExchange(ref field, NewMetadata(), null) ?? field;

    /// <inheritdoc/>
    /// <remarks>No texts are no request, and an empty result. Usage is the sum over all requests.</remarks>
    /// <exception cref="ArgumentException">A text is null or empty, or an option cannot be used.</exception>
    /// <exception cref="QwenException">A request failed; its kind says how.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values,
        EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(values);
        var texts = EmbeddingRequestMapper.Texts(values);
        var request = EmbeddingRequestMapper.Parameters(options, _connection.Options.ModelId, Dimensions, this);
        return texts.Length == 0
            ? Task.FromResult(new GeneratedEmbeddings<Embedding<float>>())
            : Batches.EmbedAsync(texts, new EmbeddingBatchOptions(request), cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? Metadata
            : serviceType == typeof(IQwenCredentialProvider) ? _connection.Credentials
            : serviceType == typeof(HttpClient) ? _connection.Http
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Disposes the HTTP client, if it is the generator's own.</summary>
    public void Dispose()
    {
        _sender.Dispose();
        _connection.Dispose();
    }

    private static int? MoreThanZero(int? value, string name)
    {
        new OptionFaults().MoreThan(value ?? 1, 0, name).ThrowIfAny();
        return value;
    }

    // Not in the constructor: what they are made of is set after it.
    private EmbeddingBatches NewBatches()
    {
        return new EmbeddingBatches(_sender, Limits ?? new BatchLimits(MaxBatchSize), MaxParallelRequests, _logger);
    }

    private EmbeddingGeneratorMetadata NewMetadata()
    {
        return new EmbeddingGeneratorMetadata(
            "qwen",
            _connection.Options.Endpoint ?? QwenEndpoints.Beijing,
            _connection.Options.ModelId,
            Dimensions ?? EmbeddingFamilies.Of(_connection.Options.ModelId).Dimensions
        );
    }
}
