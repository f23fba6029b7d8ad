using System.Text.Json;
using Connectors.Qwen.UnitTests.Testing;

namespace Connectors.Qwen.UnitTests.Wire;

public class ChunkReaderTests
{
    [Theory]
    [InlineData(
        """{"choices":[{"delta":{"content":"Hel"},"finish_reason":null,"index":0,"logprobs":null}],"usage":null}"""
    )]
    [InlineData(
        """{"id":"i","choices":[{"finish_reason":null,"logprobs":null,"delta":{"content":"Hel"},"index":0}]}"""
    )]
    [InlineData(
        """{"choices":[{"delta":{"reasoning_content":null,"content":"Hel","role":null}}],"model":"m","id":"i"}"""
    )]
    [InlineData("""{"choices":[{"delta":{"content":"Hel","tool_calls":null,"function_call":null,"refusal":null}}]}""")]
    [InlineData("""{"error":null,"choices":[{"delta":{"content":"Hel"}}],"system_fingerprint":null}""")]
    public void Read_PlainDelta_IsItsTextAlone(string data)
    {
        var chunk = Chunks.Read(data);

        Assert.Equal(("Hel", null), (chunk.Content, chunk.Reasoning));
        Assert.Null(chunk.Rare);
        Assert.Null(chunk.Error);
    }

    [Fact]
    public void Read_ReasoningDelta_IsItsReasoning()
    {
        var chunk = Chunks.Read("""{"choices":[{"delta":{"content":null,"reasoning_content":"think"},"index":0}]}""");

        Assert.Equal((null, "think"), (chunk.Content, chunk.Reasoning));
    }

    [Theory]
    [InlineData("""{"choices":[{"delta":{"content":"","role":"assistant"},"index":0}]}""")]
    [InlineData("""{"choices":[{"delta":{},"index":0}]}""")]
    [InlineData("""{"choices":[{"index":0}]}""")]
    public void Read_EmptyDelta_SaysNothing(string data)
    {
        var chunk = Chunks.Read(data);

        Assert.Equal((null, null, null), (chunk.Content, chunk.Reasoning, chunk.Rare));
    }

    [Fact]
    public void Read_WholeAskedFor_HoldsTheIds()
    {
        const string Data = """
            {"id":"chatcmpl-U","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,
            "delta":{"role":"assistant","content":"Hel"},"finish_reason":null,"logprobs":null}],"usage":null}
            """;

        var chunk = Chunks.Read(Data, whole: true);

        Assert.Equal(("chatcmpl-U", "m", 1L), (chunk.Rare?.Id, chunk.Rare?.Model, chunk.Rare?.Created));
        Assert.Equal("Hel", chunk.Rare?.Choices?[0].Delta?.Content);
    }

