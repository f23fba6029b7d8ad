using System.IO.Compression;
using System.Net;
using System.Text;
using Connectors.Qwen.Transport;
using Connectors.Qwen.UnitTests.Testing;

namespace Connectors.Qwen.UnitTests.Transport;

public class BoundedStreamTests
{
    [Theory]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("GZIP")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("identity")]
    public async Task OpenAsync_CompressedAnswer_IsDecoded(string encoding)
    {
        var handler = new ScriptedHandler(() => Compressed(Answers.Completion, "application/json", encoding));

        Assert.Equal("Hello", (await RawClient.Over(handler).GetResponseAsync(Inner.Hello)).Text);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task OpenAsync_CompressedStream_IsDecodedAlthoughNotAskedFor(string encoding)
    {
        const string Events = """
            data: {"id":"r","choices":[{"delta":{"content":"Hello"},"finish_reason":"stop"}]}

            data: [DONE]


            """;

        var updates = await RawClient.ReadStream(() => Compressed(Events, "text/event-stream", encoding));

        Assert.Equal("Hello", updates.Text());
    }

    [Fact]
    public async Task OpenAsync_TwoEncodings_AreUndoneInReverse()
    {
        var inner = Compress(Encoding.UTF8.GetBytes(Answers.Completion), "gzip");
        var handler = new ScriptedHandler(() =>
            Answers
                .Bytes(Compress(inner, "br"), "application/json")
                .With("Content-Encoding", "gzip")
                .With("Content-Encoding", "br")
        );

        Assert.Equal("Hello", (await RawClient.Over(handler).GetResponseAsync(Inner.Hello)).Text);
    }

    [Fact]
    public async Task OpenAsync_UnknownEncoding_IsAProtocolFailure()
    {
        var e = await RawClient.FailureOfAnswer(() => Answers.Json("{}").With("Content-Encoding", "zstd"));

        Assert.Equal(QwenFailureKind.Protocol, e.Kind);
        Assert.StartsWith("The answer is compressed with 'zstd', which was not asked for.", e.Message);
    }

    [Theory]
    [InlineData("gzip", typeof(InvalidDataException))]
    [InlineData("br", typeof(InvalidOperationException))]
    [InlineData("deflate", typeof(InvalidDataException))]
    public async Task OpenAsync_DamagedCompression_IsAFailureOfOurs(string encoding, Type cause)
    {
        HttpResponseMessage Damaged(string mediaType)
        {
            return Answers
                .Text("neither of these formats, whatever one reads", mediaType, HttpStatusCode.OK)
                .With("Content-Encoding", encoding);
        }

        var answer = await RawClient.FailureOfAnswer(() => Damaged("application/json"));
        var stream = await RawClient.FailureOfStream(() => Damaged("text/event-stream"));

        Assert.Equal((QwenFailureKind.Protocol, QwenFailureKind.Protocol), (answer.Kind, stream.Kind));
        Assert.StartsWith("qwen.example sent damaged compressed data after 0 ", answer.Message);
        Assert.StartsWith("qwen.example sent damaged compressed data after 0 ", stream.Message);
        Assert.IsType(cause, answer.InnerException);
        Assert.IsType(cause, stream.InnerException);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task OpenAsync_ErrorWhoseWordsCannotBeRead_IsStillTheError(string encoding)
    {
        var e = await RawClient.FailureOfAnswer(() =>
            Answers
                .Text("not compressed", "text/plain", HttpStatusCode.ServiceUnavailable)
                .With("Content-Encoding", encoding)
        );

        Assert.Equal((QwenFailureKind.ServerError, HttpStatusCode.ServiceUnavailable), (e.Kind, e.StatusCode));
        Assert.Null(e.ServerMessage);
    }

    [Fact]
    public async Task ReadAsync_AnswerThatInflates_IsBoundedAfterDecompression()
    {
        // A few hundred bytes on the wire.
        var bomb = new string(' ', 1 << 20);
        var handler = new ScriptedHandler(() => Compressed(bomb, "application/json", "gzip"));
        var client = RawClient.Over(handler, o => o.MaxResponseBytes = 2048);

        var e = await Assert.ThrowsAsync<QwenException>(() => client.GetResponseAsync(Inner.Hello));

        Assert.Equal((QwenFailureKind.Protocol, true), (e.Kind, e.IsPermanent));
        Assert.Equal("The answer is larger than 2048 bytes. Raise MaxResponseBytes if that is expected.", e.Message);
    }

    [Fact]
    public async Task ReadAsync_AnswerOfExactlyTheLimit_IsRead()
    {
        var body = Answers.Completion.PadRight(2048);
        var client = RawClient.Over(new ScriptedHandler(() => Answers.Json(body)), o => o.MaxResponseBytes = 2048);

        Assert.Equal("Hello", (await client.GetResponseAsync(Inner.Hello)).Text);
    }

    [Fact]
    public async Task ReadAsync_EventWithoutEnd_IsBounded()
    {
        var e = await RawClient.FailureOfStream(
            () => Answers.Stream("data: " + new string('x', 100_000)),
            o => o.MaxEventBytes = 4096
        );

        Assert.Equal(QwenFailureKind.Protocol, e.Kind);
        Assert.Equal(
            "One event of the stream is larger than 4096 bytes. Raise MaxEventBytes if that is expected.",
            e.Message
        );
    }

    [Fact]
    public async Task ReadAsync_ManySmallEvents_AreEachCountedForThemselves()
    {
        var handler = new ScriptedHandler(() => Answers.Stream(Words(1000)));
        var client = RawClient.Over(handler, o => o.MaxEventBytes = 2048);

        var updates = await client.GetStreamingResponseAsync(Inner.Hello).ReadAllAsync();

        Assert.Equal(1000, updates.Text().Length);
    }

    [Fact]
    public async Task ReadAsync_ManySmallEvents_AreBoundedInTotal()
    {
        var e = await RawClient.FailureOfStream(() => Answers.Stream(Words(1000)), o => o.MaxResponseBytes = 10_000);

        Assert.StartsWith("The answer is larger than 10000 bytes.", e.Message);
    }

    [Fact]
    public async Task ReadAsync_EndOfAnEventStream_IsABlankLineOnce()
    {
        await using var stream = new BoundedStream(new MemoryStream("ab"u8.ToArray()), 100, endsEvents: true);
        var buffer = new byte[8];

        Assert.Equal(2, await stream.ReadAsync(buffer));
        Assert.False(stream.Ended);
        Assert.Equal(2, await stream.ReadAsync(buffer));
        Assert.Equal("\n\n", Encoding.UTF8.GetString(buffer, 0, 2));
        Assert.True(stream.Ended);
        Assert.Equal(0, await stream.ReadAsync(buffer));
    }

    [Fact]
    public async Task ReadAsync_EndOfAnotherBody_AddsNothing()
    {
        await using var stream = new BoundedStream(new MemoryStream("ab"u8.ToArray()), 100);
        using var reader = new StreamReader(stream);

        Assert.Equal("ab", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task ReadAsync_EmptyBuffer_IsNotTheEnd()
    {
        await using var stream = new BoundedStream(new MemoryStream("ab"u8.ToArray()), 100, endsEvents: true);

        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty));

        Assert.False(stream.Ended);
        Assert.Equal(2, await stream.ReadAsync(new byte[8]));
    }

    private static string Words(int count)
    {
        var word = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"index\":0}]}\n\n";
        return string.Concat(Enumerable.Repeat(word, count))
            + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    }

    private static HttpResponseMessage Compressed(string body, string mediaType, string encoding)
    {
        var bytes = Compress(Encoding.UTF8.GetBytes(body), encoding);
        return Answers.Bytes(bytes, mediaType, HttpStatusCode.OK).With("Content-Encoding", encoding);
    }

    private static byte[] Compress(byte[] body, string encoding)
    {
        using var compressed = new MemoryStream();
        using (Stream stream = Compressor(compressed, encoding))
        {
            stream.Write(body);
        }

        return compressed.ToArray();
    }

    private static Stream Compressor(MemoryStream target, string encoding)
    {
        return encoding switch
        {
            "br" => new BrotliStream(target, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(target, CompressionLevel.Fastest, leaveOpen: true),
            "identity" => new BufferedStream(target),
            _ => new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true),
        };
    }
}
