using Connectors.Qwen.Diagnostics;
using Connectors.Qwen.Errors;
using Connectors.Qwen.Mapping;
using Connectors.Qwen.Transport;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Client;

/// <summary>Embeds what fits into one HTTP request. It is called with the options of a batch. No policy. Thread-safe.</summary>
internal sealed class EmbeddingSender(QwenTransport transport, RequestRouter router, ILogger logger)
    : IEmbeddingGenerator<string, Embedding<float>>
{
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values,
        EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        var texts = (IReadOnlyList<string>)values;
        var request = ((EmbeddingBatchOptions)options!).Request.For(texts);
        var facts = await router.PrepareAsync(cancellationToken).ConfigureAwait(false);
        var wire = await transport.EmbedAsync(request, facts, cancellationToken).ConfigureAwait(false);
        var answer = EmbeddingAnswerMapper.ToAnswer(wire, texts.Count, request.Dimensions);
        if (answer.Embeddings is not { } embeddings)
        {
            throw facts.Failure(
                QwenFailureKind.Protocol,
                $"The answer from {facts.Endpoint.Host} {answer.Lack}. {FailureTable.Of(QwenFailureKind.Protocol).Advice}",
                isPermanent: answer.IsPermanent
            );
        }

        logger.Embedded(facts.RequestId, embeddings.Count);
        embeddings.AdditionalProperties = AnswerProperties.Of(facts);
        return embeddings;
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        return serviceKey is not null ? null
            : serviceType == typeof(IRoutesCalls) ? router.Several
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    public void Dispose() { }
}
