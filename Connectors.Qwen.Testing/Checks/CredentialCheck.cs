namespace Connectors.Qwen.Testing.Checks;

/// <summary>Refuses requests without a credential that the simulator accepts.</summary>
internal static class CredentialCheck
{
    public static Refusal? Find(QwenSimulatedRequest request, QwenTokenAuthority authority)
    {
        if (request.Token is not { } credential)
        {
            return Native("No API-key provided.");
        }

        if (authority.Accepts(credential))
        {
            return null;
        }

        // Static and temporary keys have their prefixes; whatever else comes as a bearer token is taken for an OAuth token.
        var isApiKey =
            credential.StartsWith("sk-", StringComparison.Ordinal)
            || credential.StartsWith("st-", StringComparison.Ordinal);
        var message = isApiKey
            ? "Incorrect API key provided. Check that the key is complete and belongs to the region of this endpoint."
            : "invalid access token or token expired";
        return new Refusal(401, "invalid_api_key", message) { HasId = false };
    }

    /// <summary>The same where temporary keys are minted: a native endpoint, for permanent keys only.</summary>
    public static Refusal? FindForMinting(QwenSimulatedRequest request, QwenTokenAuthority authority) =>
        FindNative(request, authority.AcceptsPermanentKey);

    /// <summary>The same where models are listed: a native endpoint, for every credential.</summary>
    public static Refusal? FindForListing(QwenSimulatedRequest request, QwenTokenAuthority authority) =>
        FindNative(request, authority.Accepts);

    private static Refusal? FindNative(QwenSimulatedRequest request, Func<string, bool> accepts) =>
        request.Token switch
        {
            null => Native("No API-key provided."),
            var credential when accepts(credential) => null,
            _ => Native("Invalid API-key provided."),
        };

    private static Refusal Native(string message) => new(401, "InvalidApiKey", message) { IsNative = true };
}
