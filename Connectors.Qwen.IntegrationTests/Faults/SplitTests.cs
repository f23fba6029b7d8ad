using System.Net;
using System.Text;
using Connectors.Qwen.IntegrationTests.Testing;
using CsCheck;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults;

/// <summary>
/// Row T20: however the bytes of a stream are written and split, the answer is the same. At the level of a Stream, because
/// TCP keeps no splits; through the whole pipeline.
/// </summary>
public sealed class SplitTests
{
    private const string Tail =
        "\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"qwen3-max\",\"id\":\"chatcmpl-1\"}";

    private static readonly Gen<Writing> Writings =
        from newLine in Gen.OneOf(Gen.Const("\n"), Gen.Const("\r"), Gen.Const("\r\n"))
        from bom in Gen.Bool
        from space in Gen.Bool
        from multiLine in Gen.Bool
        from comments in Gen.Bool
        from endsWithBlankLine in Gen.Bool
        from done in Gen.Bool
        select new Writing(newLine, bom, space, multiLine, comments, endsWithBlankLine, done);

    private static readonly Gen<string[]> Answers = Gen.OneOf(
        Gen.Const("各种"),
        Gen.Const("🚀 and 🧩"),
        Gen.Const("line\nbreak\r\n\ttab \"quoted\" back\\slash"),
        Gen.Const("data: [DONE]"),
        Gen.Const("\ud83d"),
        Gen.Const("\ude80"),
        Gen.String[Gen.Char['\u0001', '\u2fff'], 1, 12]
    ).Array[1, 12];

    [Fact]
    public async Task T20_AnySplitOfTheBytes_GivesTheSameAnswer()
    {
        var cases = Gen.Select(Answers, Writings, Gen.Int[1, 7].Array[1, 20]);
        await cases.SampleAsync(
            static async (answer, writing, splits) =>
            {
                using var http = new HttpClient(new SplitHandler(Write(answer, writing), splits));
                http.Timeout = Timeout.InfiniteTimeSpan;
                using var client = QwenPipeline.CreateChatClient(
                    new QwenOptions { ModelId = "qwen3-max", ApiKey = "sk-x" },
                    httpClient: http
                );

                var response = await Ask.Async(client, streaming: true);

                Assert.Equal(WithoutHalves(string.Concat(answer)), response.Text);
                Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
                Assert.Equal(9, response.Usage!.TotalTokenCount);
            },
            iter: 2000,
            threads: 2
        );
    }

    private static byte[] Write(string[] answer, Writing writing)
    {
        var text = new StringBuilder();
        Event(
            text,
            writing,
            $"{{\"choices\":[{{\"delta\":{{\"content\":\"\",\"role\":\"assistant\"}},\"index\":0}}],",
            "\"usage\":null," + Tail
        );
        foreach (var piece in answer)
        {
            Event(
                text,
                writing,
                $"{{\"choices\":[{{\"delta\":{{\"content\":{Json(piece)}}},\"finish_reason\":null,\"index\":0}}],",
                "\"usage\":null," + Tail
            );
        }

        Event(
            text,
            writing,
            "{\"choices\":[{\"finish_reason\":\"stop\",\"delta\":{\"content\":\"\"},\"index\":0}],",
            "\"usage\":null," + Tail
        );
        Event(
            text,
            writing,
            "{\"choices\":[],\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":5,\"total_tokens\":9},",
            Tail,
            isLast: !writing.Done
        );
        if (writing.Done)
        {
            Event(text, writing with { MultiLine = false }, "[DONE]", "", isLast: true);
        }

        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        return writing.Bom ? [0xEF, 0xBB, 0xBF, .. bytes] : bytes;
    }

    private static void Event(StringBuilder text, Writing writing, string first, string second, bool isLast = false)
    {
        var data = writing.Space ? "data: " : "data:";
        if (writing.Comments)
        {
            text.Append(": keep-alive").Append(writing.NewLine).Append("id:7").Append(writing.NewLine);
        }

        text.Append(data).Append(first);
        if (writing.MultiLine && second.Length > 0)
        {
            text.Append(writing.NewLine).Append(data);
        }

        text.Append(second);
        if (!isLast || writing.EndsWithBlankLine)
        {
            text.Append(writing.NewLine).Append(writing.NewLine);
        }
    }

    // What is left of a text with halves of characters in any encoding: those that meet are one character, the others U+FFFD.
    private static string WithoutHalves(string text)
    {
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
    }

    // Escapes everything outside ASCII now and then, halves of surrogate pairs always: as servers do.
    private static string Json(string piece)
    {
        var json = new StringBuilder("\"");
        for (var i = 0; i < piece.Length; i++)
        {
            var c = piece[i];
            var isPair = char.IsHighSurrogate(c) && i + 1 < piece.Length && char.IsLowSurrogate(piece[i + 1]);
            if (isPair)
            {
                json.Append(c).Append(piece[++i]);
            }
            else if (c is < ' ' or '"' or '\\' || char.IsSurrogate(c) || c % 3 == 0)
            {
                json.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                json.Append(c);
            }
        }

        return json.Append('"').ToString();
    }

    private sealed record Writing(
        string NewLine,
        bool Bom,
        bool Space,
        bool MultiLine,
        bool Comments,
        bool EndsWithBlankLine,
        bool Done
    );

    private sealed class SplitHandler(byte[] body, int[] splits) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            var response = new HttpResponseMessage(HttpStatusCode.OK)
            {
                RequestMessage = request,
                Content = new StreamContent(new SplitStream(body, splits)),
            };
            response.Content.Headers.ContentType = new("text/event-stream") { CharSet = "UTF-8" };
            return Task.FromResult(response);
        }
    }

    /// <summary>Gives at most the next split's number of bytes per read, and every other time not at once.</summary>
    private sealed class SplitStream(byte[] body, int[] splits) : MemoryStream(body)
    {
        private int _reads;

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            var split = splits[_reads++ % splits.Length];
            if (_reads % 2 == 0)
            {
                await Task.Yield();
            }

            return Read(buffer.Span[..Math.Min(split, buffer.Length)]);
        }
    }
}
