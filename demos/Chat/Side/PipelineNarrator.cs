using Microsoft.Extensions.Logging;

namespace Connectors.Qwen.Demos.Chat.Side;

/// <summary>Listens to what the library logs and tells it in short lines to the answer that is being shown.</summary>
/// <remarks>One answer at a time is shown, so one listener is enough; renewals log from threads of their own.</remarks>
internal sealed class PipelineNarrator : ILoggerProvider
{
    private volatile Action<string>? _listener;
    private int _requests;

    /// <summary>How many requests for answers the library has sent.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Tells what happens to a listener until the returned object is disposed.</summary>
    public IDisposable TellTo(Action<string> listener)
    {
        _listener = listener;
        return new Listening(this);
    }

    public ILogger CreateLogger(string categoryName)
    {
        return new NarratingLogger(this);
    }

    public void Dispose()
    {
        _listener = null;
    }

    internal void Hear(int eventId, string? line)
    {
        if (eventId == PipelineStory.Asking)
        {
            Interlocked.Increment(ref _requests);
        }

        if (line is not null)
        {
            _listener?.Invoke(line);
        }
    }

    private sealed class Listening(PipelineNarrator narrator) : IDisposable
    {
        public void Dispose()
        {
            narrator._listener = null;
        }
    }
}
