using Microsoft.Extensions.AI;

namespace Connectors.Qwen.Continuation;

/// <summary>An update that holds the JSON of a chunk which said nothing: for whoever keeps it, and no progress for any clock.</summary>
internal sealed class SilentUpdate : ChatResponseUpdate;
