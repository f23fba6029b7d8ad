using Connectors.Qwen.Wire;

namespace Connectors.Qwen.Errors;

/// <summary>
/// Says which kind of key met which endpoint and what to try, because the service's own words mislead: "token expired" for a key of
/// another plan, "method not allowed" for its terms. Knows the kind of a key and never the key.
/// </summary>
/// <remarks>
/// Sources: the vendor's error page, Coding Plan and Token Plan FAQ and "Generate a temporary API key" (2026); a foreign key at a
/// workspace's host: RarogCmex/pi-alibaba-models 1.5.1; keys that do not cross regions: BerriAI/litellm#12571.
/// </remarks>
internal static class KeyDiagnosis
{
    private const string Terms =
        "By the vendor's terms plan keys are for interactive coding tools only, which are told by their User-Agent; this library "
        + "sends its own name. For an application use a Model Studio key and the endpoint of its region, for example "
        + $"{nameof(QwenEndpoints)}.{nameof(QwenEndpoints.Beijing)}.";

    /// <summary>The diagnosis of an error; null when it is not about key and endpoint.</summary>
    /// <param name="kind">What the error was judged to be.</param>
    /// <param name="status">The HTTP status; null for an error inside a stream.</param>
    /// <param name="error">What the server said.</param>
    /// <param name="endpoint">The endpoint that was asked.</param>
    /// <param name="key">The kind of key it was asked with.</param>
    public static string? Explain(QwenFailureKind kind, int? status, WireError error, Uri endpoint, KeyKind key)
    {
        var place = EndpointCatalogue.Find(endpoint);
        if (Says(error, FailureClassifier.CodingAgentsOnly) || (place.Product == EndpointProduct.Plan && status == 405))
        {
            return $"{Combination(place, key)} {Terms}";
        }

        if (
            kind is not (QwenFailureKind.Authentication or QwenFailureKind.PermissionDenied)
            || NamesWhatIsMissing(error.Code ?? error.Type ?? "", place.Product)
        )
        {
            return null;
        }

        var hasNoEnd = key is not (KeyKind.Login or KeyKind.Temporary) && place.Product != EndpointProduct.Unknown;
        var meaning =
            hasNoEnd && Says(error, "token expired")
                ? " \"Token expired\" means here that the key belongs to another endpoint: there is no token to renew."
                : "";
        var terms =
            kind == QwenFailureKind.PermissionDenied && (place.Product, key) == (EndpointProduct.Plan, KeyKind.Plan)
                ? " " + Terms
                : "";
        return $"{Combination(place, key)}{meaning} {Advice(place, key)}{terms}";
    }

    /// <summary>Which kind of key meets which endpoint, and what to try.</summary>
    public static string Describe(Uri endpoint, KeyKind key)
    {
        var place = EndpointCatalogue.Find(endpoint);
        return $"{Combination(place, key)} {Advice(place, key)}";
    }

    private static string Combination(KnownEndpoint place, KeyKind key)
    {
        var what = key switch
        {
            KeyKind.Plan => "A plan key (sk-sp-..., sk-tok-...)",
            KeyKind.Workspace => "A workspace key (sk-ws-...)",
            KeyKind.Temporary => "A temporary key (st-...)",
            // Elsewhere many services begin their keys so.
            KeyKind.ModelStudio => place.Product == EndpointProduct.Unknown
                ? "A key of the form sk-..."
                : "A Model Studio key (sk-...)",
            _ => "A login token, or a key without a known prefix,",
        };
        return $"{what} is used at {place}.";
    }

    private static string Advice(KnownEndpoint place, KeyKind key)
    {
        return place.Product switch
        {
            EndpointProduct.ModelStudio => AtModelStudio(place, key),
            EndpointProduct.Workspace => AtWorkspace(place, key),
            EndpointProduct.Plan => AtPlan(place, key),
            _ =>
                $"Check that this host takes such a key. It is none of {nameof(QwenEndpoints)}, so no more is known of it.",
        };
    }

