using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;

namespace Connectors.Qwen.UnitTests.Testing;

/// <summary>Answers requests for embeddings: of each text a vector of its length and of ones. Keeps what was sent.</summary>
internal sealed class EmbeddingServer : HttpMessageHandler
{
    private readonly ConcurrentQueue<SentRequest> _requests = new();
    private int _running;
    private int _most;

    public IReadOnlyList<SentRequest> Requests => [.. _requests];

    public int MaxTexts { get; init; } = int.MaxValue;

    public int Dimensions { get; set; } = 3;

    /// <summary>The most requests that were on their way at the same time.</summary>
    public int MostAtOnce => Volatile.Read(ref _most);

    /// <summary>What happens before a request, by its texts, is answered.</summary>
    public Func<string[], CancellationToken, Task> Before { get; init; } = static (_, _) => Task.CompletedTask;

    public QwenEmbeddingGenerator Generator(string model = "text-embedding-v4", int parallel = 2, int? batch = null)
    {
        var options = new QwenClientOptions { ModelId = model, Endpoint = new Uri("https://qwen.example/v1") };
        var http = new HttpClient(this, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        return new QwenEmbeddingGenerator(options, new ApiKeyCredentialProvider(RawClient.Secret), http)
        {
            MaxParallelRequests = parallel,
            MaxBatchSize = batch,
        };
    }

    public static string[] Texts(SentRequest request)
    {
        return [.. JsonNode.Parse(request.Body)!["input"]!.AsArray().Select(static text => (string)text!)];
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var sent = await SentRequest.ReadAsync(request);
        _requests.Enqueue(sent);
        var texts = Texts(sent);
        var running = Interlocked.Increment(ref _running);
        for (var most = _most; running > most; most = _most)
        {
            Interlocked.CompareExchange(ref _most, running, most);
        }

        try
        {
            await Before(texts, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }

        return texts.Length > MaxTexts ? Refusal() : Answers.Json(Answer(texts)).With("x-request-id", "r-" + texts[0]);
    }

    private HttpResponseMessage Refusal()
    {
        var said = $"Value error, batch size is invalid, it should not be larger than {MaxTexts}.: input.contents";
        return Answers.Json(
            $$$"""{"error":{"code":"invalid_parameter_error","message":"{{{said}}}"}}""",
            HttpStatusCode.BadRequest
        );
    }

    private string Answer(string[] texts)
    {
        // Backwards: the order is what the indexes say.
        var data = texts.Select(
            (text, i) =>
                new JsonObject
                {
                    ["embedding"] = new JsonArray([
                        text.Length,
                        .. Enumerable.Repeat(1, Dimensions - 1).Select(static one => JsonValue.Create(one)),
                    ]),
                    ["index"] = i,
                }
        );
        return new JsonObject
        {
            ["data"] = new JsonArray([.. data.Reverse()]),
            ["model"] = "m",
            ["usage"] = new JsonObject { ["prompt_tokens"] = texts.Length, ["total_tokens"] = texts.Length },
        }.ToJsonString();
    }
}