    [Theory]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}""", "stop")]
    [InlineData("""{"choices":[{"finish_reason":"tool_calls","delta":{},"index":0}]}""", "tool_calls")]
    [InlineData("""{"choices":[{"delta":{"content":null},"finish_reason":"null"}]}""", "null")]
    public void Read_FinishReason_IsReadWhole(string data, string expected)
    {
        Assert.Equal(expected, Assert.Single(Chunks.Read(data).Rare!.Choices!).FinishReason);
    }

    [Fact]
    public void Read_UsageChunkWithoutChoices_HoldsTheUsage()
    {
        const string Data = """
            {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16,
            "prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":4}}}
            """;

        var rare = Chunks.Read(Data).Rare!;

        Assert.Empty(rare.Choices!);
        var usage = rare.Usage!;
        Assert.Equal((9L, 7L, 16L), (usage.PromptTokens, usage.CompletionTokens, usage.TotalTokens));
        Assert.Equal((3L, 4L), (usage.PromptDetails!.Cached, usage.CompletionDetails!.Reasoning));
    }

    [Theory]
    [InlineData(
        """{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":""}}""",
        "0/call_1/f/"
    )]
    [InlineData(
        """{"index":0,"id":"","type":"function","function":{"name":null,"arguments":"{\"a\":"}}""",
        "0///{\"a\":"
    )]
    [InlineData("""{"function":{"arguments":"1}"},"index":0,"id":"","type":"function"}""", "0///1}")]
    [InlineData("""{"index":0,"id":"","function":{"arguments":null}}""", "0///")]
    [InlineData("""{"id":"c3","function":{"name":"g","arguments":"{}"}}""", "/c3/g/{}")]
    [InlineData("""{"id":"c3","function":{"name":"g","arguments":{"a":[1]}}}""", "/c3/g/{\"a\":[1]}")]
    [InlineData("""{"index":0,"id":"a"},{"index":1,"id":"b"}""", "0/a//,1/b//")]
    public void Read_ToolCallDelta_HoldsThePieces(string pieces, string expected)
    {
        var chunk = Chunks.Read($$"""{"choices":[{"delta":{"content":null,"tool_calls":[{{pieces}}]},"index":0}]}""");

        var calls = Assert.Single(chunk.Rare!.Choices!).Delta!.ToolCalls!;
        Assert.Equal(
            expected,
            string.Join(",", calls.Select(c => $"{c.Index}/{c.Id}/{c.Function?.Name}/{c.Function?.Arguments}"))
        );
    }

    [Theory]
    [InlineData("""{"choices":[{"delta":{"reasoning":"think"},"index":0}]}""")]
    [InlineData("""{"choices":[{"delta":{"refusal":"no"},"index":0}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"},"index":1}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}},{"delta":{"content":"b"}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"},"logprobs":{"content":[]}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}}],"usage":{"total_tokens":1}}""")]
    [InlineData("""{"choices":[{"delta":null}]}""")]
    [InlineData("""{"choices":null}""")]
    [InlineData("""{"phase":"KeepAlive"}""")]
    public void Read_MoreThanText_IsReadWhole(string data)
    {
        Assert.NotNull(Chunks.Read(data).Rare);
    }

    [Fact]
    public void Read_MessageInPlaceOfDelta_IsReadWhole()
    {
        // Some gateways put a whole message into a chunk; the mapper takes it in place of a delta.
        var chunk = Chunks.Read("""{"choices":[{"index":0,"message":{"role":"assistant","content":"Hello"}}]}""");

        Assert.Equal("Hello", chunk.Rare?.Choices?[0].Message?.Content);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_Done_IsTheEnd(bool whole)
    {
        Assert.True(Chunks.Read("[DONE]", whole).IsDone);
    }

    [Theory]
    [InlineData("""{"error":{"message":"busy","type":"server_error","code":"500"}}""", "500", "busy")]
    [InlineData("""{"error":{"message":"busy","code":500},"choices":[{"delta":{"content":"x"}}]}""", "500", "busy")]
    [InlineData(
        """{"code":"InvalidParameter","message":"wrong role","request_id":"U"}""",
        "InvalidParameter",
        "wrong role"
    )]
    [InlineData("""{"object":"error","message":"busy","type":"server_error","param":null,"code":null}""", null, "busy")]
    [InlineData("""{"error":"busy"}""", null, "busy")]
    public void Read_ErrorObject_IsAnError(string data, string? code, string message)
    {
        foreach (var whole in new[] { true, false })
        {
            var error = Chunks.Read(data, whole).Error!;

            Assert.Equal((code, message), (error.Code, error.Message));
        }
    }

    [Theory]
    [InlineData("""{"code":"Throttling","message":"slow down"}""", "slow down")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}}]}""", "The stream reported an error without a message.")]
    [InlineData("{}", "The stream reported an error without a message.")]
    public void Read_EventNamedError_IsAnErrorWhateverItHolds(string data, string message)
    {
        Assert.Equal(message, Chunks.Read(data, eventType: "error").Error?.Message);
    }

    [Theory]
    [InlineData("""{"choices":[{"delta":{"content":"a"}}]""")]
    [InlineData("""{"choices":[{"delta":{"content":"a""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}}]},""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}}]}{"choices":[{"delta":{"content":"b"}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}}]} trailing""")]
    [InlineData("""{"choices":[{"delta":{"content":"\x"}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":5}}]}""")]
    [InlineData("""{"choices":[[]]}""")]
    [InlineData("""{"choices":{}}""")]
    [InlineData("<html>")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("[]")]
    [InlineData("[DONE")]
    [InlineData("""{"\ud83d":1}""")]
    [InlineData("""{"choices":[{"delta":{"content":5}}],"\ude00":1}""")]
    public void Read_NotAChunk_ThrowsJsonException(string data)
    {
        foreach (var whole in new[] { true, false })
        {
            var thrown = Record.Exception(() => Chunks.Read(data, whole));

            Assert.True(thrown is JsonException, $"whole: {whole}, thrown: {thrown?.GetType().Name ?? "nothing"}");
        }
    }

    [Theory]
    [InlineData("""{"choices":[{"delta":{"content":"a","content":"b"}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a","content":null}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"},"delta":{"reasoning_content":"b"}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}}],"choices":[{"delta":{"content":"b"}}]}""")]
    [InlineData("""{"choices":[{"index":1,"index":0,"delta":{"content":"a"}}]}""")]
    [InlineData("""{"usage":{"total_tokens":1},"usage":null,"choices":[{"delta":{"content":"a"}}]}""")]
    public void Read_MemberTwice_MeansTheSameBothWays(string data)
    {
        Assert.Equal(Chunks.View(Chunks.Read(data, whole: true)), Chunks.View(Chunks.Read(data)));
    }

    [Fact]
    public void Read_NullsInLists_AreNotThere()
    {
        var rare = Chunks.Read("""{"choices":[null,{"delta":{"tool_calls":[null,{"id":"c"},null]}},null]}""").Rare!;

        Assert.Equal("c", Assert.Single(Assert.Single(rare.Choices!).Delta!.ToolCalls!).Id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void Read_BlankData_SaysNothing(string data)
    {
        var chunk = Chunks.Read(data, whole: true);

        Assert.False(chunk.IsDone);
        Assert.Null(chunk.Content);
        Assert.Null(chunk.Rare);
    }

    [Theory]
    [InlineData("[DONE] ")]
    [InlineData(" [DONE]")]
    public void Read_DoneWithSpaces_IsDone(string data)
    {
        Assert.True(Chunks.Read(data, whole: false).IsDone);
    }
}
