using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Demos.Chat.Side;

/// <summary>Turns log events into lines for people, by event id and by the named values of the event.</summary>
internal sealed class NarratingLogger(PipelineNarrator narrator) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        return null;
    }

    public bool IsEnabled(LogLevel logLevel)
    {
        return logLevel >= LogLevel.Debug;
    }

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    )
    {
        var values = new Dictionary<string, object?>();
        foreach (var (name, value) in state as IEnumerable<KeyValuePair<string, object?>> ?? [])
        {
            values[name] = value;
        }

        // What this program does not know is told in the library's own words, if it matters.
        var line =
            PipelineStory.Tell(eventId.Id, values)
            ?? (
                logLevel >= LogLevel.Information && !PipelineStory.IsTold(eventId.Id)
                    ? formatter(state, exception)
                    : null
            );
        narrator.Hear(eventId.Id, line);
    }
}
