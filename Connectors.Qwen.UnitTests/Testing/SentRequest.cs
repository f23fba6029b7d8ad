namespace Connectors.Qwen.UnitTests.Testing;

/// <summary>One request as it would stand on the wire.</summary>
internal sealed record SentRequest(
    string Line,
    IReadOnlyDictionary<string, string> Headers,
    string? ContentType,
    string Body
)
{
    public static async Task<SentRequest> ReadAsync(HttpRequestMessage request)
    {
        return new SentRequest(
            $"{request.Method} {request.RequestUri}",
            request.Headers.ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase),
            request.Content?.Headers.ContentType?.ToString(),
            request.Content is null ? "" : await request.Content.ReadAsStringAsync()
        );
    }
}
