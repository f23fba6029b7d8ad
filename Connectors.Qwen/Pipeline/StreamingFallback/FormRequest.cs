using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Pipeline;

/// <summary>What is asked, in whichever form.</summary>
internal sealed record FormRequest(
    QwenCall Call,
    ModelAt Model,
    MessageSnapshot Messages,
    ChatOptions? Options,
    CancellationToken CancellationToken
);
