namespace Connectors.Qwen.Testing;

/// <summary>A tool call in a simulated answer.</summary>
public sealed class QwenSimulatedToolCall
{
    /// <summary>Gets or sets the id of the call.</summary>
    /// <value>The default is the empty string: the simulator then makes up an id from the request and the position of the call.</value>
    public string Id { get; set; } = "";

    /// <summary>Gets or sets the name of the tool.</summary>
    public required string Name { get; set; }

    /// <summary>Gets or sets the arguments, sent as they are; they need not be valid JSON.</summary>
    /// <value>The default is <c>{}</c>.</value>
    public string Arguments { get; set; } = "{}";

    internal QwenSimulatedToolCall Copy() =>
        new()
        {
            Id = Id,
            Name = Name,
            Arguments = Arguments,
        };
}
