namespace Connectors.Qwen.Testing.Serving;

/// <summary>Where the simulator serves what.</summary>
internal static class SimulatorPaths
{
    public const string Endpoint = "/compatible-mode/v1";
    public const string Chat = Endpoint + "/chat/completions";
    public const string Token = "/api/v1/oauth2/token";
    public const string DeviceCode = "/api/v1/oauth2/device/code";
    public const string TemporaryKey = "/api/v1/tokens";

    /// <summary>Where a person would confirm a device login; no page is there.</summary>
    public const string Device = "/device";

    public static ExchangeKind KindOf(string method, string path) =>
        (method, path) switch
        {
            ("POST", Chat) => ExchangeKind.Chat,
            ("POST", Token) => ExchangeKind.Token,
            ("POST", DeviceCode) => ExchangeKind.Device,
            ("POST", TemporaryKey) => ExchangeKind.TemporaryKey,
            _ => ExchangeKind.Unknown,
        };
}
