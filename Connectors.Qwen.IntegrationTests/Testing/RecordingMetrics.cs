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
            (instrument, value, tags, _) =>
            {
                Add(instrument.Name, value);
                foreach (var (tag, said) in tags)
                {
                    Add(Key(instrument.Name, tag, said), value);
                }
            }
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

    /// <summary>The same of what was counted with this tag.</summary>
    public long Sum(string instrument, string tag, object value)
    {
        return _sums.GetValueOrDefault(Key(instrument, tag, value));
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

    private void Add(string key, long value)
    {
        _sums.AddOrUpdate(key, value, (_, sum) => sum + value);
    }

    private static string Key(string instrument, string tag, object? value)
    {
        return $"{instrument} {tag}={value}";
    }
}
