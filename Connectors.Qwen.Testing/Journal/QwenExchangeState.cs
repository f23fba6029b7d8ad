namespace Connectors.Qwen.Testing;

/// <summary>How far an exchange has come.</summary>
public enum QwenExchangeState
{
    /// <summary>The request has been read; nothing has been answered.</summary>
    Received,

    /// <summary>The status and headers have been written.</summary>
    Responding,

    /// <summary>The simulator has stopped writing, as scripted, and holds the connection open.</summary>
    Silent,

    /// <summary>The answer has been written to its end, as scripted: an error or a cut stream counts too.</summary>
    Completed,

    /// <summary>The simulator has reset the connection, as scripted or because it was disposed.</summary>
    Aborted,

    /// <summary>The client closed the connection before the answer was complete.</summary>
    ClientLeft,
}
