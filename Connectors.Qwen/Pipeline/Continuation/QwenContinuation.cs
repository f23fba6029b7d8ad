namespace Connectors.Qwen;

/// <summary>What is done about a stream that breaks off after its first word.</summary>
public enum QwenContinuation
{
    /// <summary>The server is asked to go on where it broke off.</summary>
    On,

    /// <summary>Nothing is asked; what would have been done is logged (event 316), and the call fails as if it were off.</summary>
    ReportOnly,

    /// <summary>The call fails with the text that came.</summary>
    Off,
}
