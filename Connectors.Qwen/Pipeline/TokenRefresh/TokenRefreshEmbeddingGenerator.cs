using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Qwen.Pipeline;

/// <summary><see cref="TokenRefreshChatClient"/> for requests for embeddings. It stands inside the stage that retries.</summary>
internal sealed class TokenRefreshEmbeddingGenerator : DelegatingEmbeddingGenerator<string, Embedding<float>>
{
    private readonly TokenGuard _guard;
    private readonly TimeProvider _time;

    public TokenRefreshEmbeddingGenerator(
        IEmbeddingGenerator<string, Embedding<float>> innerGenerator,
        IQwenCredentialProvider credentials,
        ILoggerFactory? loggerFactory,
        TimeProvider? timeProvider,
        Func<Exception, QwenFailureKind?>? classify
    )
        : base(innerGenerator)
    {
        _time = timeProvider ?? TimeProvider.System;
        var logger = (ILogger?)loggerFactory?.CreateLogger<TokenRefreshEmbeddingGenerator>() ?? NullLogger.Instance;
        _guard = new TokenGuard(credentials, classify, _time, logger);
    }

    public override Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values,
        EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        var ambient = QwenCall.Current;
        var messages = ambient?.Messages ?? MessageSnapshot.OfTexts(values);
        var call = QwenCall.Join(ambient, Stage.TokenRefresh, this, messages, _time);
        return _guard.WithTokenAsync(
            call,
            () => base.GenerateAsync(values, options, cancellationToken),
            cancellationToken
        );
    }
}
