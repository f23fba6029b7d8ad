using System.Text.Json.Nodes;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Simulator;

/// <summary>Which behaviour a request gets.</summary>
public sealed class ScriptTests
{
    [Fact]
    public async Task Always_WithAChoice_AnswersEachRequestByWhatItSays()
    {
        await using var plain = await PlainHttp.StartAsync();
        plain
            .Qwen.Script.Always(static request =>
                request.LastUserText.Contains("fail", StringComparison.Ordinal) ? QwenBehavior.Status(503, "{}") : null
            )
            .Always(QwenBehavior.Status(529, "{}"), static request => request.LastUserText.Length > 20);

        Assert.Equal(503, await AskAsync(plain, "Please fail."));
        Assert.Equal(503, await AskAsync(plain, "Please fail, the first rule wins."));
        Assert.Equal(529, await AskAsync(plain, "The next rule is asked."));
        Assert.Equal(200, await AskAsync(plain, "Please do not."));

        plain.Qwen.Script.Enqueue(QwenBehavior.Status(500, "{}"));
        Assert.Equal(500, await AskAsync(plain, "Please fail."));
        plain.Qwen.Script.Clear();
        Assert.Equal(200, await AskAsync(plain, "Please fail."));
    }

    [Fact]
    public async Task Always_WithAChoiceThatThrows_IsReadInTheClient()
    {
        await using var plain = await PlainHttp.StartAsync();
        plain.Qwen.Script.Always(static _ => throw new InvalidOperationException("no choice"));

        var (status, json) = await plain.ChatAsync(Body("Hello."));

        Assert.Equal(500, status);
        Assert.Contains("no choice", json.ToJsonString(), StringComparison.Ordinal);
    }

    private static async Task<int> AskAsync(PlainHttp plain, string question)
    {
        return (await plain.ChatAsync(Body(question))).Status;
    }

    private static JsonObject Body(string question)
    {
        return new JsonObject
        {
            ["model"] = "qwen3-max",
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = question }),
        };
    }
}
