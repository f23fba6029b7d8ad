using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Soak;

/// <summary>How a call ends.</summary>
internal enum SoakEnd
{
    /// <summary>With the whole answer.</summary>
    Whole,

    /// <summary>The caller stops reading with the first words.</summary>
    Left,

    /// <summary>The caller cancels with the first words.</summary>
    Cancelled,

    /// <summary>The caller cancels as soon as the server has the request.</summary>
    CancelledEarly,
}

/// <summary>What goes wrong with one call.</summary>
/// <param name="Row">Its row of the fault table.</param>
/// <param name="Behaviors">What the server does with the requests of the call, one after another; the others are answered.</param>
internal sealed record SoakFault(string Row, params IReadOnlyList<QwenBehavior> Behaviors)
{
    public static readonly SoakFault None = new("no fault");

    public static readonly SoakFault TokenWithdrawn = new("A5") { WithdrawsToken = true };

    public SoakEnd End { get; init; }

    /// <summary>Whether the token of the first request is withdrawn, and with it that of all others who are on their way.</summary>
    public bool WithdrawsToken { get; init; }

    /// <summary>How many requests the server sees of it, those apart that it rejects for their token.</summary>
    public int Requests { get; init; } = Behaviors.Count + 1;

    /// <summary>After how many chunks it happens, for those who look into it.</summary>
    public int? After { get; init; }

    public override string ToString()
    {
        return $"{Row}{(After is { } chunks ? $" after {chunks} chunks" : "")}{(End == SoakEnd.Whole ? "" : $" ({End})")}";
    }
}
