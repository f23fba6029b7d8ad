using Connectors.Qwen.Pipeline;

namespace Connectors.Qwen;

/// <summary>When a call changes its form: the options of <see cref="StreamingFallbackChatClient"/>.</summary>
/// <remarks>Read when a client is created; later changes have no effect. Not thread-safe.</remarks>
public sealed class StreamingFallbackOptions
{
    /// <summary>Whether a stream that fails before its first word is asked for again without streaming.</summary>
    /// <value>The default is true.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>Whether a whole answer that the server cannot give (a model that only streams, an answer that takes longer than the server
    /// waits) is asked for again as a stream and put together here.</summary>
    /// <value>The default is true.</value>
    public bool UpgradeToStreaming { get; set; } = true;

    /// <summary>How many streams of one model must fail within <see cref="FailureWindow"/>, before their first word while the whole answer came or
    /// after it, until its calls go without streaming at once; they must be a fifth of its streams. Zero or more; zero for never.</summary>
    /// <value>The default is 3.</value>
    public int FailureThreshold { get; set; } = 3;

    /// <summary>The time over which failures of streams are counted. More than zero.</summary>
    /// <value>The default is 10 minutes.</value>
    public TimeSpan FailureWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the calls of a model then go without streaming, until one of them tries it again. More than zero.</summary>
    /// <value>The default is 5 minutes.</value>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Says what the exceptions of a foreign inner client mean; null from it means "not known".</summary>
    /// <value>The default is null: <see cref="QwenException"/> and the base class library's exceptions are known anyway.</value>
    public Func<Exception, QwenFailureKind?>? Classify { get; set; }

    /// <summary>A checked copy: what the owner of the options does later has no effect.</summary>
    internal StreamingFallbackOptions Freeze()
    {
        OptionRange.Check(FailureThreshold, 0, int.MaxValue);
        OptionRange.Check(FailureWindow, TimeSpan.FromTicks(1), TimeSpan.MaxValue);
        OptionRange.Check(BreakDuration, TimeSpan.FromTicks(1), TimeSpan.FromDays(3650));
        return (StreamingFallbackOptions)MemberwiseClone();
    }
}
