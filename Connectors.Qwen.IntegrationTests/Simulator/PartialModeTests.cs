using System.Text.Json.Nodes;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Simulator;

/// <summary>What the simulated server makes of a prefix.</summary>
public sealed class PartialModeTests
{
    private const string Text = "  One two, 三四 🚀 five.\n\nSix.  ";

    [Theory]
    [InlineData(QwenPartialMode.Continue)]
    [InlineData(QwenPartialMode.Echo)]
    [InlineData(QwenPartialMode.StartOver)]
    public async Task EveryCut_IsAnsweredAsTheModeSays(QwenPartialMode mode)
    {
        await using var plain = await StartAsync(mode, new QwenSimulatedAnswer { Text = Text });

        for (var cut = 0; cut <= Text.Length; cut++)
        {
            if (cut > 0 && char.IsHighSurrogate(Text[cut - 1]))
            {
                continue;
            }

            var (prefix, rest) = (Text[..cut], Text[cut..]);
            var expected = mode == QwenPartialMode.Continue ? rest : Text;
            Assert.Equal(expected, TextOf(await plain.ChatAsync(Ask(prefix))));
            Assert.Equal(expected, TextOf(await plain.StreamAsync(Ask(prefix, isStream: true))));
        }
    }

    [Theory]
    [InlineData("One two", "One", " two")]
    [InlineData("One two", "One ", " two")]
    [InlineData("One\n\ntwo", "One\n", "\n\ntwo")]
    [InlineData("One two ", "One two ", " ")]
    [InlineData("One two", "One two", "")]
    [InlineData("  One two", "  One ", " two")]
    [InlineData("  One two", "One", " two")]
    [InlineData("  One two", " ", "  One two")]
    [InlineData("  One two", "", "  One two")]
    [InlineData("\u3000One", " \u3000O", "ne")]
    public async Task Trim_GoesOnAfterTheTrimmedPrefix(string text, string prefix, string expected)
    {
        await using var plain = await StartAsync(QwenPartialMode.Trim, new QwenSimulatedAnswer { Text = text });

        Assert.Equal(expected, TextOf(await plain.ChatAsync(Ask(prefix))));
        Assert.Equal(expected, TextOf(await plain.StreamAsync(Ask(prefix, isStream: true))));
    }

    [Fact]
    public async Task Continue_AfterTheWholeText_IsAnEmptyAnswerThatStops()
    {
        await using var plain = await StartAsync(QwenPartialMode.Continue, new QwenSimulatedAnswer { Text = Text });

        var (status, json) = await plain.ChatAsync(Ask(Text));
        var events = await plain.StreamAsync(Ask(Text, isStream: true));

        Assert.Equal(200, status);
        Assert.Equal("", (string?)json["choices"]![0]!["message"]!["content"]);
        Assert.Equal("stop", (string?)json["choices"]![0]!["finish_reason"]);
        Assert.Equal(0, (int)json["usage"]!["completion_tokens"]!);
        Assert.Equal("", TextOf(events));
        Assert.Equal("stop", (string?)events[^1]["choices"]![0]!["finish_reason"]);
    }

    [Theory, InlineData("Let me", " look."), InlineData("Let me look.", "")]
    public async Task Continue_WithToolCalls_SendsTheRestAndThenTheCalls(string prefix, string rest)
    {
        var answer = new QwenSimulatedAnswer { Text = "Let me look." };
        answer.ToolCalls.Add(new QwenSimulatedToolCall { Name = "look", Arguments = """{"where":"here"}""" });
        await using var plain = await StartAsync(QwenPartialMode.Continue, answer);

        var (status, json) = await plain.ChatAsync(Ask(prefix));
        var events = await plain.StreamAsync(Ask(prefix, isStream: true));

        Assert.Equal(200, status);
        Assert.Equal(rest, TextOf((status, json)));
        var call = Assert.Single(json["choices"]![0]!["message"]!["tool_calls"]!.AsArray())!["function"]!;
        Assert.Equal(("look", """{"where":"here"}"""), ((string)call["name"]!, (string)call["arguments"]!));
        Assert.Equal("tool_calls", (string?)json["choices"]![0]!["finish_reason"]);

        Assert.Equal(rest, TextOf(events));
        var first = events.FindIndex(static e => Delta(e)?["tool_calls"] is not null);
        Assert.True(first > events.FindLastIndex(static e => (string?)Delta(e)?["content"] is { Length: > 0 }));
        var arguments = events.Select(static e => (string?)Delta(e)?["tool_calls"]?[0]!["function"]!["arguments"]);
        Assert.Equal("""{"where":"here"}""", string.Concat(arguments));
        Assert.Equal("tool_calls", (string?)events[^1]["choices"]![0]!["finish_reason"]);
    }

    // A caller's own prefix that the model would not have begun with, and then what was received of the answer to it.
    [Theory]
    [InlineData(QwenPartialMode.Continue, "Once upon a time")]
    [InlineData(QwenPartialMode.Continue, "Once upon a time ")]
    [InlineData(QwenPartialMode.Continue, "Once …")]
    [InlineData(QwenPartialMode.Trim, "Once upon a time")]
    public async Task Digression_GoesOnWhereItWasCut(QwenPartialMode mode, string own)
    {
        await using var plain = await StartAsync(mode, new QwenSimulatedAnswer { Text = Text });
        var whole = TextOf(await plain.ChatAsync(Ask(own)));
        Assert.Contains("goes on by itself", whole, StringComparison.Ordinal);

        for (var cut = 0; cut <= whole.Length; cut++)
        {
            var (received, rest) = (whole[..cut], whole[cut..]);
            if (mode == QwenPartialMode.Trim && received.EndsWith(' '))
            {
                rest = " " + rest;
            }

            Assert.Equal(rest, TextOf(await plain.ChatAsync(Ask(own + received))));
        }
    }

