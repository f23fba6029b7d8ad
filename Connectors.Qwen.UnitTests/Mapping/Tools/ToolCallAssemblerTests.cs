using System.Text.Json;
using Connectors.Qwen.Mapping;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Mapping;

public class ToolCallAssemblerTests
{
    // What it is, the pieces (one delta per entry), the calls as id:name(arguments).
    public static TheoryData<string, string[], string[]> Forms =>
        new()
        {
            {
                "ordinary: id first, empty later",
                [
                    """{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}""",
                    """{"index":0,"id":"","type":"function","function":{"name":null,"arguments":"{\"a\":"}}""",
                    """{"index":0,"id":"","function":{"arguments":"1}"}}""",
                ],
                ["c1:f({\"a\":1})"]
            },
            {
                "arguments null, function null",
                [
                    """{"index":0,"id":"c1","function":{"name":"f","arguments":null}}""",
                    """{"index":0,"id":null,"function":{"name":null,"arguments":null}}""",
                    """{"index":0}""",
                    """{"index":0,"function":{"arguments":"{\"a\":1}"}}""",
                ],
                ["c1:f({\"a\":1})"]
            },
            {
                "whole arguments at once",
                ["""{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}"""],
                ["c1:f({\"a\":1})"]
            },
            {
                "arguments as an object",
                ["""{"index":0,"id":"c1","function":{"name":"f","arguments":{"a":1}}}"""],
                ["c1:f({\"a\":1})"]
            },
            {
                "two calls in one delta",
                [
                    """{"index":0,"id":"c1","function":{"name":"f","arguments":"{"}},{"index":1,"id":"c2","function":{"name":"g","arguments":"{"}}""",
                    """{"index":0,"id":"","function":{"arguments":"\"a\":1}"}},{"index":1,"id":"","function":{"arguments":"}"}}""",
                ],
                ["c1:f({\"a\":1})", "c2:g({})"]
            },
            {
                "order of the beginning is kept",
                [
                    """{"index":1,"id":"c2","function":{"name":"g","arguments":"{}"}}""",
                    """{"index":0,"id":"c1","function":{"name":"f","arguments":"{}"}}""",
                ],
                ["c2:g({})", "c1:f({})"]
            },
            {
                "id and name repeated in each delta",
                [
                    """{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":"}}""",
                    """{"index":0,"id":"c1","function":{"name":"f","arguments":"1}"}}""",
                ],
                ["c1:f({\"a\":1})"]
            },
            {
                "index used again for another call",
                [
                    """{"index":0,"id":"c1","function":{"name":"f","arguments":"{}"}}""",
                    """{"index":0,"id":"c2","function":{"name":"f","arguments":"{\"b\":"}}""",
                    """{"index":0,"id":"","function":{"arguments":"2}"}}""",
                ],
                ["c1:f({})", "c2:f({\"b\":2})"]
            },
            {
                "name again with the arguments, nothing else",
                [
                    """{"index":0,"id":"c1","function":{"name":"f","arguments":""}}""",
                    """{"function":{"name":"f","arguments":"{\"a\":1}"}}""",
                ],
                ["c1:f({\"a\":1})"]
            },
            {
                "index counted on with each piece",
                [
                    """{"index":0,"id":"c1","function":{"name":"f","arguments":""}}""",
                    """{"index":1,"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}""",
                ],
                ["c1:f({\"a\":1})"]
            },
            {
                "index counted on, neither id nor name",
                [
                    """{"index":0,"id":"c1","function":{"name":"f","arguments":""}}""",
                    """{"index":1,"function":{"arguments":"{\"a\":1}"}}""",
                ],
                ["c1:f({\"a\":1})"]
            },
            {
                "another id with each piece, the name too",
                [
                    """{"index":0,"id":"c1","function":{"name":"f","arguments":""}}""",
                    """{"index":0,"id":"c2","function":{"name":"f","arguments":"{\"a\":"}}""",
                    """{"index":0,"id":"c3","function":{"name":"f","arguments":"1}"}}""",
                ],
                ["c1:f({\"a\":1})"]
            },
            {
                "the name with each piece, neither id nor index",
                [
                    """{"function":{"name":"f","arguments":""}}""",
                    """{"function":{"name":"f","arguments":"{\"a\":"}}""",
                    """{"function":{"name":"f","arguments":"1}"}}""",
                ],
                ["call_resp_0:f({\"a\":1})"]
            },
            {
                "the same call twice",
                [
                    """{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}""",
                    """{"index":1,"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}""",
                ],
                ["c1:f({\"a\":1})"]
            },
            {
                "two calls of one function, the first without parameters",
                [
                    """{"index":0,"id":"c1","function":{"name":"f","arguments":""}}""",
                    """{"index":1,"id":"c2","function":{"name":"f","arguments":"{\"a\":1}"}}""",
                ],
                ["c1:f({})", "c2:f({\"a\":1})"]
            },
            {
                "two calls of one function in one place, the first without parameters",
                [
                    """{"index":0,"id":"c1","function":{"name":"f","arguments":""}}""",
                    """{"index":0,"id":"c2","function":{"name":"f","arguments":"{\"a\":1}"}}""",
                ],
                ["c1:f({})", "c2:f({\"a\":1})"]
            },
            {
                "two calls of one function, none with parameters",
                [
                    """{"index":0,"id":"c1","function":{"name":"f","arguments":""}}""",
                    """{"index":0,"id":"c2","function":{"name":"f","arguments":""}}""",
                ],
                ["c1:f({})", "c2:f({})"]
            },
            {
                "index used again and ids repeated",
                [
                    """{"index":0,"id":"c1","function":{"name":"f","arguments":"{"}},{"index":0,"id":"c2","function":{"name":"g","arguments":"{"}}""",
                    """{"index":0,"id":"c1","function":{"arguments":"}"}},{"index":0,"id":"c2","function":{"arguments":"}"}}""",
                ],
                ["c1:f({})", "c2:g({})"]
            },
            {
                "no index",
                [
                    """{"id":"c1","function":{"name":"f","arguments":"{\"a\":"}}""",
                    """{"id":"","function":{"arguments":"1}"}}""",
                    """{"id":"c2","function":{"name":"g","arguments":"{}"}}""",
                ],
                ["c1:f({\"a\":1})", "c2:g({})"]
            },
            {
                "no index, ids repeated and mixed",
                [
                    """{"id":"c1","function":{"name":"f","arguments":"{"}}""",
                    """{"id":"c2","function":{"name":"g","arguments":"{"}}""",
                    """{"id":"c1","function":{"arguments":"}"}}""",
                    """{"id":"c2","function":{"arguments":"}"}}""",
                ],
                ["c1:f({})", "c2:g({})"]
            },
            {
                "index only in later deltas",
                [
                    """{"id":"c1","function":{"name":"f","arguments":"{\"a\":"}}""",
                    """{"index":0,"id":"","function":{"arguments":"1}"}}""",
                ],
                ["c1:f({\"a\":1})"]
            },
            {
                "index only in the first delta",
                [
                    """{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":"}}""",
                    """{"id":"","function":{"arguments":"1}"}}""",
                ],
                ["c1:f({\"a\":1})"]
            },
            {
                "no id at all",
                [
                    """{"index":0,"function":{"name":"f","arguments":"{"}},{"index":1,"function":{"name":"g","arguments":"{}"}}""",
                    """{"index":0,"id":"","function":{"arguments":"}"}}""",
                ],
                ["call_resp_0:f({})", "call_resp_1:g({})"]
            },
            {
                "id later than the name",
                [
                    """{"index":0,"function":{"name":"f","arguments":"{"}}""",
                    """{"index":0,"id":"c1","function":{"arguments":"}"}}""",
                ],
                ["c1:f({})"]
            },
            { "no arguments", ["""{"index":0,"id":"c1","function":{"name":"f","arguments":""}}"""], ["c1:f({})"] },
            { "nothing", [], [] },
        };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Finish_PiecesOfAnyForm_AreCompleteCallsOnceEach(string form, string[] deltas, string[] expected)
    {
        var assembler = new ToolCallAssembler();
        foreach (var delta in deltas)
        {
            var chunk = Chunks.Read($$$"""{"choices":[{"delta":{"tool_calls":[{{{delta}}}]}}]}""");
            foreach (var piece in chunk.Rare!.Choices![0].Delta!.ToolCalls!)
            {
                assembler.Add(piece);
            }
        }

        var calls = assembler.Finish("resp", ChatFinishReason.ToolCalls).Select(Show).ToArray();

        Assert.True(expected.SequenceEqual(calls), $"{form}: {string.Join(" and ", calls)}");
        Assert.Equal(expected.Length == 0, assembler.IsEmpty);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  \n")]
    [InlineData("null")]
    [InlineData(" null ")]
    [InlineData("{}")]
    public void ToContent_NoArguments_IsAnEmptyObject(string? arguments)
    {
        var call = ToolCallAssembler.ToContent("c1", "f", arguments, ChatFinishReason.ToolCalls);

        Assert.Empty(call.Arguments!);
        Assert.Null(call.Exception);
        Assert.False(call.InformationalOnly);
    }

    [Theory]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":1}}")]
    [InlineData("{}{}")]
    [InlineData("[1]")]
    [InlineData("\"text\"")]
    [InlineData("42")]
    [InlineData("sunny")]
    public void ToContent_NotAJsonObject_KeepsTheTextAndSaysSo(string arguments)
    {
        var call = ToolCallAssembler.ToContent("c1", "f", arguments, ChatFinishReason.ToolCalls);

        Assert.Null(call.Arguments);
        Assert.Equal(arguments, call.RawRepresentation);
        Assert.IsType<InvalidOperationException>(call.Exception);
        Assert.IsType<JsonException>(call.Exception.InnerException, exactMatch: false);
        Assert.Equal(("c1", "f"), (call.CallId, call.Name));
        // Otherwise function invocation would call the function with nothing.
        Assert.True(call.InformationalOnly);
    }

    [Fact]
    public void ToContent_HalfAnEmojiAtTheEnd_KeepsTheTextAndSaysSo()
    {
        var call = ToolCallAssembler.ToContent("c1", "f", "{\"a\":\"\ud83d", ChatFinishReason.ToolCalls);

        Assert.Equal("{\"a\":\"\ud83d", call.RawRepresentation);
        Assert.NotNull(call.Exception);
        Assert.True(call.InformationalOnly);
    }

    [Fact]
    public void ToContent_Values_AreJsonElements()
    {
        var call = ToolCallAssembler.ToContent(
            "c1",
            "f",
            """{"a":[1,{"b":"中"}],"c":null}""",
            ChatFinishReason.ToolCalls
        );

        Assert.Equal("""[1,{"b":"中"}]""", Assert.IsType<JsonElement>(call.Arguments!["a"]).GetRawText());
        Assert.Null(call.Arguments["c"]);
    }

    private static string Show(FunctionCallContent call)
    {
        var arguments = call.Arguments is { } read
            ? $"{{{string.Join(",", read.Select(a => $"\"{a.Key}\":{a.Value}"))}}}"
            : $"not JSON: {call.RawRepresentation}";
        return $"{call.CallId}:{call.Name}({arguments})";
    }
}
