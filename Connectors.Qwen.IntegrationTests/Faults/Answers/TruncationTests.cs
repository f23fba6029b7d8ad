using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Connectors.Qwen.IntegrationTests.Recorded;
using Connectors.Qwen.IntegrationTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Answers;

/// <summary>
/// Rows T12, T13 and T28, byte by byte: wherever a stream is cut, the caller of the raw client has the whole answer or a typed
/// error with what was said; never an answer that is shorter in silence, never half a tool call. Without sockets, because
/// what matters is the last byte that arrived.
/// </summary>
public sealed class TruncationTests
{
    private const string OneCall =
        """[{"index":0,"id":"c1","type":"function","function":{"name":"pay","arguments":"{}"}}]""";

    // What follows the cut: a gateway's end mark within the line that was cut, or after it; and whether the connection is lost.
    private static readonly (string Tail, bool IsLost)[] Ends =
    [
        ("", false),
        ("", true),
        ("data: [DONE]\n\n", false),
        ("\n\ndata: [DONE]\n\n", false),
        ("\n\ndata: [DONE]\n\n", true),
    ];

    [Theory]
    [InlineData("text"), InlineData("reasoning, then text"), InlineData("text, then a call"), InlineData("two calls")]
    [InlineData("arguments that parse half-way"), InlineData("finish with the last words"), InlineData("CRLF")]
    [InlineData("Chinese and emoji"), InlineData("native error"), InlineData("cumulative"), InlineData("think tags")]
    [InlineData("repeats in doubt"), InlineData("halves of characters")]
    [InlineData("usage in place of a finish reason"), InlineData("a call and usage, but no finish reason")]
    [InlineData("recorded text"), InlineData("recorded reasoning"), InlineData("recorded tool-call")]
    public async Task T13_CutAtAnyByte_IsTheWholeAnswerOrATypedError(string name)
    {
        var answer = Composed(name);
        var handler = new CutHandler();
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        // A host that is not the service's own: there every word is looked at, and some are held.
        var options = new QwenClientOptions
        {
            ModelId = "m",
            ApiKey = "sk-x",
            // The figures of a gateway prove nothing.
            Endpoint = name.StartsWith("usage", StringComparison.Ordinal)
                ? QwenEndpoints.Beijing
                : new Uri("https://gateway.example/v1"),
            ThinkTagsAsReasoning = name == "think tags",
        };
        using var client = new QwenChatClient(options, null, http);
        foreach (var cut in answer.Positions())
        {
            foreach (var (tail, isLost) in Ends)
            {
                handler.Body = [.. answer.Bytes.AsSpan(0, cut), .. Encoding.UTF8.GetBytes(tail)];
                handler.IsLost = isLost;

                var seen = await Seen.ReadAsync(client);

                if (Wrong(answer, cut, seen) is { } wrong)
                {
                    Assert.Fail($"Cut at {cut}, then '{tail.Trim()}', lost: {isLost}: {wrong}. Seen: {seen}");
                }
            }
        }
    }

    private static string? Wrong(CutAnswer answer, int cut, Seen seen)
    {
        return seen.Failure is not null and not QwenException ? "the error is not a typed one"
            : seen.Failure is null && cut < answer.NotWholeBefore ? "it was taken for whole"
            : seen.Failure is not null && cut >= answer.WholeFrom ? "it was whole"
            : seen.Failure is null ? WrongWhole(answer, seen)
            : WrongPart(answer, seen);
    }

    private static string? WrongWhole(CutAnswer answer, Seen seen)
    {
        return seen.Text != answer.Text ? "the text differs"
            : seen.Reasoning != answer.Reasoning ? "the reasoning differs"
            : !seen.Calls.SequenceEqual(answer.Calls) ? "the calls differ"
            : seen.Finishes != 1 ? "it is not finished exactly once"
            : null;
    }

    private static string? WrongPart(CutAnswer answer, Seen seen)
    {
        return !answer.Text.StartsWith(seen.Text, StringComparison.Ordinal) ? "the text is not the beginning"
            : !answer.Reasoning.StartsWith(seen.Reasoning, StringComparison.Ordinal)
                ? "the reasoning is not the beginning"
            : ((QwenException)seen.Failure!).PartialText != (seen.Text.Length == 0 ? null : seen.Text)
                ? "the error does not carry the text"
            : seen.Calls.Length > 0 ? "a call of a turn that did not end could be executed"
            : seen.Finishes > 0 ? "it was told finished"
            : null;
    }

