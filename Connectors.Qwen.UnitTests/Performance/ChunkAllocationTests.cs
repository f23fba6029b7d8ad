using System.Net;
using System.Text;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Performance;

/// <summary>
/// What one content chunk of eight characters costs. 296 bytes cannot be avoided: the update (144), its list (64), its content
/// (48) and its string (40). Everything is completed synchronously, so that one thread's counter sees all of it.
/// </summary>
public sealed class ChunkAllocationTests
{
    // TextReasoningContent has one field more than TextContent.
    private const int ReasoningField = 8;
    private const int Few = 2_000;
    private const int Many = 12_000;

    [Theory]
    [InlineData("content", 300), InlineData("reasoning_content", 300 + ReasoningField)]
    public async Task RawClient_PerChunk_StaysWithinTheBound(string member, int bound)
    {
        var perChunk = await MeasureAsync(member, static http => new QwenChatClient(Options(), null, http));

        Assert.InRange(perChunk, 100, bound);
    }

    [Theory]
    [InlineData("content", 300), InlineData("reasoning_content", 300 + ReasoningField)]
    public async Task RawClient_PerChunkOfAHostThatMayRepeat_StaysWithinTheBound(string member, int bound)
    {
        var perChunk = await MeasureAsync(
            member,
            static http => new QwenChatClient(Options(new Uri("https://gateway.example/v1")), null, http)
        );

        Assert.InRange(perChunk, 100, bound);
    }

    [Theory]
    [InlineData("content", 324), InlineData("reasoning_content", 324 + ReasoningField)]
    public async Task Pipeline_PerChunk_StaysWithinTheBound(string member, int bound)
    {
        var perChunk = await MeasureAsync(member, static http => QwenPipeline.CreateChatClient(Options(), null, http));

        Assert.InRange(perChunk, 100, bound);
    }

    private static async Task<double> MeasureAsync(string member, Func<HttpClient, IChatClient> create)
    {
        // The first round fills pools and compiles; the difference of two lengths leaves out what a stream costs once.
        await AllocatedAsync(member, Many, create);
        var few = await AllocatedAsync(member, Few, create);
        var many = await AllocatedAsync(member, Many, create);
        return (many - few) / (double)(Many - Few);
    }

    private static async Task<long> AllocatedAsync(string member, int chunks, Func<HttpClient, IChatClient> create)
    {
        using var http = new HttpClient(new BodyHandler(Body(member, chunks))) { Timeout = Timeout.InfiniteTimeSpan };
        using var client = create(http);
        ChatMessage[] messages = [new(ChatRole.User, "Hi")];
        var seen = 0;
        var thread = Environment.CurrentManagedThreadId;
        var before = GC.GetAllocatedBytesForCurrentThread();
        await foreach (var update in client.GetStreamingResponseAsync(messages))
        {
            seen += update.Contents.Count;
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(thread, Environment.CurrentManagedThreadId);
        Assert.Equal(chunks + 1, seen);
        return allocated;
    }

    private static QwenOptions Options(Uri? endpoint = null)
    {
        return new QwenOptions
        {
            ModelId = "qwen3-max",
            ApiKey = "sk-x",
            Endpoint = endpoint,
        };
    }

    // The chunks of the service, with the two member orders that it mixes in one stream.
    private static byte[] Body(string member, int chunks)
    {
        const string Tail =
            "\"object\":\"chat.completion.chunk\",\"usage\":null,\"created\":1770764906,\"system_fingerprint\":null,\"model\":\"qwen3-max\",\"id\":\"chatcmpl-1\"}\n\n";
        var body = new StringBuilder();
        body.Append("data: {\"choices\":[{\"delta\":{\"content\":\"\",\"role\":\"assistant\"},\"index\":0}],")
            .Append(Tail);
        for (var i = 0; i < chunks; i++)
        {
            body.Append(
                    i % 2 == 0
                        ? $"data: {{\"choices\":[{{\"delta\":{{\"{member}\":\"abcdefgh\"}},\"finish_reason\":null,\"index\":0,\"logprobs\":null}}],"
                        : $"data: {{\"choices\":[{{\"finish_reason\":null,\"logprobs\":null,\"delta\":{{\"{member}\":\"abcdefgh\"}},\"index\":0}}],"
                )
                .Append(Tail);
        }

        body.Append("data: {\"choices\":[{\"finish_reason\":\"stop\",\"delta\":{\"content\":\"\"},\"index\":0}],")
            .Append(Tail);
        body.Append(
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3},\"id\":\"chatcmpl-1\"}\n\n"
        );
        return Encoding.UTF8.GetBytes(body.Append("data: [DONE]\n\n").ToString());
    }

    private sealed class BodyHandler(byte[] body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            var response = new HttpResponseMessage(HttpStatusCode.OK)
            {
                RequestMessage = request,
                Content = new StreamContent(new MemoryStream(body)),
            };
            response.Content.Headers.ContentType = new("text/event-stream");
            return Task.FromResult(response);
        }
    }
}
