using Connectors.Qwen.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Pipeline;

/// <summary>What a client has learned of the forms its models answer in, at each endpoint. Thread-safe, bounded, and of this client alone.</summary>
internal sealed class FormMemory(StreamingFallbackOptions options, TimeProvider time, ILogger logger)
{
    private readonly BoundedMemory<ModelAt, bool> _streamOnly = new();
    private readonly BoundedMemory<ModelAt, StreamingCircuit> _circuits = new();
    private readonly BoundedMemory<ModelAt, WholeAnswers> _wholes = new();

    /// <summary>The models whose calls go without streaming for now.</summary>
    public IReadOnlyList<string> Suspended
    {
        get
        {
            var models = new List<string>();
            foreach (var (model, circuit) in _circuits.Entries)
            {
                lock (circuit)
                {
                    if (circuit.IsSuspended)
                    {
                        models.Add(model.ToString());
                    }
                }
            }

            return models;
        }
    }

    /// <summary>Whether the model answers only as a stream.</summary>
    public bool IsStreamOnly(ModelAt model)
    {
        return _streamOnly.TryGet(model, out _);
    }

    /// <summary>The model has said that it answers only as a stream.</summary>
    public void LearnStreamOnly(ModelAt model)
    {
        if (_streamOnly.TryAdd(model, true))
        {
            logger.StreamOnlyModel(model.ToString());
        }
    }

    /// <summary>What is known of whole answers where streams fail; null where there is no room to know it.</summary>
    public WholeAnswers? WholeOf(ModelAt model)
    {
        return _wholes.TryGetOrAdd(model, _ => new WholeAnswers(time), out var whole) ? whole : null;
    }

    /// <summary>Whether to stream, or to ask for the whole answer at once.</summary>
    /// <param name="model">The model.</param>
    /// <param name="isTrial">Whether this stream decides if streaming is back; one that began before tells nothing new.</param>
    public bool MayStream(ModelAt model, out bool isTrial)
    {
        isTrial = false;
        if (!_circuits.TryGet(model, out var circuit) || IsStreamOnly(model))
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
    public void StreamFailed(ModelAt model)
    {
        if (
            options.FailureThreshold == 0
            || !_circuits.TryGetOrAdd(model, _ => new StreamingCircuit(options), out var circuit)
        )
        {
            return;
        }

        bool isSuspended;
        lock (circuit)
        {
            isSuspended = circuit.Failed(time.GetUtcNow());
        }

        if (isSuspended)
        {
            logger.StreamingSuspended(model.ToString(), options.BreakDuration.TotalSeconds);
        }
    }

    /// <summary>A stream began as it should.</summary>
    public void StreamBegan(ModelAt model)
    {
        if (_circuits.TryGet(model, out var circuit))
        {
            lock (circuit)
            {
                circuit.Began();
            }
        }
    }

    /// <summary>The stream that was to try it began as it should.</summary>
    public void StreamWorked(ModelAt model)
    {
        if (!_circuits.TryGet(model, out var circuit))
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
            logger.StreamingResumed(model.ToString());
        }
    }
}
