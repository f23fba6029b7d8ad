using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Connectors.Qwen.Errors;
using Connectors.Qwen.UnitTests.Testing;
using Microsoft.Extensions.AI;

namespace Connectors.Qwen.UnitTests.Transport;

public class ArrivalTests
{
    private const string Event = "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"},\"index\":0}]}\n\n";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Interrupted_BeforeAnything_SaysSo(bool streaming)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handler = new ScriptedHandler().Then(async token =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            throw new InvalidOperationException("Never.");
        });

        var e = await Interrupt(handler, streaming, asked.Task);

        Assert.Equal("nothing had come", e.Phase);
        Assert.Equal("The wait for the server was cancelled: nothing had come.", e.Message);
    }

    // How many events had come, compression, streaming, what is said.
    [Theory]
    [InlineData(0, null, true, "the headers had come (HTTP 200), but no byte of the body")]
    [InlineData(0, null, false, "the headers had come (HTTP 200), but no byte of the body")]
    [InlineData(
        0,
        "gzip",
        true,
        "the headers had come (HTTP 200), but no byte of the body, compressed with gzip: a gateway may hold the stream back"
    )]
    [InlineData(1, null, true, "61 bytes had come")]
    [InlineData(20, null, true, "1,220 bytes had come")]
    [InlineData(20, "identity", true, "1,220 bytes had come")]
    [InlineData(20, null, false, "1,220 bytes had come")]
    public async Task Interrupted_DuringTheBody_SaysHowFarItWas(
        int events,
        string? encoding,
        bool streaming,
        string phase
    )
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Event, events)));

        var e = await Interrupt(bytes, encoding, streaming, HttpStatusCode.OK);

        Assert.Equal(phase, e.Phase);
    }

    [Fact]
    public async Task Interrupted_CompressedStream_CountsWhatCameOverTheNetwork()
    {
        var bytes = Compressed(string.Concat(Enumerable.Repeat(Event, 1000)));

        var e = await Interrupt(bytes, "gzip", streaming: true, HttpStatusCode.OK);

        Assert.InRange(bytes.Length, 20, 999);
        Assert.Equal(
            $"{bytes.Length} bytes had come, compressed with gzip: a gateway may hold the stream back",
            e.Phase
        );
    }

    [Fact]
    public async Task Interrupted_CompressedAnswer_IsNotCalledAStream()
    {
        var e = await Interrupt(new byte[] { 0x1f, 0x8b, 8 }, "gzip", streaming: false, HttpStatusCode.OK);

        Assert.Equal("3 bytes had come, compressed with gzip", e.Phase);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Interrupted_DuringTheWordsOfAnError_SaysTheStatus(bool streaming)
    {
        var e = await Interrupt([], null, streaming, HttpStatusCode.BadGateway);

        Assert.Equal("the headers had come (HTTP 502), but no byte of the body", e.Phase);
    }

    private static Task<WaitInterruptedException> Interrupt(
        byte[] bytes,
        string? encoding,
        bool streaming,
        HttpStatusCode status
    )
    {
        var body = new StalledStream(bytes);
        var content = new StreamContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(streaming ? "text/event-stream" : "application/json");
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        var handler = new ScriptedHandler(() => new HttpResponseMessage(status) { Content = content });
        return Interrupt(handler, streaming, body.Stalled);
    }

    private static async Task<WaitInterruptedException> Interrupt(ScriptedHandler handler, bool streaming, Task waiting)
    {
        using var source = new CancellationTokenSource();
        var client = RawClient.Over(handler);
        var call = streaming
            ? client.GetStreamingResponseAsync(Inner.Hello, null, source.Token).ToChatResponseAsync(source.Token)
            : client.GetResponseAsync(Inner.Hello, null, source.Token);
        await waiting;
        await source.CancelAsync();

        var e = await Assert.ThrowsAsync<WaitInterruptedException>(() => call);
        // Whoever looks for a cancellation finds what was always there.
        Assert.Equal(source.Token, e.CancellationToken);
        Assert.IsType<OperationCanceledException>(e.InnerException, exactMatch: false);
        Assert.True(call.IsCanceled);
        return e;
    }

    // All of it can be read, and the end does not come.
    private static byte[] Compressed(string text)
    {
        using var compressed = new MemoryStream();
        using var gzip = new GZipStream(compressed, CompressionLevel.Fastest);
        gzip.Write(Encoding.UTF8.GetBytes(text));
        gzip.Flush();
        return compressed.ToArray();
    }
}
