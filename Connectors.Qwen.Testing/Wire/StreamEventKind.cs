namespace Connectors.Qwen.Testing.Wire;

/// <summary>What an event of a stream is for.</summary>
internal enum StreamEventKind
{
    /// <summary>Opens the answer and carries nothing else.</summary>
    Role,

    /// <summary>Carries text, reasoning or a piece of a tool call.</summary>
    Content,

    /// <summary>Carries nothing, as the service's empty last piece of arguments.</summary>
    Filler,

    /// <summary>Carries the finish reason.</summary>
    Finish,

    /// <summary>Carries the usage and no choice.</summary>
    Usage,

    /// <summary>The end marker.</summary>
    Done,
}
