namespace Connectors.Qwen.Testing.Serving;

/// <summary>Where the simulator serves what.</summary>
internal static class SimulatorPaths
{
    public const string Endpoint = "/compatible-mode/v1";
    public const string Chat = Endpoint + "/chat/completions";
    public const string Token = "/api/v1/oauth2/token";

    public static ExchangeKind KindOf(string method, string path) =>
        (method, path) switch
        {
            ("POST", Chat) => ExchangeKind.Chat,
            ("POST", Token) => ExchangeKind.Token,
            _ => ExchangeKind.Unknown,
        };
}
