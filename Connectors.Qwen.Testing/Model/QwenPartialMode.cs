namespace Connectors.Qwen.Testing;

/// <summary>What the simulated server makes of a last message with <c>partial: true</c>, the prefix of the answer.</summary>
/// <remarks>
/// The service continues exactly. The other modes are those of servers that a client must not be misled by. In every mode a model
/// that thinks refuses the prefix, and so does one of which <see cref="QwenSimulatedModel.RefusesPartialMode"/> says so. Stop
/// sequences and token limits apply to what follows the prefix.
/// </remarks>
public enum QwenPartialMode
{
    /// <summary>
    /// The answer is exactly what follows the prefix: the rest of the text, which may be empty, and then the tool calls.
    /// </summary>
    /// <remarks>
    /// After a prefix that does not begin the model's text comes a digression, the same each time. A prefix that ends within
    /// the digression is followed by the rest of it.
    /// </remarks>
    Continue,

    /// <summary>White space at both ends of the prefix is dropped; the answer goes on after what is left.</summary>
    /// <remarks>
    /// So white space that ended the prefix is sent again. White space that begins the model's text is not missed in the prefix;
    /// when nothing is left of the prefix, the whole text is sent.
    /// </remarks>
    Trim,

    /// <summary>The whole prefix is sent again, and in the same answer what follows it.</summary>
    Echo,

    /// <summary>The prefix is ignored: the answer begins from the start, as if there were no last message.</summary>
    StartOver,

    /// <summary>The request is refused with HTTP 400, in the words of a model that has no partial mode.</summary>
    Refuse,
}
