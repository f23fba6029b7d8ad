namespace Connectors.Qwen;

/// <summary>When a call changes its form: the options of <see cref="StreamingFallbackChatClient"/>.</summary>
/// <remarks>Read when a client is created; later changes have no effect. Not thread-safe.</remarks>
public sealed class StreamingFallbackOptions
{
    /// <summary>Whether a stream that fails before its first word is asked for again without streaming.</summary>
    /// <value>The default is true.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>Says what the exceptions of a foreign inner client mean; null from it means "not known".</summary>
    /// <value>The default is null: <see cref="QwenException"/> and the base class library's exceptions are known anyway.</value>
    public Func<Exception, QwenFailureKind?>? Classify { get; set; }

    /// <summary>A copy: what the owner of the options does later has no effect.</summary>
    internal StreamingFallbackOptions Freeze()
    {
        return (StreamingFallbackOptions)MemberwiseClone();
    }
}
