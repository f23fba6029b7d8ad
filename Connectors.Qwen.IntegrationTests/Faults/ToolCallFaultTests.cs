using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults;

/// <summary>Row T26: the forms in which tool calls arrive; and what becomes of half a call.</summary>
public sealed class ToolCallFaultTests
{
    private const string A = """{"name":"weather","arguments":""}""";

    /// <summary>Name, the <c>tool_calls</c> of each delta, the expected calls as "id name arguments".</summary>
    public static TheoryData<string, string[], string[]> Forms =>
        new()
        {
            {
                "id first, empty later",
                [
                    $$"""[{"index":0,"id":"c1","type":"function","function":{{A}}}]""",
                    """[{"index":0,"id":"","type":"function","function":{"arguments":"{\"city\": \"Hang"}}]""",
                    """[{"function":{"arguments":"zhou\"}"},"index":0,"id":"","type":"function"}]""",
                ],
                ["c1 weather {\"city\":\"Hangzhou\"}"]
            },
            {
                "name and arguments null later",
                [
                    """[{"index":0,"id":"c1","type":"function","function":{"name":"weather","arguments":null}}]""",
                    """[{"index":0,"id":"","function":{"name":null,"arguments":"{}"}}]""",
                    """[{"index":0,"id":"","function":{"name":null,"arguments":null}}]""",
                ],
                ["c1 weather {}"]
            },
            {
                "id and name repeated in every delta",
                [
                    """[{"index":0,"id":"c1","function":{"name":"weather","arguments":"{\"a\":"}}]""",
                    """[{"index":0,"id":"c1","function":{"name":"weather","arguments":"1}"}}]""",
                ],
                ["c1 weather {\"a\":1}"]
            },
            {
                "two calls in one delta",
                [
                    """[{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}},{"index":1,"id":"c2","function":{"name":"g","arguments":""}}]""",
                    """[{"index":1,"id":"","function":{"arguments":"{\"b\":2}"}}]""",
                ],
                ["c1 f {\"a\":1}", "c2 g {\"b\":2}"]
            },
            {
                "index missing",
                [
                    """[{"id":"c3","function":{"name":"g","arguments":"{\"x\":"}}]""",
                    """[{"id":"","function":{"arguments":"3}"}}]""",
                ],
                ["c3 g {\"x\":3}"]
            },
            {
                "index used again for another call",
                [
                    """[{"index":0,"id":"c1","function":{"name":"f","arguments":"{}"}}]""",
                    """[{"index":0,"id":"c2","function":{"name":"g","arguments":"{\"y\":4}"}}]""",
                ],
                ["c1 f {}", "c2 g {\"y\":4}"]
            },
            {
                "a new id in each delta",
                [
                    """[{"index":0,"id":"t1","function":{"name":"f","arguments":""}}]""",
                    """[{"index":0,"id":"t2","function":{"arguments":"{\"a\":"}}]""",
                    """[{"index":0,"id":"t3","function":{"arguments":"1}"}}]""",
                ],
                ["t1 f {\"a\":1}"]
            },
            {
                "name in pieces",
                [
                    """[{"index":0,"id":"c1","function":{"name":"get_","arguments":""}}]""",
                    """[{"index":0,"id":"","function":{"name":"weather","arguments":""}}]""",
                    """[{"index":0,"id":"","function":{"arguments":"{\"a\":1}"}}]""",
                ],
                ["c1 get_weather {\"a\":1}"]
            },
            {
                "one place, two names",
                [
                    """[{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}]""",
                    """[{"index":0,"id":"","function":{"name":"g","arguments":"{\"b\":2}"}}]""",
                ],
                ["c1 f {\"a\":1}", "call_chatcmpl-1_1 g {\"b\":2}"]
            },
            {
                "arguments whole",
                [
                    """[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\": {\"b\": [1, 2]}}"}}]""",
                ],
                ["c1 f {\"a\":{\"b\":[1,2]}}"]
            },
        };

