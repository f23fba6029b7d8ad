using System.Net;
using Connectors.Qwen.UnitTests.Testing;

namespace Connectors.Qwen.UnitTests.Transport;

public class ErrorAnswerTests
{
    [Fact]
    public async Task ReadAsync_CompatibleError_KeepsWhatTheServerSaid()
    {
        const string Body = """
            {"error":{"message":"<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 983616].",
             "type":"invalid_request_error","param":"messages","code":"invalid_parameter_error"},"id":"c","request_id":"U"}
            """;

        var e = await RawClient.FailureOfAnswer(() => Answers.Json(Body, HttpStatusCode.BadRequest));

        Assert.Equal((QwenFailureKind.ContextTooLong, HttpStatusCode.BadRequest), (e.Kind, e.StatusCode));
        Assert.Equal(("invalid_parameter_error", "messages", "U"), (e.ErrorCode, e.Parameter, e.RequestId));
        Assert.EndsWith("should be [1, 983616].", e.ServerMessage);
        Assert.Equal(
            "Qwen at qwen.example failed with ContextTooLong (HTTP 400, invalid_parameter_error): <400> "
                + "InternalError.Algo.InvalidParameter: Range of input length should be [1, 983616] (request U). "
                + "Shorten the conversation or use a model with a longer context.",
            e.Message
        );
    }

    [Fact]
    public async Task ReadAsync_NativeError_IsRead()
    {
        var e = await RawClient.FailureOfAnswer(() =>
            Answers.Json(
                """{"code":"InvalidApiKey","message":"Invalid API-key provided.","request_id":"U"}""",
                HttpStatusCode.Unauthorized
            )
        );

        Assert.IsType<QwenAuthenticationException>(e);
        Assert.Equal(("InvalidApiKey", "U"), (e.ErrorCode, e.RequestId));
        Assert.Equal(HttpStatusCode.Unauthorized, e.StatusCode);
    }

    [Fact]
    public async Task ReadAsync_RequestIdInTheHeaderOnly_IsTaken()
    {
        var e = await RawClient.FailureOfAnswer(() =>
            Answers.Json("{}", HttpStatusCode.InternalServerError).With("x-request-id", "H")
        );

        Assert.Equal((QwenFailureKind.ServerError, "H"), (e.Kind, e.RequestId));
    }

    // Content type, body, the words that reach the reader.
    public static TheoryData<string?, string, string?> Bodies =>
        new()
        {
            { "text/plain", "stream timeout", "stream timeout" },
            { null, " upstream connect error \n", "upstream connect error" },
            { "text/html", "<html><head><TITLE> 502 Bad &amp; Gateway </TITLE></head>x</html>", "502 Bad & Gateway" },
            { "text/html", "<html><body>no title</body></html>", null },
            { "text/html", "just words", null },
            { "application/xml", "<error>x</error>", null },
            { "text/plain", "", null },
            { "application/json", "", null },
            { "text/plain", new string('x', 200), new string('x', 200) },
            { "text/plain", new string('x', 201), new string('x', 200) + "..." },
        };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task ReadAsync_BodyThatIsNoJson_KeepsAShortPhrase(string? mediaType, string body, string? expected)
    {
        var e = await RawClient.FailureOfAnswer(() => Answers.Text(body, mediaType, HttpStatusCode.BadGateway));

        Assert.Equal(expected, e.ServerMessage);
    }

    [Fact]
    public async Task ReadAsync_GatewayTimeout_IsAServerTimeout()
    {
        var e = await RawClient.FailureOfStream(() =>
            Answers.Text("stream timeout", "text/plain", HttpStatusCode.GatewayTimeout)
        );

        Assert.Equal((QwenFailureKind.ServerTimeout, HttpStatusCode.GatewayTimeout), (e.Kind, e.StatusCode));
    }

    [Fact]
    public async Task ReadAsync_LargeBody_IsReadInPart()
    {
        var body = $$$"""{"error":{"message":"{{{new string('x', 1 << 20)}}}","code":"Throttling"}}""";

        var e = await RawClient.FailureOfAnswer(() => Answers.Json(body, HttpStatusCode.TooManyRequests));

        Assert.Equal(QwenFailureKind.RateLimited, e.Kind);
        Assert.InRange(e.Message.Length, 1, 1000);
    }

    [Fact]
    public async Task ReadAsync_BodyBreaksOff_TheStatusStillCounts()
    {
        var e = await RawClient.FailureOfAnswer(() =>
            new HttpResponseMessage(HttpStatusCode.TooManyRequests)
            {
                Content = new StreamContent(new PiecewiseStream("{"u8.ToArray(), 1, new IOException("reset"))),
            }
        );

        Assert.Equal(QwenFailureKind.RateLimited, e.Kind);
    }

    [Fact]
    public async Task ReadAsync_LongWords_AreCut()
    {
        var word = new string('x', 5000);
        var body =
            $$$"""{"error":{"message":"m","code":"{{{word}}}","param":"{{{word}}}"},"request_id":"{{{word}}}"}""";

        var e = await RawClient.FailureOfAnswer(() => Answers.Json(body, HttpStatusCode.BadRequest));

        Assert.Equal(QwenFailureKind.InvalidRequest, e.Kind);
        Assert.All([e.ErrorCode, e.Parameter, e.RequestId], said => Assert.Equal(word[..200] + "...", said));
        Assert.InRange(e.Message.Length, 1, 1000);
    }

