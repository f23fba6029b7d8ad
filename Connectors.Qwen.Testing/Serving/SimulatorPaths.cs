namespace Connectors.Qwen.Testing.Serving;

/// <summary>Where the simulator serves what.</summary>
internal static class SimulatorPaths
{
    public const string Endpoint = "/compatible-mode/v1";
    public const string Chat = Endpoint + "/chat/completions";
    public const string Embeddings = Endpoint + "/embeddings";
    public const string Token = "/api/v1/oauth2/token";
    public const string DeviceCode = "/api/v1/oauth2/device/code";
    public const string TemporaryKey = "/api/v1/tokens";
    public const string ModelCatalogue = "/api/v1/models";

    /// <summary>Where a person would confirm a device login; no page is there.</summary>
    public const string Device = "/device";

    public static ExchangeKind KindOf(string method, string path) =>
        (method, path) switch
        {
            ("POST", Chat) => ExchangeKind.Chat,
            ("POST", Embeddings) => ExchangeKind.Embeddings,
            ("POST", Token) => ExchangeKind.Token,
            ("POST", DeviceCode) => ExchangeKind.Device,
            ("POST", TemporaryKey) => ExchangeKind.TemporaryKey,
            ("GET", ModelCatalogue) => ExchangeKind.ModelCatalogue,
            _ => ExchangeKind.Unknown,
        };
}
