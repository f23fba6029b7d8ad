using Connectors.Qwen.Errors;

namespace Connectors.Qwen;

/// <summary>How an OAuth login is renewed.</summary>
/// <remarks>
/// The vendor's free OAuth tier ended on 2026-04-15: its own token server now refuses. The defaults are its last known
/// addresses; set your own for a server that still speaks the protocol (RFC 6749, section 6).
/// </remarks>
public sealed class QwenOAuthOptions
{
    /// <summary>Where tokens are renewed; https, or loopback.</summary>
    /// <value>The default is <c>https://chat.qwen.ai/api/v1/oauth2/token</c>.</value>
    public Uri TokenEndpoint { get; set; } = new("https://chat.qwen.ai/api/v1/oauth2/token");

    /// <summary>The public client id.</summary>
    /// <value>The default is that of the vendor's command line client.</value>
    public string ClientId { get; set; } = "f0304373b74a44d2b584a3fb70ca9e56";

    /// <summary>How long before its end a token is renewed before use. Zero or more.</summary>
    /// <value>The default is 30 seconds. A token that lives less than two minutes uses a quarter of its life.</value>
    public TimeSpan RefreshBuffer { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest a renewal may take. More than zero.</summary>
    /// <value>The default is 5 seconds.</value>
    public TimeSpan RefreshTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A checked copy: what the owner of the options does later has no effect.</summary>
    internal QwenOAuthOptions Freeze()
    {
        Validate();
        return (QwenOAuthOptions)MemberwiseClone();
    }

    private void Validate()
    {
        if (EndpointRules.Refusal(TokenEndpoint) is { } refusal)
        {
            throw new ArgumentException($"{nameof(TokenEndpoint)} cannot be used: {refusal}", nameof(TokenEndpoint));
        }

        ArgumentException.ThrowIfNullOrWhiteSpace(ClientId);
        ArgumentOutOfRangeException.ThrowIfLessThan(RefreshBuffer, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RefreshTimeout, TimeSpan.Zero);
    }
}