    // Header, value, seconds to wait.
    public static TheoryData<string, string, double?> Waits =>
        new()
        {
            { "Retry-After", "7", 7 },
            { "Retry-After", "0", 0 },
            { "Retry-After", "1849295", 1849295 },
            { "Retry-After", "soon", null },
            { "Retry-After", "-1", null },
            { "retry-after-ms", "1500", 1.5 },
            { "retry-after-ms", "0.5", 0.0005 },
            { "retry-after-ms", "-1", null },
            { "retry-after-ms", "NaN", null },
            { "retry-after-ms", "1e300", null },
            // Measured by the server's own clock: the Date header below.
            { "Retry-After", "Sun, 01 Mar 2026 12:00:30 GMT", 30 },
            { "Retry-After", "Sun, 01 Mar 2026 11:00:00 GMT", 0 },
        };

    [Theory]
    [MemberData(nameof(Waits))]
    public async Task RetryAfter_OfAnyForm_IsRead(string header, string value, double? seconds)
    {
        var e = await RawClient.FailureOfAnswer(() =>
            Throttled().With("Date", "Sun, 01 Mar 2026 12:00:00 GMT").With(header, value)
        );

        Assert.Equal(seconds, e.RetryAfter?.TotalSeconds);
    }

    [Fact]
    public async Task RetryAfter_DateWithoutTheServersClock_IsMeasuredByOurs()
    {
        var e = await RawClient.FailureOfAnswer(() => Throttled().With("Retry-After", "Sun, 01 Mar 2020 12:00:30 GMT"));

        Assert.Equal(TimeSpan.Zero, e.RetryAfter);
    }

    [Fact]
    public async Task RetryAfter_BothHeaders_MillisecondsWin()
    {
        var e = await RawClient.FailureOfAnswer(() =>
            Throttled().With("Retry-After", "7").With("retry-after-ms", "250")
        );

        Assert.Equal(0.25, e.RetryAfter?.TotalSeconds);
    }

    [Theory]
    [InlineData("https://other.example:8443/v1/chat?token=s3cret", "https://other.example:8443")]
    [InlineData("https://me:s3cret@other.example/v1", "https://other.example")]
    [InlineData("/elsewhere?token=s3cret", "another path")]
    [InlineData("https://" + RawClient.Secret + ".example/v1", "https://[key].example")]
    public async Task ReadAsync_Redirect_NamesTheHostAndNothingSecret(string location, string target)
    {
        var e = await RawClient.FailureOfAnswer(() =>
            Answers.Json("{}", HttpStatusCode.TemporaryRedirect).With("Location", location)
        );

        Assert.Equal((QwenFailureKind.Protocol, true), (e.Kind, e.IsPermanent));
        Assert.Equal(HttpStatusCode.TemporaryRedirect, e.StatusCode);
        Assert.StartsWith($"qwen.example redirects to {target} (HTTP 307).", e.Message);
        Assert.DoesNotContain("s3cret", e.Message);
    }

    [Fact]
    public async Task ReadAsync_ServerRepeatsTheKey_ItIsRedacted()
    {
        var body = $$$"""{"error":{"message":"Incorrect API key: {{{RawClient.Secret}}}.","code":"invalid_api_key"}}""";

        var e = await RawClient.FailureOfAnswer(() => Answers.Json(body, HttpStatusCode.Unauthorized));

        Assert.Equal("Incorrect API key: [key].", e.ServerMessage);
        Assert.DoesNotContain(RawClient.Secret, e.ToString());
    }

    [Theory]
    [InlineData("""{"error":{"message":"no","code":"{0}","param":"{0}"},"request_id":"{0}"}""", null)]
    [InlineData("""{"error":{"message":"no","type":"{0}"}}""", null)]
    [InlineData("{}", "x-request-id")]
    [InlineData("{}", "Content-Encoding")]
    public async Task ReadAsync_ServerRepeatsTheKeyAnywhere_ItIsRedacted(string body, string? header)
    {
        foreach (var status in new[] { HttpStatusCode.BadRequest, HttpStatusCode.OK })
        {
            var e = await RawClient.FailureOfAnswer(() =>
                Answers
                    .Json(body.Replace("{0}", RawClient.Secret), status)
                    .With(header ?? "x-nothing", header is null ? "" : RawClient.Secret)
            );

            Assert.DoesNotContain(RawClient.Secret, e.ToString());
            Assert.All(
                [e.ErrorCode, e.Parameter, e.RequestId],
                said => Assert.DoesNotContain(RawClient.Secret, said ?? "")
            );
        }
    }

    [Fact]
    public async Task ReadAsync_KeyInTheMediaType_IsRedacted()
    {
        var e = await RawClient.FailureOfAnswer(() => Answers.Text("x", $"text/{RawClient.Secret}", HttpStatusCode.OK));

        Assert.Contains("text/[key]", e.Message);
    }

    [Fact]
    public async Task ReadAsync_KeyWhereThePhraseIsCut_IsNotShownInPart()
    {
        var body = new string('x', 180) + " " + RawClient.Secret;

        var e = await RawClient.FailureOfAnswer(() => Answers.Text(body, "text/plain", HttpStatusCode.BadGateway));

        Assert.DoesNotContain(RawClient.Secret[..10], e.ToString());
    }

    private static HttpResponseMessage Throttled()
    {
        return Answers.Json("""{"error":{"message":"slow","code":"Throttling"}}""", HttpStatusCode.TooManyRequests);
    }
}
