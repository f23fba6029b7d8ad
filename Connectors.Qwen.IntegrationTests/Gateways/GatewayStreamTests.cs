using Connectors.Qwen.IntegrationTests.Testing;
using Connectors.Qwen.Testing;

namespace Connectors.Qwen.IntegrationTests.Gateways;

/// <summary>A real gateway that cuts, buffers and compresses what comes from behind.</summary>
public sealed class GatewayStreamTests
{
    // As gateways for event streams are set up; and nginx as it is without being told anything.
    private const string Unbuffered = "proxy_buffering off; proxy_http_version 1.1;";
    private const string Buffered = "";

    [Theory, InlineData(Unbuffered), InlineData(Buffered)]
    public async Task T10_SilenceAfterTheHeadersOnce_IsRetriedAfterTheGatewaysCut(string settings)
    {
        await using var setup = await Setup.StartAsync();
        await using var nginx = await Nginx.StartAsync(setup.Qwen.BaseAddress, settings + "proxy_read_timeout 1s;");
        setup.Qwen.Script.Enqueue(QwenBehavior.Silence());

        var response = await Ask.Async(setup.Through(nginx), streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal([true, true], setup.Qwen.Journal.Chats.Select(static chat => chat.IsStream));
    }

    public static TheoryData<QwenBehavior, string, int> Cuts =>
        new()
        {
            // The silence is the server's, the cut the gateway's.
            { QwenBehavior.StallAfter(3), Unbuffered, 24 },
            { QwenBehavior.ResetAfter(2), Unbuffered, 16 },
            { QwenBehavior.EndAfter(2), Unbuffered, 16 },
            { QwenBehavior.EndAfter(2, withDone: true), Unbuffered, 16 },
            { QwenBehavior.EndAfter(2), Buffered, 16 },
            { QwenBehavior.EndAfter(2, withDone: true), Buffered, 16 },
        };

    [Theory, MemberData(nameof(Cuts))]
    public async Task T11_T12_T13_CutAfterWords_IsContinuedThroughTheGatewayExactlyOnce(
        QwenBehavior cut,
        string settings,
        int length
    )
    {
        await using var setup = await Setup.StartAsync();
        await using var nginx = await Nginx.StartAsync(setup.Qwen.BaseAddress, settings + "proxy_read_timeout 1s;");
        setup.Qwen.Script.Enqueue(cut);

        var answer = await StreamedAnswer.ReadAsync(setup.Through(nginx));

        answer.AssertIsContinued(setup, QwenFailureKind.StreamInterrupted, length);
    }

    [Theory, MemberData(nameof(Cuts))]
    public async Task T11_T12_T13_CutAfterWordsAndContinuationIsOff_IsATypedErrorWithThePartialText(
        QwenBehavior cut,
        string settings,
        int length
    )
    {
        await using var setup = await Setup.StartAsync();
        await using var nginx = await Nginx.StartAsync(setup.Qwen.BaseAddress, settings + "proxy_read_timeout 1s;");
        setup.Qwen.Script.Enqueue(cut);

        var (text, failure) = await Ask.ReadAsync(setup.Through(nginx, Setup.WithoutContinuation));

        var typed = Assert.IsType<QwenException>(failure);
        Assert.Equal(QwenFailureKind.StreamInterrupted, typed.Kind);
        Assert.Equal(Setup.Text[..length], text);
        Assert.Equal(text, typed.PartialText);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Fact]
    public async Task T11_SilenceBeforeABufferingGatewayLetTheWordsOut_IsRetried()
    {
        await using var setup = await Setup.StartAsync();
        await using var nginx = await Nginx.StartAsync(setup.Qwen.BaseAddress, "proxy_read_timeout 1s;");
        setup.Qwen.Script.Enqueue(QwenBehavior.StallAfter(3));

        var (text, failure) = await Ask.ReadAsync(setup.Through(nginx));

        // nginx held the words back and threw them away with the connection: nothing was committed.
        Assert.Null(failure);
        Assert.Equal(Setup.Text, text);
        Assert.Equal([true, true], setup.Qwen.Journal.Chats.Select(static chat => chat.IsStream));
        Assert.Equal(3, setup.Qwen.Journal.Chats[0].ChunksSent);
    }

    [Fact]
    public async Task T12_ResetBehindABufferingGateway_IsOneAnswerWhetherTheWordsWereLetOutOrNot()
    {
        await using var setup = await Setup.StartAsync();
        await using var nginx = await Nginx.StartAsync(setup.Qwen.BaseAddress);
        setup.Qwen.Script.Enqueue(QwenBehavior.ResetAfter(3));

        var answer = await StreamedAnswer.ReadAsync(setup.Through(nginx));

        // Whether nginx lets the words out before it cuts depends on how they came to it. Both have been seen.
        answer.AssertIsOne();
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
        var prefix = setup.Qwen.Journal.Chats[1].Request.Prefix;
        Assert.Equal(prefix is null ? "retry" : "continuation", answer.Facts[QwenResponseProperties.RecoveredBy]);
        Assert.StartsWith(prefix ?? "", Setup.Text[..24], StringComparison.Ordinal);
    }

    [Fact]
    public async Task T12_ResetBehindABufferingGatewayAndContinuationIsOff_IsNothingLostAndNothingRepeated()
    {
        await using var setup = await Setup.StartAsync();
        await using var nginx = await Nginx.StartAsync(setup.Qwen.BaseAddress);
        setup.Qwen.Script.Enqueue(QwenBehavior.ResetAfter(3));

        var (text, failure) = await Ask.ReadAsync(setup.Through(nginx, Setup.WithoutContinuation));

        if (text.Length > 24)
        {
            Assert.Null(failure);
            Assert.Equal(Setup.Text, text);
            Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
        }
        else
        {
            var typed = Assert.IsType<QwenException>(failure);
            Assert.Equal(QwenFailureKind.StreamInterrupted, typed.Kind);
            Assert.Equal(Setup.Text[..text.Length], text);
            Assert.Equal(text, typed.PartialText);
            Assert.Single(setup.Qwen.Journal.Chats);
        }
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task T13_WholeAnswerCutInTheMiddle_IsRetried(bool reset)
    {
        await using var setup = await Setup.StartAsync();
        await using var nginx = await Nginx.StartAsync(setup.Qwen.BaseAddress);
        setup.Qwen.Script.Enqueue(reset ? QwenBehavior.ResetAfter(0) : QwenBehavior.EndAfter(0));

        var response = await Ask.Async(setup.Through(nginx), streaming: false);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Equal(2, setup.Qwen.Journal.Chats.Count);
    }

    [Theory]
    [
        InlineData(Unbuffered, true),
        InlineData(Unbuffered, false),
        InlineData(Buffered, true),
        InlineData(Buffered, false)
    ]
    public async Task T52_BufferedOrNot_TheAnswerComesThroughOnce(string settings, bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        await using var nginx = await Nginx.StartAsync(setup.Qwen.BaseAddress, settings);

        var response = await Ask.Async(setup.Through(nginx), streaming);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Single(setup.Qwen.Journal.Chats);
    }

    [Theory, InlineData(true, "-"), InlineData(false, "gzip")]
    public async Task T44_T52_GatewayThatCompressesEventStreams_LeavesOursAlone(bool streaming, string encoding)
    {
        await using var setup = await Setup.StartAsync();
        await using var nginx = await Nginx.StartAsync(
            setup.Qwen.BaseAddress,
            "gzip on; gzip_min_length 1; gzip_types text/event-stream application/json;"
        );

        var response = await Ask.Async(setup.Through(nginx), streaming);

        Assert.Equal(Setup.Text, response.Text);
        // Identity was asked for on the stream, and only there.
        Assert.StartsWith($"200 \"{encoding}\" ", (await nginx.LogAsync(1))[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip", Unbuffered), InlineData("br", Unbuffered), InlineData("deflate", Unbuffered)]
    [InlineData("gzip", Buffered), InlineData("br", Buffered), InlineData("deflate", Buffered)]
    public async Task T52_StreamCompressedAlthoughIdentityWasAskedFor_ComesThrough(string encoding, string settings)
    {
        await using var setup = await Setup.StartAsync();
        await using var nginx = await Nginx.StartAsync(setup.Qwen.BaseAddress, settings);
        setup.Qwen.Script.Enqueue(QwenBehavior.Answer().Encoded(encoding));

        var response = await Ask.Async(setup.Through(nginx), streaming: true);

        Assert.Equal(Setup.Text, response.Text);
        Assert.Single(setup.Qwen.Journal.Chats);
        Assert.StartsWith($"200 \"{encoding}\" ", (await nginx.LogAsync(1))[0], StringComparison.Ordinal);
    }

    [Theory]
    [
        InlineData(Unbuffered, true),
        InlineData(Unbuffered, false),
        InlineData(Buffered, true),
        InlineData(Buffered, false)
    ]
    public async Task T21_AnswerWithoutEnd_IsAClearError(string settings, bool streaming)
    {
        await using var setup = await Setup.StartAsync();
        await using var nginx = await Nginx.StartAsync(setup.Qwen.BaseAddress, settings);
        setup.Qwen.Script.Always(
            streaming
                ? QwenBehavior.Endless("text/event-stream", "data: ", "x")
                : QwenBehavior.Endless("application/json", "{", " ")
        );
        var client = setup.Through(
            nginx,
            static options =>
            {
                options.MaxEventBytes = 100_000;
                options.MaxResponseBytes = 100_000;
            }
        );

        var failure = await Assert.ThrowsAsync<QwenException>(() => Ask.Async(client, streaming));

        Assert.Equal(QwenFailureKind.Protocol, failure.Kind);
        Assert.Contains("larger than 100000 bytes", failure.Message, StringComparison.Ordinal);
        Assert.Single(setup.Qwen.Journal.Chats);
    }
}
