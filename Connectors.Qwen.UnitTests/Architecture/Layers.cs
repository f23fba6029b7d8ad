using Microsoft.CodeAnalysis;

namespace Connectors.Qwen.UnitTests.Architecture;

/// <summary>The table of ARCHITECTURE.md: which layer may use which. A layer is the folder of the file.</summary>
internal static class Layers
{
    private static readonly Dictionary<string, string[]> Own = new()
    {
        ["Options"] = [],
        ["Wire"] = ["Options"],
        ["Errors"] = ["Wire", "Options"],
        ["Diagnostics"] = ["Errors"],
        ["Credentials"] = ["Errors", "Diagnostics", "Options"],
        ["Transport"] = ["Wire", "Errors", "Diagnostics"],
        ["Continuation"] = [],
        ["Mapping"] = ["Wire", "Continuation"],
        ["Pipeline"] = ["Errors", "Diagnostics", "Continuation"],
        ["Pipeline/TokenRefresh"] = ["Pipeline", "Errors", "Diagnostics", "Credentials"],
        ["Client"] =
        [
            "Mapping",
            "Continuation",
            "Transport",
            "Credentials",
            "Wire",
            "Errors",
            "Diagnostics",
            "Options",
        ],
    };

    // Constants of public names: anybody's.
    private const string Names = "Names";

    // Composition may use everything.
    private static readonly string[] Free = ["DependencyInjection", "SemanticKernel"];

    private static readonly (string Namespace, string[] Layers)[] Foreign =
    [
        ("Microsoft.Extensions.AI", ["Continuation", "Mapping", "Pipeline", "Pipeline/TokenRefresh", "Client"]),
        ("Polly", ["Pipeline"]),
        ("Microsoft.SemanticKernel", []),
        ("Microsoft.Extensions.DependencyInjection", []),
        (
            "Microsoft.Extensions.Logging",
            ["Diagnostics", "Credentials", "Transport", "Pipeline", "Pipeline/TokenRefresh", "Client"]
        ),
        ("System.Net.Http.Headers", ["Transport", "Credentials", "Diagnostics"]),
        ("System.Net.ServerSentEvents", ["Transport"]),
        ("System.Net.Http", ["Transport", "Credentials", "Client"]),
    ];

    // Single types that a layer must not touch although their namespace is everybody's, and the exceptions to the table.
    private static readonly string[] NotInMapping = ["System.TimeProvider", "System.Threading.Tasks.Task"];
    private static readonly string[] Exceptions =
    [
        "System.Net.Http.HttpRequestException",
        "System.Net.Http.HttpRequestError",
        "System.Net.Http.HttpIOException",
    ];

    /// <summary>The layer of a file of the library, from its path below the library's folder.</summary>
    public static string Of(string path)
    {
        return path switch
        {
            "QwenChatClient.cs" or "QwenEmbeddingGenerator.cs" => "Client",
            "QwenChatRequest.cs" or "QwenEmbeddingRequest.cs" => "Wire",
            "QwenClientOptions.cs" or "QwenEndpoints.cs" => "Options",
            "QwenResponseProperties.cs" => Names,
            _ when path.StartsWith("Pipeline/TokenRefresh/", StringComparison.Ordinal) => "Pipeline/TokenRefresh",
            _ when path.Contains('/', StringComparison.Ordinal) => path[..path.IndexOf('/', StringComparison.Ordinal)],
            _ => throw new InvalidOperationException($"{path} belongs to no layer: name one."),
        };
    }

    /// <summary>Whether a file of a layer may use a type of the library.</summary>
    public static bool MayUseOwn(string layer, string usedLayer)
    {
        return Free.Contains(layer)
            || layer == usedLayer
            || usedLayer == Names
            || (Own.TryGetValue(layer, out var allowed) && allowed.Contains(usedLayer));
    }

    /// <summary>Whether a file of a layer may use a type of another assembly.</summary>
    public static bool MayUseForeign(string layer, INamedTypeSymbol type)
    {
        if (Free.Contains(layer))
        {
            // One folder for what may go its own way one day.
            var used = type.ContainingNamespace.ToDisplayString();
            return !used.StartsWith("Polly", StringComparison.Ordinal)
                && (
                    layer == "SemanticKernel" || !used.StartsWith("Microsoft.SemanticKernel", StringComparison.Ordinal)
                );
        }

        var name = type.OriginalDefinition.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat);
        if (layer == "Mapping" && NotInMapping.Any(banned => name.StartsWith(banned, StringComparison.Ordinal)))
        {
            return false;
        }

        var space = type.ContainingNamespace.ToDisplayString();
        var rule = Foreign.FirstOrDefault(rule =>
            space == rule.Namespace || space.StartsWith(rule.Namespace + ".", StringComparison.Ordinal)
        );
        return rule.Namespace is null || rule.Layers.Contains(layer) || Exceptions.Contains(name);
    }
}
