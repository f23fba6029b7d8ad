using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Connectors.Qwen.IntegrationTests.Testing;

/// <summary>Adds up what the library's meter counts while it lives. Other tests count too: compare with at least.</summary>
internal sealed class RecordingMetrics : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _sums = new();
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
        _listener.Start();
    }

    public long Sum(string instrument)
    {
        return _sums.GetValueOrDefault(instrument);
    }

    public void Dispose()
    {
        _listener.Dispose();
    }
}
