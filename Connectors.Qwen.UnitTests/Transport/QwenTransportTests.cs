using System.Net;
using System.Text.RegularExpressions;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Transport;

public partial class QwenTransportTests
{
    private const string Chunk = """{"id":"r","choices":[{"delta":{"content":"Hello"},"finish_reason":"stop"}]}""";

    [Fact]
    public async Task CompleteAsync_Request_IsExactlyThis()
    {
        var handler = new ScriptedHandler(() => Answers.Json(Answers.Completion));

        await RawClient.Over(handler).GetResponseAsync(Inner.Hello);

        var request = handler.Request;
        Assert.Equal("POST https://qwen.example/v1/chat/completions", request.Line);
        Assert.Equal("application/json", request.ContentType);
        JsonAssert.Equal("""{"model":"m","messages":[{"role":"user","content":"Hello"}]}""", request.Body);
        Assert.Equal(
            ["Accept", "Accept-Encoding", "Authorization", "User-Agent"],
            request.Headers.Keys.Order(StringComparer.Ordinal)
        );
        Assert.Equal("application/json", request.Headers["Accept"]);
        Assert.Equal("gzip, br", request.Headers["Accept-Encoding"]);
        Assert.Equal("Bearer " + RawClient.Secret, request.Headers["Authorization"]);
        Assert.Matches(OurUserAgent(), request.Headers["User-Agent"]);
    }

    [Theory]
    [InlineData("oss://dashscope-instant/a.png", "enable")]
    [InlineData("https://pictures.example/a.png", null)]
    public async Task SendAsync_TemporaryFile_AsksForItsAddress(string address, string? expected)
    {
        var handler = new ScriptedHandler(() => Answers.Json(Answers.Completion));

        await RawClient
            .Over(handler)
            .GetResponseAsync([new ChatMessage(ChatRole.User, [new UriContent(address, "image/png")])]);

        Assert.Equal(expected, handler.Request.Headers.GetValueOrDefault("X-DashScope-OssResourceResolve"));
    }

    [Fact]
    public async Task StreamAsync_Request_IsExactlyThis()
    {
        var handler = new ScriptedHandler(() => Answers.Events(Chunk, "[DONE]"));

        await RawClient.Over(handler).GetStreamingResponseAsync(Inner.Hello).ReadAllAsync();

        var request = handler.Request;
        Assert.Equal("POST https://qwen.example/v1/chat/completions", request.Line);
        JsonAssert.Equal(
            """
            {"model":"m","messages":[{"role":"user","content":"Hello"}],"stream":true,"stream_options":{"include_usage":true}}
            """,
            request.Body
        );
        Assert.Equal("text/event-stream", request.Headers["Accept"]);
        Assert.Equal("identity", request.Headers["Accept-Encoding"]);
        Assert.Equal("Bearer " + RawClient.Secret, request.Headers["Authorization"]);
        Assert.Matches(OurUserAgent(), request.Headers["User-Agent"]);
    }

    [Theory]
    [InlineData("https://qwen.example/v1/", "https://qwen.example/v1/chat/completions")]
    [InlineData("https://qwen.example", "https://qwen.example/chat/completions")]
    [InlineData("https://qwen.example:8443/a/v1", "https://qwen.example:8443/a/v1/chat/completions")]
    public async Task CompleteAsync_Endpoint_IsTheBaseOfTheAddress(string endpoint, string address)
    {
        var handler = new ScriptedHandler(() => Answers.Json(Answers.Completion));

        await RawClient.Over(handler, o => o.Endpoint = new Uri(endpoint)).GetResponseAsync(Inner.Hello);

        Assert.Equal("POST " + address, handler.Request.Line);
    }

    [Fact]
    public async Task StreamAsync_WholeCompletionComesBack_IsTakenAsTheAnswer()
    {
        var updates = await RawClient.ReadStream(() => Answers.Json(Answers.Completion));

        var response = updates.ToChatResponse();
        Assert.Equal("Hello", response.Text);
        Assert.Equal((ChatFinishReason.Stop, 16L), (response.FinishReason!.Value, response.Usage!.TotalTokenCount));
    }

    [Theory]
    [InlineData("text/event-stream")]
    [InlineData("Text/Event-Stream")]
    [InlineData(null)]
    public async Task StreamAsync_ContentType_OfAnEventStreamInAnyCaseOrNone(string? mediaType)
    {
        var updates = await RawClient.ReadStream(() =>
            Answers.Text($"data: {Chunk}\n\n", mediaType, HttpStatusCode.OK)
        );

        Assert.Equal("Hello", updates.Text());
    }

    [Theory]
    [InlineData("<html><body>Welcome</body></html>", "text/html")]
    [InlineData("OK", "text/plain")]
    [InlineData("{}", "application/json")]
    [InlineData("[]", "application/json")]
    [InlineData("""{"choices":nonsense}""", "application/json")]
    public async Task CompleteAsync_SomethingElseThanACompletion_IsAProtocolFailure(string body, string mediaType)
    {
        var e = await RawClient.FailureOfAnswer(() => Answers.Text(body, mediaType, HttpStatusCode.OK));

        Assert.Equal(QwenFailureKind.Protocol, e.Kind);
        Assert.StartsWith(
            $"qwen.example answered HTTP 200 with {body.Length} bytes of {mediaType}, not with a completion.",
            e.Message
        );
    }

