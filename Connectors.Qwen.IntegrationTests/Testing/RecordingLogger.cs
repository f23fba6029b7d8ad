using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.IntegrationTests.Testing;

/// <summary>Keeps what was logged.</summary>
internal sealed class RecordingLogger : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, int Id, string Text)> _entries = new();

    // Renewals run without the ambient state of those who start them, so it is taken when the logger is made.
    private readonly SecretWatch? _watch = SecretWatch.Current;

    public IReadOnlyCollection<(LogLevel Level, int Id, string Text)> Entries => _entries;

    public bool Has(int id)
    {
        return _entries.Any(entry => entry.Id == id);
    }

    public int Count(int id)
    {
        return _entries.Count(entry => entry.Id == id);
    }

    /// <summary>Waits until an event was logged so many times.</summary>
    public Task WaitForAsync(int id, int count = 1)
    {
        return WaitForAsync(() => Count(id) >= count, $"event {id}, {count} times");
    }

    /// <summary>Waits until what was logged is as it should be.</summary>
    public async Task WaitForAsync(Func<bool> condition, string what)
    {
        for (var waited = Stopwatch.StartNew(); !condition(); )
        {
            Assert.True(
                waited.Elapsed < TimeSpan.FromMinutes(1),
                $"Not logged: {what}. Logged: {string.Join(", ", Entries.Select(static entry => entry.Id))}"
            );
            await Task.Delay(TimeSpan.FromMilliseconds(2), TestContext.Current.CancellationToken);
        }
    }

    public ILogger CreateLogger(string categoryName)
    {
        return this;
    }

    public void AddProvider(ILoggerProvider provider) { }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        _watch?.See("log scope", state);
        return null;
    }

    public bool IsEnabled(LogLevel logLevel)
    {
        return true;
    }

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        var text = formatter(state, exception);
        _watch?.See($"log {eventId.Id}", text);
        _watch?.See($"state of log {eventId.Id}", state);
        _watch?.See($"exception of log {eventId.Id}", exception);
        _entries.Enqueue((logLevel, eventId.Id, text + exception));
    }

    public void Dispose() { }
}
