using System.Net.Http.Headers;

namespace Connectors.Qwen;

/// <summary>Who we are. Never another product: the service decides access to some plans by the User-Agent.</summary>
internal static class QwenProduct
{
    public const string Name = "Connectors.Qwen";

    public static string Version { get; } = typeof(QwenProduct).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    public static ProductInfoHeaderValue UserAgent { get; } = new(Name, Version);
}
