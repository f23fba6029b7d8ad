using System.Collections.Concurrent;
using Connectors.Qwen.Mapping;

namespace Connectors.Qwen.Client;

/// <summary>
/// How many texts one request to a model may hold: what the user says, else what is documented, and never more than what a
/// server has said when it refused. Thread-safe and bounded: models are named by callers.
/// </summary>
internal sealed class BatchLimits(int? maxBatchSize)
{
    private const int MaxEntries = 200;

    private readonly ConcurrentDictionary<string, int> _learned = new(StringComparer.Ordinal);

    public int Of(string model)
    {
        var limit = maxBatchSize ?? EmbeddingFamilies.Of(model).MaxTexts;
        return _learned.TryGetValue(model, out var learned) ? Math.Min(limit, learned) : limit;
    }

    /// <summary>Remembers what the server has said of a model. Where there is no room, the next call asks again.</summary>
    public void Learn(string model, int limit)
    {
        if (_learned.Count < MaxEntries || _learned.ContainsKey(model))
        {
            _learned[model] = limit;
        }
    }
}