    [Fact]
    public async Task OwnPrefix_ThatBeginsTheText_IsExtended()
    {
        await using var plain = await StartAsync(QwenPartialMode.Continue, new QwenSimulatedAnswer { Text = Text });
        var own = Text[..6];
        plain.Qwen.Script.Enqueue(QwenBehavior.EndAfter(1, withDone: true));

        var received = TextOf(await plain.StreamAsync(Ask(own, isStream: true)));
        var rest = TextOf(await plain.StreamAsync(Ask(own + received, isStream: true)));

        Assert.NotEmpty(received);
        Assert.NotEmpty(rest);
        Assert.Equal(Text, own + received + rest);
    }

    [Fact]
    public async Task Limits_AreForWhatFollowsThePrefix()
    {
        await using var plain = await StartAsync(
            QwenPartialMode.Echo,
            new QwenSimulatedAnswer { Text = "abcdefghijkl" }
        );
        var limited = Ask("abcd");
        limited["max_tokens"] = 1;
        var stopped = Ask("abcd");
        stopped["stop"] = new JsonArray("b", "g");

        var (_, json) = await plain.ChatAsync(limited);

        Assert.Equal("abcdefgh", TextOf((200, json)));
        Assert.Equal("length", (string?)json["choices"]![0]!["finish_reason"]);
        Assert.Equal("abcdef", TextOf(await plain.ChatAsync(stopped)));
    }

    [Fact]
    public async Task Refuse_RefusesEveryModel_AndOnlyInPartialMode()
    {
        await using var plain = await StartAsync(QwenPartialMode.Refuse, new QwenSimulatedAnswer { Text = Text });

        AssertRefused(await plain.ChatAsync(Ask(Text[..4])), "Partial mode is not supported by this model");
        AssertRefused(await plain.ChatAsync(Ask("", isStream: true)), "Partial mode is not supported by this model");
        Assert.Equal(Text, TextOf(await plain.ChatAsync(Ask(prefix: null))));
    }

    [Fact]
    public async Task Model_ThatRefuses_DoesSoAlone()
    {
        await using var plain = await PlainHttp.StartAsync(static options =>
            options.Models.Add(new QwenSimulatedModel { Id = "stubborn", RefusesPartialMode = true })
        );

        AssertRefused(
            await plain.ChatAsync(Ask("You asked", model: "stubborn")),
            "Partial mode is not supported by this model"
        );
        Assert.Equal(200, (await plain.ChatAsync(Ask(prefix: null, model: "stubborn"))).Status);
        Assert.Equal(200, (await plain.ChatAsync(Ask("You asked"))).Status);
    }

    [Theory]
    [InlineData(QwenPartialMode.Continue)]
    [InlineData(QwenPartialMode.Trim)]
    [InlineData(QwenPartialMode.Echo)]
    [InlineData(QwenPartialMode.StartOver)]
    [InlineData(QwenPartialMode.Refuse)]
    public async Task Model_ThatThinks_RefusesInEveryMode(QwenPartialMode mode)
    {
        await using var plain = await StartAsync(mode, new QwenSimulatedAnswer { Text = Text });
        var thinking = Ask("One");
        thinking["enable_thinking"] = true;
        const string Message = "Partial mode is not supported when enable_thinking is true";

        AssertRefused(await plain.ChatAsync(thinking), Message);
        AssertRefused(await plain.ChatAsync(Ask("One", isStream: true, model: "qwq-plus")), Message);
    }

    [Fact]
    public async Task Mode_ThatThereIsNot_IsRefusedAtTheStart()
    {
        var options = new QwenSimulatorOptions { PartialMode = (QwenPartialMode)99 };

        var e = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            QwenSimulator.StartAsync(options, TestContext.Current.CancellationToken)
        );

        Assert.Contains("PartialMode", e.Message, StringComparison.Ordinal);
    }

    private static Task<PlainHttp> StartAsync(QwenPartialMode mode, QwenSimulatedAnswer answer)
    {
        return PlainHttp.StartAsync(options =>
        {
            options.PartialMode = mode;
            options.Answer = _ => answer;
        });
    }

    private static JsonObject Ask(string? prefix, bool isStream = false, string model = "qwen3-max")
    {
        var messages = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Count." });
        if (prefix is not null)
        {
            messages.Add(
                new JsonObject
                {
                    ["role"] = "assistant",
                    ["content"] = prefix,
                    ["partial"] = true,
                }
            );
        }

        return new JsonObject
        {
            ["model"] = model,
            ["stream"] = isStream,
            ["messages"] = messages,
        };
    }

    private static string TextOf((int Status, JsonObject Json) answer)
    {
        Assert.Equal(200, answer.Status);
        return (string)answer.Json["choices"]![0]!["message"]!["content"]!;
    }

    private static string TextOf(List<JsonObject> events)
    {
        return string.Concat(events.Select(static e => (string?)Delta(e)?["content"]));
    }

    private static JsonNode? Delta(JsonObject data)
    {
        return data["choices"]![0]!["delta"];
    }

    private static void AssertRefused((int Status, JsonObject Json) answer, string message)
    {
        Assert.Equal(400, answer.Status);
        var error = answer.Json["error"]!;
        Assert.Equal("invalid_parameter_error", (string?)error["code"]);
        Assert.Equal("<400> InternalError.Algo.InvalidParameter: " + message, (string?)error["message"]);
    }
}
