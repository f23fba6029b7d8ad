namespace Connectors.Qwen.Errors;

/// <summary>What can be said about an endpoint and a key without asking the server.</summary>
internal static class EndpointRules
{
    private const string ClosedLoginHost = "portal.qwen.ai";

    /// <summary>Checks the options of a client.</summary>
    /// <exception cref="ArgumentException">A value cannot be used; the message names it and says why.</exception>
    public static void Check(QwenClientOptions options)
    {
        Faults(options).ThrowIfAny(nameof(options));
    }

    /// <summary>What is wrong with the options of a client.</summary>
    public static OptionFaults Faults(QwenClientOptions options)
    {
        var faults = new OptionFaults();
        if (string.IsNullOrWhiteSpace(options.ModelId))
        {
            faults.Add(nameof(options.ModelId), "is empty. Name a model, for example \"qwen3-max\".");
        }

        if (options.Endpoint is { } endpoint)
        {
            Check(faults, endpoint, nameof(options.Endpoint));
        }

        return faults.AtLeast(options.MaxEventBytes, 1024).AtLeast(options.MaxResponseBytes, 1024);
    }

    /// <summary>Checks an address that is needed.</summary>
    public static void Check(OptionFaults faults, Uri? endpoint, string name)
    {
        if (endpoint is null)
        {
            faults.Add(name, "is null. Leave it as it is for the default.");
        }
        else if (Refusal(endpoint) is { } refusal)
        {
            faults.Add(name, $"cannot be used: {refusal}");
        }
    }

    /// <summary>Checks that a key may belong to an endpoint; the endpoint itself is checked with the options.</summary>
    /// <exception cref="ArgumentException">It cannot; the message names both kinds and never the key.</exception>
    public static void CheckKey(Uri? endpoint, string key)
    {
        endpoint ??= QwenEndpoints.Beijing;
        if (endpoint.IsAbsoluteUri && Mismatch(endpoint, key.Trim()) is { } mismatch)
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
                text.Contains('@', StringComparison.Ordinal) || EndpointCatalogue.KindOf(text.Trim()) != KeyKind.Login;
            var seen = isSecret ? "it" : $"'{text}'";
            return $"{seen} is not an absolute http(s) address. Example: {QwenEndpoints.Beijing}";
        }

        return endpoint.Query.Length > 0 || endpoint.Fragment.Length > 0 ? "it holds a query or a fragment."
            : endpoint.AbsolutePath.TrimEnd('/').EndsWith("/chat/completions", StringComparison.OrdinalIgnoreCase)
                ? "leave out /chat/completions: it is added."
            : endpoint.AbsolutePath.TrimEnd('/').EndsWith("/embeddings", StringComparison.OrdinalIgnoreCase)
                ? "leave out /embeddings: it is added."
            : endpoint.UserInfo.Length > 0 ? "it holds a user name or password. Hand the key in on its own."
            : endpoint.Scheme == Uri.UriSchemeHttp && !endpoint.IsLoopback
                ? $"http://{endpoint.Authority} is not encrypted. Use https, or a loopback address."
            : IsClosedLoginService(endpoint.Host)
                ? $"{endpoint.Host} is the free login service, which ended on 2026-04-15, and it takes messages in a form "
                    + "of its own (a system message as parts, a user message as one string) that this library does not send. "
                    + $"Use an API key and one of {nameof(QwenEndpoints)}, or set Endpoint to a gateway of your own."
            : null;
    }

    /// <summary>Why a key cannot belong to an endpoint, or null when it may. Never repeats the key.</summary>
    public static string? Mismatch(Uri endpoint, string key)
    {
        var kind = EndpointCatalogue.KindOf(key);
        var cannotWork = EndpointCatalogue.Find(endpoint).Product switch
        {
            EndpointProduct.ModelStudio or EndpointProduct.Workspace => kind == KeyKind.Plan,
            EndpointProduct.Plan => kind == KeyKind.Workspace || EndpointCatalogue.IsClassicKey(key),
            _ => false,
        };
        return cannotWork ? KeyDiagnosis.Describe(endpoint, kind) : null;
    }

    // Wherever it stands: with this library's messages it could not work even if it were open.
    private static bool IsClosedLoginService(string host)
    {
        return host == ClosedLoginHost || host.EndsWith("." + ClosedLoginHost, StringComparison.Ordinal);
    }
}
