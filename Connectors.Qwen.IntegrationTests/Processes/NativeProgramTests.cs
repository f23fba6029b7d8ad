using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Processes;

/// <summary>A program that was compiled natively, with all warnings as errors, does what it does elsewhere.</summary>
public sealed class NativeProgramTests
{
    private static readonly string Program = Path.Combine(
        Repository.FolderThatHolds("Qwen.Connectors.sln")!,
        "artifacts",
        "native",
        "program",
        OperatingSystem.IsWindows() ? "Connectors.Qwen.Native.exe" : "Connectors.Qwen.Native"
    );

    [Fact]
    public async Task ChatToolsStructureEmbeddingsAndConfiguration_Work()
    {
        Assert.SkipUnless(File.Exists(Program), "It is compiled by .ci/run, where there is a compiler for it.");
        await using var setup = await Setup.StartAsync(static options => options.Answer = Answer);
        await using var program = Child.Run(
            Program,
            setup.Qwen.Endpoint.ToString(),
            QwenSimulatorOptions.DefaultApiKey
        );

        await program.SucceededAsync();

        Assert.Equal("whole: Hello!", await program.LineAsync());
        Assert.Equal("streamed: Hello!", await program.LineAsync());
        Assert.Equal("structured: Hangzhou 26", await program.LineAsync());
        Assert.Equal("tools: It is 26 in Hangzhou.", await program.LineAsync());
        Assert.Equal("embeddings: 2 x 1024", await program.LineAsync());
    }

    private static QwenSimulatedAnswer Answer(QwenSimulatedRequest request)
    {
        var last = request.Messages[request.Messages.GetArrayLength() - 1];
        if (last.GetProperty("role").GetString() == "tool")
        {
            var weather = System.Text.Json.JsonDocument.Parse(last.GetProperty("content").GetString()!).RootElement;
            return new() { Text = $"It is {weather.GetProperty("degrees")} in {weather.GetProperty("city")}." };
        }

        if (request.Body.TryGetProperty("response_format", out _))
        {
            return new() { Text = """{"city":"Hangzhou","degrees":26}""" };
        }

        var answer = new QwenSimulatedAnswer { Text = "Hello!" };
        if (request.Body.TryGetProperty("tools", out _))
        {
            answer.Text = null;
            answer.ToolCalls.Add(new() { Name = "look", Arguments = """{"city":"Hangzhou"}""" });
        }

        return answer;
    }
}
