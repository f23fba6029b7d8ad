using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.UnitTests.Testing.Tokens;

/// <summary>Keeps what was logged, in order.</summary>
internal sealed class RecordingLogger : ILogger
{
    private readonly ConcurrentQueue<(int Id, LogLevel Level, string Text)> _entries = new();

    public IReadOnlyList<(int Id, LogLevel Level, string Text)> Entries => [.. _entries];

    /// <summary>What whoever reads the log does at once when an event of this id comes.</summary>
    public Action<int>? Heard { get; set; }

    /// <summary>Makes this logger for whoever asks.</summary>
    public ILoggerFactory AsFactory()
    {
        return new OneLogger(this);
    }

    /// <summary>The event ids of everything from this level on.</summary>
    public int[] Ids(LogLevel least = LogLevel.Information)
    {
        return [.. _entries.Where(e => e.Level >= least).Select(e => e.Id)];
    }

    public int Count(int id)
    {
        return _entries.Count(e => e.Id == id);
    }

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        _entries.Enqueue((eventId.Id, logLevel, formatter(state, exception)));
        Heard?.Invoke(eventId.Id);
    }

    public bool IsEnabled(LogLevel logLevel)
    {
        return true;
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        return null;
    }

    private sealed class OneLogger(RecordingLogger logger) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName)
        {
            return logger;
        }

        public void AddProvider(ILoggerProvider provider) { }

        public void Dispose() { }
    }
}