    private static string AtModelStudio(KnownEndpoint place, KeyKind key)
    {
        var regions = EndpointCatalogue.Alternatives(EndpointProduct.ModelStudio, place);
        return key switch
        {
            KeyKind.Plan => PlanKeyElsewhere(place),
            KeyKind.Login => LoginElsewhere(place),
            KeyKind.Temporary =>
                "It may have ended (it lives 60 seconds unless longer is asked for, 30 minutes at most): make a new "
                    + $"one. It works only where the key that made it does: otherwise try {regions}.",
            KeyKind.Workspace => "It belongs to one workspace: use "
                + $"{nameof(QwenEndpoints)}.{nameof(QwenEndpoints.Workspace)}, or the endpoint of its region: {regions}.",
            _ =>
                $"Keys do not cross regions: try {regions}, or {nameof(QwenEndpoints)}.{nameof(QwenEndpoints.Workspace)}. "
                    + "In the right region check that the key is complete, not deleted, and may use this model.",
        };
    }

    private static string AtWorkspace(KnownEndpoint place, KeyKind key)
    {
        const string Owner =
            "This host takes the keys of its own workspace only: use one of them, or the endpoint of the key's region.";
        return key switch
        {
            KeyKind.Plan => PlanKeyElsewhere(place),
            KeyKind.Login => LoginElsewhere(place),
            KeyKind.Temporary =>
                "It may have ended (it lives 60 seconds unless longer is asked for, 30 minutes at most): make a new "
                    + $"one with a key of this workspace. {Owner}",
            _ => Owner,
        };
    }

    private static string AtPlan(KnownEndpoint place, KeyKind key)
    {
        const string Own = "This endpoint takes the plan's own key (sk-sp-...).";
        return key switch
        {
            KeyKind.Plan =>
                "Coding Plan and Token Plan, in China and abroad, each have a key and an endpoint of their own: try "
                    + $"{EndpointCatalogue.Alternatives(EndpointProduct.Plan, place)}, and check that the plan has not ended.",
            KeyKind.Login => LoginElsewhere(place),
            KeyKind.Workspace => $"{Own} Use this key at {nameof(QwenEndpoints)}.{nameof(QwenEndpoints.Workspace)}.",
            KeyKind.Temporary => $"{Own} Use this one where the key works that made it.",
            _ =>
                $"{Own} Use this key at {EndpointCatalogue.Alternatives(EndpointProduct.ModelStudio, place)}, whichever is its region.",
        };
    }

    private static string PlanKeyElsewhere(KnownEndpoint place)
    {
        return "It works at the endpoint of its plan only: try "
            + $"{EndpointCatalogue.Alternatives(EndpointProduct.Plan, place)}, or use a Model Studio key.";
    }

    private static string LoginElsewhere(KnownEndpoint place)
    {
        return $"Login (OAuth) tokens do not work on {place.Host}, and the free login ended on 2026-04-15: use an API key. If this "
            + "is one, check that it was copied from its beginning.";
    }

    // These say that the key is known and what it lacks. A workspace's host, though, refuses a foreign key with a 403 as well, and
    // what that calls itself is not reported: only what names a model or an application is certain there.
    private static bool NamesWhatIsMissing(string code, EndpointProduct product)
    {
        return code.StartsWith("Model.", StringComparison.OrdinalIgnoreCase)
            || code.StartsWith("App.", StringComparison.OrdinalIgnoreCase)
            || code.EndsWith(".Unpurchased", StringComparison.OrdinalIgnoreCase)
            || (
                product != EndpointProduct.Workspace
                && (
                    code.Contains("AccessDenied", StringComparison.OrdinalIgnoreCase)
                    || code.Contains("access_denied", StringComparison.OrdinalIgnoreCase)
                    || code.Equals("NOT AUTHORIZED", StringComparison.OrdinalIgnoreCase)
                )
            );
    }

    private static bool Says(WireError error, string words)
    {
        return error.Message?.Contains(words, StringComparison.OrdinalIgnoreCase) == true;
    }
}
