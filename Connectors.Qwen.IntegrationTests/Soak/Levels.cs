using System.Diagnostics.Metrics;

namespace Connectors.Qwen.IntegrationTests.Soak;

/// <summary>What this process holds: what a leak would raise.</summary>
/// <param name="Bytes">Live objects, after a full collection.</param>
/// <param name="Sockets">Open sockets, those of the simulator included; 0 where they cannot be counted.</param>
/// <param name="Timers">Timers that run.</param>
/// <param name="Queued">Work that waits for a thread.</param>
/// <param name="Requests">HTTP requests on their way.</param>
internal readonly record struct Levels(long Bytes, int Sockets, long Timers, long Queued, long Requests)
{
    public override string ToString()
    {
        return FormattableString.Invariant(
            $"{Bytes / 1024.0 / 1024:0.00} MiB, {Sockets} sockets, {Timers} timers, {Queued} queued, {Requests} requests"
        );
    }

    private static int CountSockets()
    {
        const string Descriptors = "/proc/self/fd";
        return Directory.Exists(Descriptors)
            ? new DirectoryInfo(Descriptors)
                .EnumerateFileSystemInfos()
                // One that was closed meanwhile has no target any more.
                .Count(static file => file.LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true)
            : 0;
    }

    /// <summary>Counts what HttpClient has on its way, from before the client under test is made.</summary>
    internal sealed class Meter : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _requests;

        public Meter()
        {
            _listener.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument is { Name: "http.client.active_requests", Meter.Name: "System.Net.Http" })
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _requests, value));
            _listener.Start();
        }

        /// <summary>The levels now.</summary>
        public Levels Read()
        {
            // What has a finalizer is gone after the second one.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            return new Levels(
                GC.GetTotalMemory(forceFullCollection: false),
                CountSockets(),
                Timer.ActiveCount,
                ThreadPool.PendingWorkItemCount,
                Interlocked.Read(ref _requests)
            );
        }

        public void Dispose()
        {
            _listener.Dispose();
        }
    }
}
