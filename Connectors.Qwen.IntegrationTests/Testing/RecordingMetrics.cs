using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Connectors.Qwen.IntegrationTests.Testing;

/// <summary>Adds up what the library's meter counts while it lives. Other tests count too: compare with at least.</summary>
internal sealed class RecordingMetrics : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _sums = new();
    private readonly ConcurrentDictionary<string, int> _counts = new();
    private readonly MeterListener _listener = new();

    public RecordingMetrics()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Connectors.Qwen")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(
            (instrument, value, _, _) => _sums.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value)
        );
        _listener.SetMeasurementEventCallback<double>(
            (instrument, _, _, _) => _counts.AddOrUpdate(instrument.Name, 1, static (_, count) => count + 1)
        );
        _listener.Start();
    }

    public long Sum(string instrument)
    {
        return _sums.GetValueOrDefault(instrument);
    }

    /// <summary>How often a histogram was told something.</summary>
    public int Count(string histogram)
    {
        return _counts.GetValueOrDefault(histogram);
    }

    public void Dispose()
    {
        _listener.Dispose();
    }
}