    [Theory, MemberData(nameof(Forms))]
    public async Task T26_EveryForm_GivesCompleteCallsOnce(string form, string[] deltas, string[] expected)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream(Lines(deltas, finish: true)));

        var response = await Ask.Async(setup.Pipeline(), streaming: true);

        var calls = response.Messages.SelectMany(static message => message.Contents).OfType<FunctionCallContent>();
        Assert.Equal(expected, calls.Select(Show));
        Assert.True(response.FinishReason == ChatFinishReason.ToolCalls, form);
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task T28_CutInsideAToolCall_IsAskedAgainAndNeverHalf(string form, string[] deltas, string[] expected)
    {
        await using var setup = await Setup.StartAsync();
        // Cut everywhere before the finish chunk: even arguments that parse may go on.
        for (var cut = 1; cut <= deltas.Length; cut++)
        {
            setup.Qwen.Script.Enqueue(QwenBehavior.Stream(Lines(deltas[..cut], finish: false), done: cut % 2 == 0));
            setup.Qwen.Script.Enqueue(QwenBehavior.Stream(Lines(deltas, finish: true)));

            var response = await Ask.Async(setup.Pipeline(), streaming: true);

            var calls = response.Messages.SelectMany(static message => message.Contents).OfType<FunctionCallContent>();
            Assert.Equal(expected, calls.Select(Show));
            Assert.True(setup.Qwen.Script.Remaining == 0, form);
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T27_ArgumentsThatAreNoJson_AreNeverCalledWithNothing(bool cut)
    {
        await using var setup = await Setup.StartAsync();
        var broken = cut ? "{\"city\": \"Hang" : "city=Hangzhou";
        var arguments = System.Text.Json.JsonSerializer.Serialize(broken);
        var delta =
            $$"""[{"index":0,"id":"c1","type":"function","function":{"name":"weather","arguments":{{arguments}} } }]""";
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream(Lines([delta], finish: true)));
        var calls = 0;
        using var client = setup.Pipeline().AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatOptions
        {
            Tools = [AIFunctionFactory.Create((string? city = null) => ++calls, "weather")],
        };

        var response = await Ask.Async(client, streaming: true, options);

        Assert.Equal(0, calls);
        var call = Assert.Single(response.Messages.SelectMany(static m => m.Contents).OfType<FunctionCallContent>());
        Assert.NotNull(call.Exception);
        Assert.Equal(broken, call.RawRepresentation);
        Assert.True(call.InformationalOnly);

        // The conversation can go on: the call that never was is not sent back.
        var next = await client.GetResponseAsync(
            [.. Ask.Question, .. response.Messages, new(ChatRole.User, "Try again.")],
            cancellationToken: TestContext.Current.CancellationToken
        );
        Assert.Equal(Setup.Text, next.Text);
    }

    private static IEnumerable<string> Lines(string[] deltas, bool finish)
    {
        const string Tail =
            "\"object\":\"chat.completion.chunk\",\"usage\":null,\"created\":1,\"model\":\"m\",\"id\":\"chatcmpl-1\"}";
        foreach (var delta in deltas)
        {
            yield return $$"""{"choices":[{"delta":{"content":null,"tool_calls":{{delta}}},"finish_reason":null,"index":0}],{{Tail}}""";
        }

        if (finish)
        {
            yield return $$"""{"choices":[{"finish_reason":"tool_calls","delta":{},"index":0,"logprobs":null}],{{Tail}}""";
        }
    }

    private static string Show(FunctionCallContent call)
    {
        var arguments = string.Join(
            ",",
            call.Arguments!.Select(static pair =>
                $"\"{pair.Key}\":{((System.Text.Json.JsonElement)pair.Value!).GetRawText()}"
            )
        );
        return $"{call.CallId} {call.Name} {{{arguments.Replace(" ", "", StringComparison.Ordinal)}}}";
    }
}
