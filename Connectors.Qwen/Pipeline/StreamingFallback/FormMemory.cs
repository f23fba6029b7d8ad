using System.Collections.Concurrent;
using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Pipeline;

/// <summary>What a client has learned of the forms its models answer in. Thread-safe, bounded, and of this client alone.</summary>
internal sealed class FormMemory(StreamingFallbackOptions options, TimeProvider time, ILogger logger)
{
    // Models are named by callers; of more than these nothing is remembered.
    private const int MaxModels = 200;

    private readonly ConcurrentDictionary<string, bool> _streamOnly = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, StreamingCircuit> _circuits = new(StringComparer.Ordinal);

    /// <summary>Whether the model answers only as a stream.</summary>
    public bool IsStreamOnly(string model)
    {
        return !_streamOnly.IsEmpty && _streamOnly.ContainsKey(model);
    }

    /// <summary>The model has said that it answers only as a stream.</summary>
    public void LearnStreamOnly(string model)
    {
        if (_streamOnly.Count < MaxModels && _streamOnly.TryAdd(model, true))
        {
            logger.StreamOnlyModel(model);
        }
    }

    /// <summary>Whether to stream, or to ask for the whole answer at once.</summary>
    /// <param name="model">The model.</param>
    /// <param name="isTrial">Whether this stream decides if streaming is back; one that began before tells nothing new.</param>
    public bool MayStream(string model, out bool isTrial)
    {
        isTrial = false;
        if (_circuits.IsEmpty || !_circuits.TryGetValue(model, out var circuit) || IsStreamOnly(model))
        {
            return true;
        }

        lock (circuit)
        {
            isTrial = circuit.IsSuspended;
            return circuit.MayStream(time.GetUtcNow());
        }
    }

    /// <summary>Streaming failed where the other form would do.</summary>
    public void StreamFailed(string model)
    {
        if (options.FailureThreshold == 0 || (_circuits.Count >= MaxModels && !_circuits.ContainsKey(model)))
        {
            return;
        }

        bool isSuspended;
        var circuit = _circuits.GetOrAdd(model, static (_, options) => new StreamingCircuit(options), options);
        lock (circuit)
        {
            isSuspended = circuit.Failed(time.GetUtcNow());
        }

        if (isSuspended)
        {
            logger.StreamingSuspended(model, options.BreakDuration.TotalSeconds);
        }
    }

    /// <summary>A stream began as it should.</summary>
    public void StreamBegan(string model)
    {
        if (!_circuits.IsEmpty && _circuits.TryGetValue(model, out var circuit))
        {
            lock (circuit)
            {
                circuit.Began();
            }
        }
    }

    /// <summary>The stream that was to try it began as it should.</summary>
    public void StreamWorked(string model)
    {
        if (_circuits.IsEmpty || !_circuits.TryGetValue(model, out var circuit))
        {
            return;
        }

        bool isResumed;
        lock (circuit)
        {
            isResumed = circuit.Succeeded();
        }

        if (isResumed)
        {
            logger.StreamingResumed(model);
        }
    }
}
