using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Connectors.Qwen.UnitTests.Architecture;

/// <summary>
/// Resolves every name in the library's sources to its symbol. <c>using</c> lines would prove nothing: a fully qualified name
/// or a <c>var</c> needs none.
/// </summary>
public sealed class LayeringTests
{
    private static readonly string Library = Path.Combine(Repository.Root, "Connectors.Qwen");

    [Fact]
    public void EveryFile_UsesOnlyWhatItsLayerMay()
    {
        var violations = Violations(Sources(), static _ => true);

        Assert.Equal([], violations);
    }

    [Theory]
    [InlineData(
        "Pipeline/Bad.cs",
        "static class Bad { static object Make() { var client = new Connectors.Qwen.QwenChatClient(null!); return client; } }",
        "Pipeline/Bad.cs uses Connectors.Qwen.QwenChatClient (Client)"
    )]
    [InlineData(
        "Pipeline/TimeoutRetry/Bad.cs",
        "static class Bad { static void Send() { var http = new System.Net.Http.HttpClient(null!); http.Dispose(); } }",
        "Pipeline/TimeoutRetry/Bad.cs uses System.Net.Http.HttpClient"
    )]
    [InlineData(
        "Pipeline/StreamingFallback/Bad.cs",
        "static class Bad { static object? Get(Connectors.Qwen.IQwenCredentialProvider p) => p.GetCredentialAsync(); }",
        "Pipeline/StreamingFallback/Bad.cs uses Connectors.Qwen.IQwenCredentialProvider (Credentials)"
    )]
    [InlineData(
        "Mapping/Bad.cs",
        "static class Bad { static object Now() => System.TimeProvider.System.GetUtcNow(); }",
        "Mapping/Bad.cs uses System.TimeProvider"
    )]
    [InlineData(
        "Transport/Bad.cs",
        "static class Bad { static object Make() => new Microsoft.Extensions.AI.ChatOptions(); }",
        "Transport/Bad.cs uses Microsoft.Extensions.AI.ChatOptions"
    )]
    [InlineData(
        "Errors/Bad.cs",
        "static class Bad { static object Make() => new Polly.ResiliencePipelineBuilder(); }",
        "Errors/Bad.cs uses Polly.ResiliencePipelineBuilder"
    )]
    [InlineData(
        "DependencyInjection/Bad.cs",
        "static class Bad { static object Make() => new Microsoft.SemanticKernel.Kernel(); }",
        "DependencyInjection/Bad.cs uses Microsoft.SemanticKernel.Kernel"
    )]
    public void AFileThatBreaksItsLayer_WithoutAnyUsing_IsFound(string path, string source, string expected)
    {
        var violations = Violations([.. Sources(), (path, source)], file => file == path);

        Assert.Contains(expected, violations);
    }

    private static (string Path, string Text)[] Sources()
    {
        return
        [
            .. Directory
                .EnumerateFiles(Library, "*.cs", SearchOption.AllDirectories)
                .Select(static file => (Path.GetRelativePath(Library, file).Replace('\\', '/'), File.ReadAllText(file)))
                .Where(static source => !source.Item1.StartsWith("obj/", StringComparison.Ordinal)),
        ];
    }

    private static IReadOnlyList<string> Violations((string Path, string Text)[] sources, Func<string, bool> isExamined)
    {
        var parse = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview);
        var trees = sources.Select(source => CSharpSyntaxTree.ParseText(source.Text, parse, source.Path)).ToArray();
        var usings = CSharpSyntaxTree.ParseText(
            "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; "
                + "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;",
            parse
        );
        var compilation = CSharpCompilation.Create("Layers", [.. trees, usings], References());
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var tree in trees.Where(tree => isExamined(tree.FilePath)))
        {
            var model = compilation.GetSemanticModel(tree);
            var layer = Layers.Of(tree.FilePath);
            foreach (var type in Types(tree.GetRoot(), model))
            {
                if (Violation(tree.FilePath, layer, type, compilation.Assembly) is { } violation)
                {
                    found.Add(violation);
                }
            }
        }

        return [.. found];
    }

    private static string? Violation(string path, string layer, INamedTypeSymbol type, IAssemblySymbol library)
    {
        if (!SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, library))
        {
            return Layers.MayUseForeign(layer, type) ? null : $"{path} uses {Name(type)}";
        }

        var home = type.DeclaringSyntaxReferences.FirstOrDefault()?.SyntaxTree.FilePath;
        return home is null || home.Length == 0 || Layers.MayUseOwn(layer, Layers.Of(home))
            ? null
            : $"{path} uses {Name(type)} ({Layers.Of(home)})";
    }

    private static string Name(INamedTypeSymbol type)
    {
        return type.OriginalDefinition.ToDisplayString();
    }

    /// <summary>The types behind every name and every expression; documentation comments do not count.</summary>
    private static IEnumerable<INamedTypeSymbol> Types(SyntaxNode root, SemanticModel model)
    {
        foreach (var node in root.DescendantNodes())
        {
            if (node.FirstAncestorOrSelf<UsingDirectiveSyntax>() is not null)
            {
                continue;
            }

            if (node is SimpleNameSyntax && model.GetSymbolInfo(node).Symbol is { } symbol)
            {
                foreach (var type in Named(symbol as ITypeSymbol ?? symbol.ContainingType))
                {
                    yield return type;
                }
            }

            if (node is ExpressionSyntax)
            {
                foreach (var type in Named(model.GetTypeInfo(node).Type))
                {
                    yield return type;
                }
            }
        }
    }

    private static IEnumerable<INamedTypeSymbol> Named(ITypeSymbol? type)
    {
        switch (type)
        {
            case IArrayTypeSymbol array:
                return Named(array.ElementType);
            case INamedTypeSymbol { TypeKind: not TypeKind.Error } named:
                return named.TypeArguments.SelectMany(Named).Append(named);
            default:
                return [];
        }
    }

    // What the tests run with is what the library compiles against.
    private static IEnumerable<MetadataReference> References()
    {
        return ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(static path => Path.GetFileName(path) != "Connectors.Qwen.dll")
            .Select(static path => MetadataReference.CreateFromFile(path));
    }
}
