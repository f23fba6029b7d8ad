using System.Net;
using Connectors.Qwen.Errors;
using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;
using Connectors.Qwen.Transport;

namespace Connectors.Qwen.IntegrationTests.Faults.Transport;

/// <summary>Rows T44 and T52: how an answer may be wrapped on its way.</summary>
public sealed class EncodingTests
{
    // Deflate is not asked for, and understood all the same. On a stream none of them is asked for.
    [Theory]
    [InlineData("gzip", true), InlineData("br", true), InlineData("deflate", true)]
    [InlineData("gzip", false), InlineData("br", false), InlineData("deflate", false)]
    public async Task T44_T52_CompressedAndChunkedAnswer_IsRead(string encoding, bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.Answer().Encoded(encoding));

        var response = await Ask.Async(setup.Pipeline(), streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData("gzip"), InlineData("br"), InlineData("deflate")]
    public async Task T52_CompressedStreamIsCut_IsContinuedExactlyOnce(string encoding)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.ResetAfter(2).Encoded(encoding));
        setup.Qwen.Script.Always(QwenBehavior.Answer().Encoded(encoding));

        var answer = await StreamedAnswer.ReadAsync(setup.Pipeline());

        answer.AssertIsContinued(setup, QwenFailureKind.StreamInterrupted, said: 16);
    }

    [Theory, InlineData("gzip"), InlineData("br"), InlineData("deflate")]
    public async Task T52_CompressedStreamIsCutAndContinuationIsOff_IsATypedErrorWithThePartialText(string encoding)
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Enqueue(QwenBehavior.ResetAfter(2).Encoded(encoding));

        var (text, failure) = await Ask.ReadAsync(setup.Pipeline(Setup.WithoutContinuation));

        var typed = Assert.IsType<QwenException>(failure);
        Assert.Equal(QwenFailureKind.StreamInterrupted, typed.Kind);
        Assert.Equal(Setup.Text[..16], text);
        Assert.Equal(text, typed.PartialText);
    }

    [Fact]
    public async Task T52_SilenceOfACompressedStream_SaysThatAGatewayMayHoldItBack()
    {
        await using var setup = await Setup.StartAsync();
        setup.Qwen.Script.Always(QwenBehavior.StallAfter(2).Encoded("gzip"));
        using var cancellation = new CancellationTokenSource();
        await using var stream = setup
            .Raw()
            .GetStreamingResponseAsync(Ask.Question, null, cancellation.Token)
            .GetAsyncEnumerator(CancellationToken.None);
        for (var text = ""; text.Length < 16; text += stream.Current.Text)
        {
            Assert.True(await stream.MoveNextAsync());
        }

        var waiting = stream.MoveNextAsync().AsTask();
        await cancellation.CancelAsync();

        var failure = await Assert.ThrowsAsync<WaitInterruptedException>(() => waiting);
        Assert.Matches(
            "^[0-9]{2,} bytes had come, compressed with gzip: a gateway may hold the stream back$",
            failure.Phase
        );
        Assert.Equal(cancellation.Token, failure.CancellationToken);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T44_Http2_IsSpoken(bool streaming)
    {
        await using var setup = await Setup.StartAsync(static options => options.UseHttp2 = true);
        using var http = Http2();
        using var client = QwenPipeline.CreateChatClient(setup.Options(), null, http, setup.Logs);

        // One after the other on one connection, and some at once.
        Assert.Equal(Setup.Text, (await Ask.Async(client, streaming)).Text);
        var responses = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Ask.Async(client, streaming)));

        Assert.All(responses, static response => Assert.Equal(Setup.Text, response.Text));
        Assert.Equal(11, setup.Qwen.Journal.Chats.Count);
        Assert.False(setup.Logs.Has(201));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T44_Http2ConnectionReset_IsRetried(bool streaming)
    {
        await using var setup = await Setup.StartAsync(static options => options.UseHttp2 = true);
        using var http = Http2();
        using var client = QwenPipeline.CreateChatClient(setup.Options(), null, http, setup.Logs);
        setup.Qwen.Script.Enqueue(QwenBehavior.ResetBeforeHeaders());

        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal("retry", response.AdditionalProperties![QwenResponseProperties.RecoveredBy]);
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T44_CallersClientExpectsContinue_IsAnswered(bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        using var http = HttpHandlerSpecification.CreateClient();
        http.DefaultRequestHeaders.ExpectContinue = true;
        using var client = QwenPipeline.CreateChatClient(setup.Options(), null, http, setup.Logs);

        var response = await Ask.Async(client, streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal("100-continue", setup.Qwen.Journal.Chats[0].Request.Headers["Expect"]);
    }

    // Nothing is negotiated without TLS: the version is known beforehand, or it is not spoken.
    private static HttpClient Http2()
    {
        var http = HttpHandlerSpecification.CreateClient();
        http.DefaultRequestVersion = HttpVersion.Version20;
        http.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        return http;
    }
}
