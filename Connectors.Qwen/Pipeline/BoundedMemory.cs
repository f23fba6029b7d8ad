using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Connectors.Qwen.Pipeline;

/// <summary>
/// What a client has learned, by model. Thread-safe and bounded: models are named by callers, so of more than some nothing is kept.
/// </summary>
internal sealed class BoundedMemory<TKey, TValue>
    where TKey : notnull
{
    private const int MaxEntries = 200;

    private readonly ConcurrentDictionary<TKey, TValue> _entries = new();

    private bool IsFull => _entries.Count >= MaxEntries;

    /// <summary>All that is known now.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> Entries => _entries;

    /// <summary>What is known.</summary>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue known)
    {
        return _entries.TryGetValue(key, out known);
    }

    /// <summary>Remembers, in the place of what was known.</summary>
    public void Set(TKey key, TValue known)
    {
        if (!IsFull || _entries.ContainsKey(key))
        {
            _entries[key] = known;
        }
    }

    /// <summary>Remembers what is new.</summary>
    /// <returns>Whether it is new, and there is room for it.</returns>
    public bool TryAdd(TKey key, TValue known)
    {
        return !IsFull && _entries.TryAdd(key, known);
    }

    /// <summary>What is known, made now if nothing is.</summary>
    /// <returns>False when nothing is known and there is no room.</returns>
    public bool TryGetOrAdd(TKey key, Func<TKey, TValue> make, [MaybeNullWhen(false)] out TValue known)
    {
        if (_entries.TryGetValue(key, out known))
        {
            return true;
        }

        known = IsFull ? default : _entries.GetOrAdd(key, make);
        return known is not null;
    }
}
