using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Recorded;

/// <summary>What the real service sent, served again over a socket, comes through the whole pipeline as what it carries.</summary>
public sealed class RecordedTrafficTests
{
    [Theory, InlineData("text"), InlineData("reasoning"), InlineData("tool-call")]
    public async Task Stream_ThroughThePipeline_IsTheTextReasoningToolCallAndUsageItCarries(string name)
    {
        var chunks = Recording.Chunks(name);
        var carried = Carried.By(chunks);
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Stream(chunks));

        var updates = new List<ChatResponseUpdate>();
        await foreach (
            var update in setup
                .Pipeline()
                .GetStreamingResponseAsync(Ask.Question, null, TestContext.Current.CancellationToken)
        )
        {
            updates.Add(update);
        }

        carried.AssertEqual(updates.ToChatResponse());
        Assert.Single(updates.SelectMany(static update => update.Contents).OfType<UsageContent>());
        Assert.Single(updates, static update => update.FinishReason is not null);
        // Word by word: as many updates with text or reasoning as the service sent.
        Assert.Equal(
            carried.Deltas,
            updates.Count(static update => update.Contents.Any(static c => c is TextContent or TextReasoningContent))
        );
    }

    [Theory, InlineData("text"), InlineData("reasoning"), InlineData("tool-call")]
    public async Task Answer_ThroughThePipeline_IsTheTextReasoningToolCallAndUsageItCarries(string name)
    {
        var json = Recording.Answer(name);
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.Completion(json));

        var response = await Ask.Async(setup.Pipeline(), streaming: false);

        Carried.By(json).AssertEqual(response);
    }

    [Fact]
    public async Task NativeErrorStream_WithBomAndWithoutBlankLine_IsATypedError()
    {
        var bytes = Recording.Bytes("native/parameter-error-sse.response.body.txt");
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.RawStream(bytes));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming: true));

        Assert.Equal(QwenFailureKind.InvalidRequest, failure.Kind);
        Assert.Equal("InvalidParameter", failure.ErrorCode);
        Assert.Equal("7671ecd8-93cc-9ee9-bc89-739f0fd8b809", failure.RequestId);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task NativeAuthenticationError_OnTheCompatibleEndpoint_IsATypedError()
    {
        var body = Encoding.UTF8.GetString(Recording.Bytes("native/auth-error-nosse.response.body.txt"));
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Body("application/json", body, 401));

        var failure = await Assert.ThrowsAsync<QwenAuthenticationException>(() =>
            Ask.Async(setup.Pipeline(), streaming: false)
        );

        Assert.Equal("InvalidApiKey", failure.ErrorCode);
        Assert.Equal("a1c0561c-1dfe-98a6-a62f-983577b8bc5e", failure.RequestId);
    }

    /// <summary>What a recording carries, read from its JSON by plain means.</summary>
    private sealed record Carried(
        string Text,
        string Reasoning,
        string Calls,
        long Input,
        long Output,
        string Id,
        int Deltas
    )
    {
        public static Carried By(string[] chunks)
        {
            var roots = chunks.Select(static chunk => JsonNode.Parse(chunk)!).ToArray();
            var deltas = roots.Select(static root => root["choices"]!.AsArray().FirstOrDefault()?["delta"]).ToArray();
            var calls = deltas
                .Where(static d => d?["tool_calls"] is not null)
                .Select(static d => d!["tool_calls"]![0]!)
                .ToArray();
            return new Carried(
                string.Concat(deltas.Select(static delta => (string?)delta?["content"])),
                string.Concat(deltas.Select(static delta => (string?)delta?["reasoning_content"])),
                calls.Length == 0
                    ? ""
                    : $"{calls[0]["id"]} {calls[0]["function"]!["name"]} "
                        + Normal(string.Concat(calls.Select(static call => (string?)call["function"]!["arguments"]))),
                (long)roots[^1]["usage"]!["prompt_tokens"]!,
                (long)roots[^1]["usage"]!["completion_tokens"]!,
                (string)roots[^1]["id"]!,
                deltas.Count(static d =>
                    !string.IsNullOrEmpty((string?)d?["content"] ?? (string?)d?["reasoning_content"])
                )
            );
        }

        public static Carried By(string completion)
        {
            var root = JsonNode.Parse(completion)!;
            var message = root["choices"]![0]!["message"]!;
            var call = message["tool_calls"]?[0];
            return new Carried(
                (string?)message["content"] ?? "",
                (string?)message["reasoning_content"] ?? "",
                call is null
                    ? ""
                    : $"{call["id"]} {call["function"]!["name"]} {Normal((string)call["function"]!["arguments"]!)}",
                (long)root["usage"]!["prompt_tokens"]!,
                (long)root["usage"]!["completion_tokens"]!,
                (string)root["id"]!,
                1
            );
        }

        public void AssertEqual(ChatResponse response)
        {
            var contents = Assert.Single(response.Messages).Contents;
            Assert.Equal(Text, response.Text);
            Assert.Equal(Reasoning, string.Concat(contents.OfType<TextReasoningContent>().Select(static r => r.Text)));
            Assert.Equal(
                Calls,
                string.Concat(
                    contents.OfType<FunctionCallContent>().Select(static c => $"{c.CallId} {c.Name} {Json(c)}")
                )
            );
            Assert.Equal(Calls.Length > 0 ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop, response.FinishReason);
            Assert.Equal((Input, Output), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount));
            Assert.Equal(Id, response.ResponseId);
            Assert.Equal("qwen3-max", response.ModelId);
        }

        private static string Json(FunctionCallContent call)
        {
            return Normal(JsonSerializer.Serialize(call.Arguments));
        }

        private static string Normal(string json)
        {
            return JsonNode.Parse(json)!.ToJsonString();
        }
    }
}
