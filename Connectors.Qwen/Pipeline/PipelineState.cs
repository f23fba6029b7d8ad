namespace Connectors.Qwen.Pipeline;

/// <summary>
/// What a pipeline has learned and counted: circuits, budget, who only streams, and so on. It is handed on when a pipeline is composed anew with
/// other options; a part whose own settings have changed begins anew. Thread-safe.
/// </summary>
internal sealed class PipelineState
{
    private readonly Dictionary<Type, (object Settings, object Part)> _parts = [];

    /// <summary>The part that there is, if it was made with equal settings; else a new one in its place.</summary>
    public T Keep<T>(object settings, Func<T> make)
        where T : class
    {
        lock (_parts)
        {
            if (_parts.TryGetValue(typeof(T), out var kept) && kept.Settings.Equals(settings))
            {
                return (T)kept.Part;
            }

            var part = make();
            _parts[typeof(T)] = (settings, part);
            return part;
        }
    }

    /// <summary>A part that does not depend on options.</summary>
    public T Keep<T>()
        where T : class, new()
    {
        return Keep<T>("", static () => new T());
    }

    /// <summary>The part that there is, if any.</summary>
    public T? Find<T>()
        where T : class
    {
        lock (_parts)
        {
            return _parts.TryGetValue(typeof(T), out var kept) ? (T)kept.Part : null;
        }
    }
}