    private static CutAnswer Composed(string name)
    {
        const string Thought = "Hm, 再想一想 🚀。";
        return name switch
        {
            "text" => CutAnswer.Of([Chunk.Text("Hel"), Chunk.Text("lo, \"world\"\n"), Chunk.Finish(), Chunk.Usage(4)]),
            "reasoning, then text" => CutAnswer.Of([
                Chunk.Reasoning(""),
                Chunk.Reasoning("Let me "),
                Chunk.Reasoning("think."),
                Chunk.Text("Hello"),
                Chunk.Finish(),
                Chunk.Usage(4),
            ]),
            "text, then a call" => CutAnswer.Of([
                Chunk.Text("I will pay."),
                Chunk.Calls(OneCall),
                Chunk.Finish("tool_calls"),
                Chunk.Usage(4),
            ]),
            "two calls" => CutAnswer.Of([
                Chunk.Calls("""[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]"""),
                Chunk.Calls("""[{"index":0,"id":"","function":{"arguments":"{\"a\": 1}"}}]"""),
                Chunk.Calls(
                    """[{"index":1,"id":"c2","type":"function","function":{"name":"g","arguments":"{\"b\":"}}]"""
                ),
                Chunk.Calls("""[{"index":1,"id":"","function":{"arguments":" [1, 2]}"}}]"""),
                Chunk.Finish("tool_calls"),
                Chunk.Usage(9),
            ]),
            "arguments that parse half-way" => CutAnswer.Of([
                Chunk.Calls("""[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]"""),
                Chunk.Calls("""[{"index":0,"id":"","function":{"arguments":" "}}]"""),
                Chunk.Finish("stop"),
            ]),
            "finish with the last words" => CutAnswer.Of([
                Chunk.Text("Hello"),
                Chunk.Finish().Replace("\"content\":\"\"", "\"content\":\", world\"", StringComparison.Ordinal),
            ]),
            "CRLF" => CutAnswer.Of([Chunk.Text("Hel"), Chunk.Text("lo"), Chunk.Finish(), Chunk.Usage(4)], "\r\n"),
            "Chinese and emoji" => CutAnswer.Of([
                // As the service writes it: not escaped.
                Chunk.Text("x").Replace("\"x\"", "\"各种 🚀\"", StringComparison.Ordinal),
                Chunk.Text("🧩 学习"),
                Chunk.Finish(),
                Chunk.Usage(4),
            ]),
            "native error" => CutAnswer.Of([
                Chunk.Text("Hel"),
                "event:error\n:HTTP_STATUS/429\ndata:{\"code\":\"Throttling\",\"message\":\"Too many requests.\",\"request_id\":\"r\"}",
            ]),
            "cumulative" => CutAnswer.Of(
                [
                    .. Enumerable
                        .Range(1, Thought.Length)
                        .Where(static length => !char.IsHighSurrogate(Thought[length - 1]))
                        .Select(length => Chunk.Reasoning(Thought[..length])),
                    Chunk.Text("Hel"),
                    Chunk.Text("Hello"),
                    Chunk.Text("Hello world"),
                    Chunk.Finish(),
                    Chunk.Usage(20),
                ],
                text: "Hello world",
                reasoning: Thought
            ),
            "think tags" => CutAnswer.Of(
                [Chunk.Text("<thi"), Chunk.Text("nk>Hm</"), Chunk.Text("think>Hello"), Chunk.Finish()],
                text: "Hello",
                reasoning: "Hm"
            ),
            "repeats in doubt" => CutAnswer.Of([
                Chunk.Reasoning("\n"),
                Chunk.Reasoning("\n"),
                Chunk.Text("ha"),
                Chunk.Text("haha"),
                Chunk.Finish(),
            ]),
            "halves of characters" => CutAnswer.Of(
                [
                    Chunk.Reasoning("x").Replace("\"x\"", """ "Hm \ud83d" """, StringComparison.Ordinal),
                    Chunk.Reasoning("x").Replace("\"x\"", """ "\ude80" """, StringComparison.Ordinal),
                    Chunk.Text("x").Replace("\"x\"", """ "Hi \ud83d" """, StringComparison.Ordinal),
                    Chunk.Text("x").Replace("\"x\"", """ "\ude80! \ud83e" """, StringComparison.Ordinal),
                    Chunk.Text("x").Replace("\"x\"", """ "\udde9" """, StringComparison.Ordinal),
                    Chunk.Finish(),
                ],
                text: "Hi 🚀! 🧩",
                reasoning: "Hm 🚀"
            ),
            "usage in place of a finish reason" => CutAnswer.Of([
                Chunk.Reasoning("Hm"),
                Chunk.Text("Hel"),
                Chunk.Text("lo"),
                Chunk.Usage(4),
            ]),
            "a call and usage, but no finish reason" => CutAnswer.Of([
                Chunk.Text("I will pay."),
                Chunk.Calls(OneCall),
                Chunk.Usage(4),
            ]),
            _ => CutAnswer.Of(Recording.Chunks(name["recorded ".Length..])),
        };
    }

    /// <summary>What a caller of the stream has in the end.</summary>
    private sealed record Seen(string Text, string Reasoning, string[] Calls, int Finishes, Exception? Failure)
    {
        public static async Task<Seen> ReadAsync(IChatClient client)
        {
            var (text, reasoning) = (new StringBuilder(), new StringBuilder());
            var calls = new List<string>();
            var finishes = 0;
            Exception? failure = null;
            try
            {
                await foreach (var update in client.GetStreamingResponseAsync(Ask.Question))
                {
                    finishes += update.FinishReason is null ? 0 : 1;
                    foreach (var content in update.Contents)
                    {
                        text.Append((content as TextContent)?.Text);
                        reasoning.Append((content as TextReasoningContent)?.Text);
                        if (content is FunctionCallContent { InformationalOnly: false } call)
                        {
                            var arguments = JsonSerializer.Serialize(call.Arguments);
                            calls.Add($"{call.CallId} {call.Name} {JsonNode.Parse(arguments)!.ToJsonString()}");
                        }
                    }
                }
            }
            catch (Exception e)
            {
                failure = e;
            }

            return new Seen(text.ToString(), reasoning.ToString(), [.. calls], finishes, failure);
        }
    }

    private sealed class CutHandler : HttpMessageHandler
    {
        public byte[] Body { get; set; } = [];

        public bool IsLost { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            var content = new StreamContent(IsLost ? new LostStream(Body) : new MemoryStream(Body));
            content.Headers.ContentType = new("text/event-stream");
            return Task.FromResult(
                new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = content }
            );
        }
    }

    /// <summary>Ends as a connection that is lost does.</summary>
    private sealed class LostStream(byte[] body) : MemoryStream(body)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = Read(buffer.Span);
            return read > 0 || buffer.IsEmpty
                ? new(read)
                : ValueTask.FromException<int>(new IOException("The connection was lost."));
        }
    }
}