    [Fact]
    public async Task CompleteAsync_ErrorIn200_IsClassified()
    {
        var e = await RawClient.FailureOfAnswer(() =>
            Answers.Json("""{"code":"Throttling","message":"slow","request_id":"U"}""")
        );

        Assert.Equal((QwenFailureKind.RateLimited, "U", "slow"), (e.Kind, e.RequestId, e.ServerMessage));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"choices":""")]
    [InlineData("""{"choices":[{"message":{"content":"Hel""")]
    public async Task CompleteAsync_BodyEndsInTheMiddle_IsAnInterruptedAnswer(string body)
    {
        var e = await RawClient.FailureOfAnswer(() => Answers.Json(body));

        // A gateway that cuts an answer may end the body in good order: asked again, the answer may come.
        Assert.Equal((QwenFailureKind.StreamInterrupted, false), (e.Kind, e.IsPermanent));
        Assert.StartsWith($"The answer from qwen.example ends in the middle, after {body.Length} bytes.", e.Message);
        Assert.IsType<System.Text.Json.JsonException>(e.InnerException, exactMatch: false);
    }

    [Fact]
    public async Task CompleteAsync_BodyOfNothing_IsAnEmptyResponse()
    {
        var e = await RawClient.FailureOfAnswer(() => Answers.Json(""));

        Assert.Equal((QwenFailureKind.EmptyResponse, false), (e.Kind, e.IsPermanent));
        Assert.StartsWith("qwen.example answered HTTP 200 with an empty body.", e.Message);
    }

    [Fact]
    public async Task CompleteAsync_BodyBreaksOff_IsAConnectionFailure()
    {
        var e = await RawClient.FailureOfAnswer(() =>
            Body(new PiecewiseStream("{\"choi"u8.ToArray(), 3, new IOException("reset")))
        );

        Assert.Equal(QwenFailureKind.Connection, e.Kind);
        Assert.StartsWith("The answer from qwen.example broke off after 6 bytes.", e.Message);
        Assert.IsType<IOException>(e.InnerException);
    }

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, "the name cannot be resolved")]
    [InlineData(HttpRequestError.SecureConnectionError, "no secure connection (certificate or TLS)")]
    [InlineData(HttpRequestError.ConnectionError, "the connection was refused or lost")]
    [InlineData(HttpRequestError.ResponseEnded, "the connection was closed before an answer")]
    public async Task CompleteAsync_NoConnection_SaysWhy(HttpRequestError error, string why)
    {
        var handler = new ScriptedHandler().Then(new HttpRequestException(error));

        var e = await Assert.ThrowsAsync<QwenException>(() => RawClient.Over(handler).GetResponseAsync(Inner.Hello));

        Assert.Equal((QwenFailureKind.Connection, error), (e.Kind, e.HttpRequestError));
        Assert.StartsWith($"No answer from qwen.example: {why}.", e.Message);
    }

    [Fact]
    public async Task CompleteAsync_HandlersOwnClock_IsAConnectionFailure()
    {
        var handler = new ScriptedHandler().Then(new TaskCanceledException("ConnectTimeout"));

        var e = await Assert.ThrowsAsync<QwenException>(() => RawClient.Over(handler).GetResponseAsync(Inner.Hello));

        Assert.Equal(QwenFailureKind.Connection, e.Kind);
    }

    [Fact]
    public async Task CompleteAsync_ClientThatFollowedARedirect_IsRefusedForGood()
    {
        var e = await RawClient.FailureOfAnswer(() =>
        {
            var answer = Answers.Json(Answers.Completion);
            answer.RequestMessage = new HttpRequestMessage(HttpMethod.Post, "https://evil.example/v1/chat?k=secret");
            return answer;
        });

        Assert.Equal((QwenFailureKind.Protocol, true), (e.Kind, e.IsPermanent));
        Assert.StartsWith("The HttpClient followed a redirect from qwen.example to evil.example.", e.Message);
        Assert.DoesNotContain("secret", e.Message);
    }

    [Fact]
    public async Task CompleteAsync_CallersCancellation_StaysWhatItIs()
    {
        var handler = new ScriptedHandler().Then(async token =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return null!;
        });
        using var source = new CancellationTokenSource();

        var call = RawClient.Over(handler).GetResponseAsync(Inner.Hello, cancellationToken: source.Token);
        await source.CancelAsync();
        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        Assert.Equal(source.Token, e.CancellationToken);
    }

    [Fact]
    public async Task CompleteAsync_AnyFailure_NamesEndpointAndCredential()
    {
        var e = await RawClient.FailureOfAnswer(() => Answers.Json("{}").With("x-request-id", "U"));

        Assert.Equal(("U", new Uri("https://qwen.example/v1")), (e.RequestId, e.Endpoint));
        Assert.Equal(RawClient.Secret, Assert.IsType<QwenCredential>(e.CredentialHandle).AccessToken);
    }

    private static HttpResponseMessage Body(Stream stream)
    {
        return new HttpResponseMessage { Content = new StreamContent(stream) };
    }

    [GeneratedRegex(@"^Connectors\.Qwen/\d+\.\d+\.\d+$")]
    private static partial Regex OurUserAgent();
}
