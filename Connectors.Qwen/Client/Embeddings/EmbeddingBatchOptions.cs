using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Client;

/// <summary>
/// The options of one call as its requests get them: everything is decided, only the texts differ. Shared by all batches of
/// the call and never written to.
/// </summary>
internal sealed class EmbeddingBatchOptions : EmbeddingGenerationOptions
{
    public EmbeddingBatchOptions(QwenEmbeddingRequest request)
    {
        Request = request;
        ModelId = request.Model;
        Dimensions = request.Dimensions;
    }

    /// <summary>The request without its texts.</summary>
    public QwenEmbeddingRequest Request { get; }
}
