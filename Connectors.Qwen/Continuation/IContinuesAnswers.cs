using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Continuation;

/// <summary>
/// What an inner client can say about going on with an answer that broke off: the pipeline asks for it with <c>GetService</c>, and knows
/// nothing else of the client.
/// </summary>
internal interface IContinuesAnswers
{
    /// <summary>Reads from the options of a call what continuing its answer depends on. Sends nothing.</summary>
    RequestTraits Inspect(ChatOptions? options);

    /// <summary>Whether the model takes the beginning of an answer and goes on with it, by the service's own word.</summary>
    /// <returns>Null when the service has not said so, or could not be asked now.</returns>
    ValueTask<bool?> ContinuesAsync(string model, CancellationToken cancellationToken);
}
