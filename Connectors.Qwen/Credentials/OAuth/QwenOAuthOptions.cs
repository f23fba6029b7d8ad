using Connectors.Qwen.Errors;

namespace Connectors.Qwen;

/// <summary>Where an OAuth login comes from, where it is kept and how it is renewed.</summary>
/// <remarks>
/// The vendor's free OAuth tier ended on 2026-04-15: its own token server now refuses. The defaults are its last known
/// addresses (qwen-code 0.24.4); set your own for a server that still speaks the protocol (RFC 6749, section 6; RFC 8628).
/// </remarks>
public sealed class QwenOAuthOptions : QwenRefreshOptions
{
    internal const string EndOfTheFreeTier =
        "The vendor's free OAuth tier ended on 2026-04-15: an API key is the way that stays.";

    /// <summary>The file of the login; may begin with <c>~/</c>. In a configuration it switches the login on.</summary>
    /// <value>The default is null: a store has to be handed in. See <see cref="FileCredentialStore.DefaultPath"/> for where the vendor's
    /// command line client keeps its login; it is not used unless you name it.</value>
    public string? CredentialsPath { get; set; }

    /// <summary>Where tokens are renewed; https, or loopback.</summary>
    /// <value>The default is <c>https://chat.qwen.ai/api/v1/oauth2/token</c>.</value>
    public Uri TokenEndpoint { get; set; } = new("https://chat.qwen.ai/api/v1/oauth2/token");

    /// <summary>Where a device login begins; https, or loopback.</summary>
    /// <value>The default is <c>https://chat.qwen.ai/api/v1/oauth2/device/code</c>.</value>
    public Uri DeviceCodeEndpoint { get; set; } = new("https://chat.qwen.ai/api/v1/oauth2/device/code");

    /// <summary>The public client id.</summary>
    /// <value>The default is that of the vendor's command line client.</value>
    public string ClientId { get; set; } = "f0304373b74a44d2b584a3fb70ca9e56";

    /// <summary>What a device login asks for.</summary>
    /// <value>The default is <c>openid profile email model.completion</c>.</value>
    public string Scope { get; set; } = "openid profile email model.completion";

    internal override OptionFaults Faults()
    {
        var faults = base.Faults();
        EndpointRules.Check(faults, TokenEndpoint, nameof(TokenEndpoint));
        EndpointRules.Check(faults, DeviceCodeEndpoint, nameof(DeviceCodeEndpoint));
        if (string.IsNullOrWhiteSpace(ClientId))
        {
            faults.Add(nameof(ClientId), "is empty. Leave it as it is for the vendor's client.");
        }

        if (Scope is null)
        {
            faults.Add(nameof(Scope), "is null. Leave it as it is, or set it to an empty text.");
        }

        return faults;
    }
}
