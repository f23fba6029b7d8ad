using System.Buffers;

namespace Connectors.Qwen.Errors;

/// <summary>What the service sells at an address.</summary>
internal enum EndpointProduct
{
    /// <summary>A gateway, this machine, or an address that is not known here.</summary>
    Unknown,

    /// <summary>Model Studio at the shared address of a region.</summary>
    ModelStudio,

    /// <summary>Model Studio at the address of one workspace.</summary>
    Workspace,

    /// <summary>Coding Plan or Token Plan.</summary>
    Plan,
}

/// <summary>Which kind of secret it is, told by its prefix.</summary>
internal enum KeyKind
{
    /// <summary>An access token of a login, or anything else without a known prefix.</summary>
    Login,

    /// <summary>A key of Model Studio, or of a gateway that gives its keys the same prefix.</summary>
    ModelStudio,

    /// <summary>A key of one workspace of Model Studio.</summary>
    Workspace,

    /// <summary>A key made from another one, for minutes.</summary>
    Temporary,

    /// <summary>The key of a Coding Plan or Token Plan.</summary>
    Plan,
}

/// <summary>An address of the service.</summary>
/// <param name="Product">What is sold there.</param>
/// <param name="Title">Product and region for the reader.</param>
/// <param name="Host">The host.</param>
/// <param name="Property">Its name in <see cref="QwenEndpoints"/>; null when it has none.</param>
internal sealed record KnownEndpoint(EndpointProduct Product, string Title, string Host, string? Property = null)
{
    public override string ToString()
    {
        return Product == EndpointProduct.Unknown ? Host : $"{Title} ({Host})";
    }
}

/// <summary>The one table of addresses and key prefixes.</summary>
/// <remarks>
/// Sources: the vendor's pages and the presets of its command line client, 2026; <c>sk-tok-</c> is reported by
/// RarogCmex/pi-alibaba-models.
/// </remarks>
internal static class EndpointCatalogue
{
    private const string MaasDomain = ".maas.aliyuncs.com";

    private static readonly KnownEndpoint[] Named =
    [
        Studio("Beijing", QwenEndpoints.Beijing, nameof(QwenEndpoints.Beijing)),
        Studio("Singapore", QwenEndpoints.Singapore, nameof(QwenEndpoints.Singapore)),
        Studio("Virginia", QwenEndpoints.UnitedStates, nameof(QwenEndpoints.UnitedStates)),
        Studio("Hong Kong", QwenEndpoints.HongKong, nameof(QwenEndpoints.HongKong)),
        Plan("Coding Plan, China", QwenEndpoints.CodingPlan, nameof(QwenEndpoints.CodingPlan)),
        Plan(
            "Coding Plan, international",
            QwenEndpoints.CodingPlanInternational,
            nameof(QwenEndpoints.CodingPlanInternational)
        ),
        Plan("Token Plan, Beijing", QwenEndpoints.TokenPlan, nameof(QwenEndpoints.TokenPlan)),
        Plan(
            "Token Plan, Singapore",
            QwenEndpoints.TokenPlanInternational,
            nameof(QwenEndpoints.TokenPlanInternational)
        ),
    ];

    // The longer before the shorter.
    private static readonly (string Prefix, KeyKind Kind)[] Prefixes =
    [
        ("sk-sp-", KeyKind.Plan),
        ("sk-tok-", KeyKind.Plan),
        ("sk-ws-", KeyKind.Workspace),
        ("sk-", KeyKind.ModelStudio),
        ("st-", KeyKind.Temporary),
    ];

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>What is known about an address; never null.</summary>
    public static KnownEndpoint Find(Uri endpoint)
    {
        // Uri writes hosts in small letters.
        var host = endpoint.Host;
        return Array.Find(Named, known => known.Host == host)
            ?? FindMaas(host)
            ?? new KnownEndpoint(EndpointProduct.Unknown, "", endpoint.Authority);
    }

    /// <summary>The kind of a secret. Looks at the prefix only.</summary>
    public static KeyKind KindOf(string secret)
    {
        foreach (var (prefix, kind) in Prefixes)
        {
            if (secret.StartsWith(prefix, StringComparison.Ordinal))
            {
                return kind;
            }
        }

        return KeyKind.Login;
    }

    /// <summary>
    /// Whether it is certainly a key of Model Studio: "sk-" and 32 hexadecimal digits. Anything else that begins so may be a kind
    /// that is not known yet.
    /// </summary>
    public static bool IsClassicKey(string secret)
    {
        return secret.Length == 35
            && KindOf(secret) == KeyKind.ModelStudio
            && !secret.AsSpan(3).ContainsAnyExcept(HexDigits);
    }

    /// <summary>The other endpoints of a product as C# names: "QwenEndpoints.A, QwenEndpoints.B or QwenEndpoints.C".</summary>
    public static string Alternatives(EndpointProduct product, KnownEndpoint without)
    {
        var names = Named
            .Where(known => known.Product == product && known.Host != without.Host)
            .Select(static known => $"{nameof(QwenEndpoints)}.{known.Property}")
            .ToArray();
        return string.Join(", ", names[..^1]) + " or " + names[^1];
    }

    // "{WorkspaceId}.{region}.maas.aliyuncs.com"; a Token Plan of any region has a name in place of the id.
    private static KnownEndpoint? FindMaas(string host)
    {
        if (
            !host.EndsWith(MaasDomain, StringComparison.Ordinal)
            || host[..^MaasDomain.Length].Split('.') is not [{ Length: > 0 } id, { Length: > 0 } region]
        )
        {
            return null;
        }

        var place = region switch
        {
            "cn-beijing" => "Beijing",
            "ap-southeast-1" => "Singapore",
            "ap-northeast-1" => "Tokyo",
            "eu-central-1" => "Frankfurt",
            "us-east-1" => "Virginia",
            _ => region,
        };
        return id == "token-plan"
            ? new KnownEndpoint(EndpointProduct.Plan, $"Token Plan, {place}", host)
            : new KnownEndpoint(EndpointProduct.Workspace, $"Model Studio workspace, {place}", host);
    }

    private static KnownEndpoint Studio(string region, Uri address, string property)
    {
        return new KnownEndpoint(EndpointProduct.ModelStudio, $"Model Studio, {region}", address.Host, property);
    }

    private static KnownEndpoint Plan(string title, Uri address, string property)
    {
        return new KnownEndpoint(EndpointProduct.Plan, title, address.Host, property);
    }
}
