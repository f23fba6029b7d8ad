using System.Text.RegularExpressions;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Connectors.Qwen.IntegrationTests.Readme;

/// <summary>What the README shows is what the build compiles, and it runs.</summary>
public sealed partial class ReadmeTests
{
    [Theory, InlineData("hello"), InlineData("di"), InlineData("sk"), InlineData("embeddings")]
    public void CodeOfTheReadme_IsTheCodeThatIsCompiled(string name)
    {
        var root = Repository.FolderThatHolds("Qwen.Connectors.sln")!;
        var source = File.ReadAllText(Path.Combine(root, "Connectors.Qwen.IntegrationTests/Readme/Snippets.cs"));
        var snippet = Regex
            .Match(source, $"// <{name}>\n(.*?)\n *// </{name}>", RegexOptions.Singleline)
            .Groups[1]
            .Value;
        var lines = snippet.Split('\n');
        var indent = lines[0].Length - lines[0].TrimStart().Length;
        var code = string.Join('\n', lines.Select(line => line.Length > indent ? line[indent..] : ""));

        var blocks = CodeBlock()
            .Matches(File.ReadAllText(Path.Combine(root, "README.md")))
            .Select(m => m.Groups[1].Value);

        Assert.Contains(code, blocks);
    }

    [Fact]
    public void BothCommands_StandAloneOnTheirLines()
    {
        var root = Repository.FolderThatHolds("Qwen.Connectors.sln")!;
        var lines = File.ReadAllLines(Path.Combine(root, "README.md"));

        Assert.Contains("dotnet run --project demos/Chat", lines);
        Assert.Contains("dotnet test", lines);
    }

    [Fact]
    public async Task Hello_Runs()
    {
        await using var setup = await Setup.StartAsync();

        await Snippets.HelloAsync(QwenSimulatorOptions.DefaultApiKey, setup.Qwen.Endpoint);

        Assert.Equal(QwenExchangeState.Completed, Assert.Single(setup.Qwen.Journal.Chats).State);
    }

    [Fact]
    public async Task Embeddings_Run()
    {
        await using var setup = await Setup.StartAsync();

        await Snippets.EmbeddingsAsync(QwenSimulatorOptions.DefaultApiKey, setup.Qwen.Endpoint);

        var sent = Assert.Single(setup.Qwen.Journal.EmbeddingRequests).Request.Body;
        Assert.Equal(512, sent.GetProperty("dimensions").GetInt32());
    }

    [Fact]
    public async Task DependencyInjection_InvokesFunctionsOutsideThePipeline()
    {
        await using var setup = await Setup.StartAsync(static options => options.Answer = null);
        var services = new ServiceCollection().AddLogging();
        Snippets.DependencyInjection(services, QwenSimulatorOptions.DefaultApiKey, setup.Qwen.Endpoint);
        await using var provider = services.BuildServiceProvider();
        var calls = 0;
        var weather = AIFunctionFactory.Create(
            (string city) =>
            {
                calls++;
                return $"Rain in {city}";
            },
            "weather"
        );
        // The turn with the tool's result fails once: it is sent again, the tool is not.
        setup.Qwen.Script.Enqueue(QwenBehavior.Answer(), QwenBehavior.StreamTimeout());

        var response = await provider
            .GetRequiredService<IChatClient>()
            .GetResponseAsync(
                "What does the weather tool say?",
                new ChatOptions { Tools = [weather] },
                TestContext.Current.CancellationToken
            );

        Assert.Equal(1, calls);
        Assert.Contains("Rain in", response.Text, StringComparison.Ordinal);
        Assert.Equal([200, 504, 200], setup.Qwen.Journal.Chats.Select(static chat => chat.Status ?? 0));
    }

    [Fact]
    public async Task SemanticKernel_AnswersAPrompt()
    {
        await using var setup = await Setup.StartAsync();

        var answer = await Snippets.SemanticKernelAsync(QwenSimulatorOptions.DefaultApiKey, setup.Qwen.Endpoint);

        Assert.Equal(Setup.Text, answer);
    }

    [GeneratedRegex("```csharp\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
