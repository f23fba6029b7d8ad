namespace Connectors.Qwen.Errors;

/// <summary>What can be said about an endpoint and a key without asking the server.</summary>
internal static class EndpointRules
{
    /// <summary>Checks the options of a client.</summary>
    /// <exception cref="ArgumentException">A value cannot be used; the message names it and says why.</exception>
    public static void Check(QwenClientOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ModelId))
        {
            throw new ArgumentException("ModelId is empty. Name a model, for example \"qwen3-max\".", nameof(options));
        }

        if (options.Endpoint is { } endpoint && Refusal(endpoint) is { } refusal)
        {
            throw new ArgumentException($"Endpoint cannot be used: {refusal}", nameof(options));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxEventBytes, 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxResponseBytes, 1024);
    }

    /// <summary>Checks that a key may belong to an endpoint.</summary>
    /// <exception cref="ArgumentException">It cannot; the message names both kinds and never the key.</exception>
    public static void CheckKey(Uri? endpoint, string key)
    {
        if (Mismatch(endpoint ?? QwenEndpoints.Beijing, key.Trim()) is { } mismatch)
        {
            throw new ArgumentException(mismatch, nameof(key));
        }
    }

    /// <summary>Why the address cannot be used, or null. Keys and prompts go over TLS, or stay on this machine.</summary>
    public static string? Refusal(Uri endpoint)
    {
        if (!endpoint.IsAbsoluteUri || endpoint.Scheme is not ("https" or "http"))
        {
            // What stands before an @ may be a password, and a key may stand in the wrong place.
            var text = endpoint.OriginalString;
            var isSecret =
                text.Contains('@', StringComparison.Ordinal) || text.StartsWith("sk-", StringComparison.Ordinal);
            var seen = isSecret ? "it" : $"'{text}'";
            return $"{seen} is not an absolute http(s) address. Example: {QwenEndpoints.Beijing}";
        }

        return endpoint.Query.Length > 0 || endpoint.Fragment.Length > 0 ? "it holds a query or a fragment."
            : endpoint.AbsolutePath.TrimEnd('/').EndsWith("/chat/completions", StringComparison.OrdinalIgnoreCase)
                ? "leave out /chat/completions: it is added."
            : endpoint.UserInfo.Length > 0 ? "it holds a user name or password. Hand the key in on its own."
            : endpoint.Scheme == Uri.UriSchemeHttp && !endpoint.IsLoopback
                ? $"http://{endpoint.Authority} is not encrypted. Use https, or a loopback address."
            : null;
    }

    /// <summary>Why a key cannot belong to an endpoint, or null when it may. Never repeats the key.</summary>
    public static string? Mismatch(Uri endpoint, string key)
    {
        var isPlanHost = IsPlanHost(endpoint.Host);
        if (IsPlanKey(key))
        {
            return isPlanHost || !IsModelStudioHost(endpoint.Host)
                ? null
                : $"A plan key (sk-sp-...) does not work at {endpoint.Host}. "
                    + $"Use a plan's endpoint, for example {QwenEndpoints.CodingPlan}, or a Model Studio key.";
        }

        return isPlanHost && IsModelStudioKey(key)
            ? $"A Model Studio key (sk-...) does not work at the plan endpoint {endpoint.Host}. "
                + $"Use {QwenEndpoints.Beijing} or the endpoint of your region, or the plan's own key (sk-sp-...)."
            : null;
    }

    private static bool IsPlanKey(string key)
    {
        return key.StartsWith("sk-sp-", StringComparison.Ordinal)
            || key.StartsWith("sk-tok-", StringComparison.Ordinal);
    }

    // The classic form: "sk-" and 32 hexadecimal digits. Anything else may be a kind we do not know yet.
    private static bool IsModelStudioKey(string key)
    {
        return key.Length == 35
            && key.StartsWith("sk-", StringComparison.Ordinal)
            && key.AsSpan(3).IndexOfAnyExcept(System.Buffers.SearchValues.Create("0123456789abcdefABCDEF")) < 0;
    }

    private static bool IsPlanHost(string host)
    {
        return host is "coding.dashscope.aliyuncs.com" or "coding-intl.dashscope.aliyuncs.com"
            || (
                host.StartsWith("token-plan.", StringComparison.OrdinalIgnoreCase)
                && host.EndsWith(".maas.aliyuncs.com", StringComparison.OrdinalIgnoreCase)
            );
    }

    private static bool IsModelStudioHost(string host)
    {
        return host
            is "dashscope.aliyuncs.com"
                or "dashscope-intl.aliyuncs.com"
                or "dashscope-us.aliyuncs.com"
                or "cn-hongkong.dashscope.aliyuncs.com";
    }
}
