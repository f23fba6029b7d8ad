namespace Connectors.Qwen.Testing.Tokens;

/// <summary>One device login and how far it has come. Not thread-safe: its authority's lock guards it.</summary>
internal sealed class DeviceLogin
{
    public required string DeviceCode { get; init; }

    public required string UserCode { get; init; }

    public required string ClientId { get; init; }

    public required string Challenge { get; init; }

    public required TimeSpan Lifetime { get; init; }

    public required DateTimeOffset End { get; set; }

    public DeviceLoginState State { get; set; }

    /// <summary>How many polls have been answered that it is pending.</summary>
    public int PendingPolls { get; set; }

    /// <summary>When it was last polled, as a timestamp of the simulator's clock.</summary>
    public long? LastPoll { get; set; }
}
