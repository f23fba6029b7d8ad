namespace Connectors.Qwen.Credentials;

/// <summary>The address a login names: with or without scheme, <c>/v1</c> and a slash at the end, or not at all.</summary>
internal static class ResourceUrl
{
    /// <summary>The base address; null when there is none. Whether it may be used is judged where it is used.</summary>
    public static Uri? Parse(string? resourceUrl)
    {
        if (string.IsNullOrWhiteSpace(resourceUrl))
        {
            return null;
        }

        var text = resourceUrl.Trim();
        if (!text.Contains("://", StringComparison.Ordinal))
        {
            text = "https://" + text;
        }

        text = text.TrimEnd('/');

        if (!text.EndsWith("/v1", StringComparison.Ordinal))
        {
            text += "/v1";
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri : null;
    }
}
