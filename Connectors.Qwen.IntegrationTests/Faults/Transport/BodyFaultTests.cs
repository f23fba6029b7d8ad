using System.Net;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.IntegrationTests.Faults.Transport;

/// <summary>Rows T21 and T22: bodies without an end, and bodies of something else.</summary>
public sealed class BodyFaultTests
{
    private const int Limit = 50_000;
    private const string Words =
        "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"},\"index\":0,\"finish_reason\":null}]}\n\n";

    [Fact]
    public void T21_LongestEvent_IsSixtyFourMebibytesUnlessToldOtherwise()
    {
        Assert.Equal(64 * 1024 * 1024, new QwenOptions().MaxEventBytes);
        Assert.Equal(256 * 1024 * 1024, new QwenOptions().MaxResponseBytes);
    }

    // Beginning, what is repeated, compression, what is too large.
    [Theory]
    [InlineData("data: ", "x", null, "One event of the stream")]
    [InlineData("data: ", "x", "gzip", "One event of the stream")]
    [InlineData("data: ", "x", "br", "One event of the stream")]
    [InlineData("", ": keep-alive\n\n", null, "One event of the stream")]
    [InlineData("", "data: {\"choices\":[]}\n\n", null, "The answer")]
    [InlineData("", "data: {\"choices\":[]}\n\n", "gzip", "The answer")]
    public async Task T21_StreamWithoutEnd_IsAClearError(string start, string block, string? encoding, string what)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(Encoded(QwenBehavior.Endless("text/event-stream", start, block), encoding));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(Bounded(setup), streaming: true));

        AssertTooLarge(failure, what);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(null), InlineData("gzip")]
    public async Task T21_EventWithoutEndAfterWords_CarriesTheWords(string? encoding)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(Encoded(QwenBehavior.Endless("text/event-stream", Words + "data: ", "x"), encoding));

        var (text, failure) = await Ask.ReadAsync(Bounded(setup));

        Assert.Equal("Hello", text);
        var typed = Assert.IsType<QwenException>(failure);
        AssertTooLarge(typed, "One event of the stream");
        Assert.Equal("Hello", typed.PartialText);
    }

    // On a stream request too: some gateways answer one with a completion.
    [Theory]
    [InlineData(null, false), InlineData("gzip", false), InlineData("br", false), InlineData("gzip", true)]
    public async Task T21_AnswerWithoutEnd_IsAClearError(string? encoding, bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(Encoded(QwenBehavior.Endless("application/json", "{", " "), encoding));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(Bounded(setup), streaming));

        AssertTooLarge(failure, "The answer");
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory]
    [InlineData(null, true), InlineData(null, false), InlineData("gzip", true), InlineData("gzip", false)]
    public async Task T21_ErrorWithoutEnd_IsTheErrorWithABoundedMessage(string? encoding, bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(Encoded(QwenBehavior.Endless("text/plain", "No. ", "Never! ", 400), encoding));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming));

        Assert.Equal((QwenFailureKind.InvalidRequest, HttpStatusCode.BadRequest), (failure.Kind, failure.StatusCode));
        Assert.StartsWith("No. Never! ", failure.ServerMessage, StringComparison.Ordinal);
        Assert.InRange(failure.Message.Length, 100, 1000);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T21_ErrorWhoseWordsNeverCome_IsNotWaitedForUntilTheClockRunsOut(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Endless("application/json", "{\"error\":", "", 400));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming));

        Assert.Equal((QwenFailureKind.InvalidRequest, HttpStatusCode.BadRequest), (failure.Kind, failure.StatusCode));
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task T22_CompletionOnAStreamRequest_IsTheAnswer()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(
            QwenBehavior.Completion(
                """
                {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"qwen3-max","choices":[{"index":0,
                "message":{"role":"assistant","content":"Whole."},"finish_reason":"stop"}],
                "usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}
                """
            )
        );

        var response = await Ask.Async(setup.Pipeline(), streaming: true);

        Assert.Equal("Whole.", response.Text);
        Assert.Equal((ChatFinishReason.Stop, 11L), (response.FinishReason!.Value, response.Usage!.TotalTokenCount));
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory]
    [InlineData("text/html", "<html><title>Sign in to the network</title></html>", true)]
    [InlineData("text/html", "<html><title>Sign in to the network</title></html>", false)]
    [InlineData("text/plain", "OK", true), InlineData("text/plain", "OK", false)]
    [InlineData("application/octet-stream", "OK", true), InlineData("application/octet-stream", "OK", false)]
    [InlineData("application/json", "{\"status\":\"OK\"}", true), InlineData("application/json", "[]", false)]
    [InlineData("text/event-stream", Words, false)]
    public async Task T22_SomethingElseThanAnAnswer_IsAClearErrorWithTheContentType(
        string contentType,
        string body,
        bool streaming
    )
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Body(contentType, body));

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(setup.Pipeline(), streaming));

        Assert.Equal(QwenFailureKind.Protocol, failure.Kind);
        Assert.Contains(
            $"HTTP 200 with {body.Length} bytes of {contentType}",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("Check that the endpoint really is", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Sign in", failure.Message, StringComparison.Ordinal);
        // Asked again, it would be the same page.
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    private static IChatClient Bounded(Setup setup)
    {
        return setup.Pipeline(static options =>
        {
            options.MaxEventBytes = Limit;
            options.MaxResponseBytes = 4 * Limit;
        });
    }

    private static QwenBehavior Encoded(QwenBehavior behavior, string? encoding)
    {
        return encoding is null ? behavior : behavior.Encoded(encoding);
    }

    private static void AssertTooLarge(QwenException failure, string what)
    {
        var (limit, option) = what == "The answer" ? (4 * Limit, "MaxResponseBytes") : (Limit, "MaxEventBytes");
        Assert.Equal(QwenFailureKind.Protocol, failure.Kind);
        Assert.Contains(
            $"{what} is larger than {limit} bytes. Raise {option} if that is expected.",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.NotNull(failure.Endpoint);
        Assert.Equal(1, failure.Attempts);
    }
}
